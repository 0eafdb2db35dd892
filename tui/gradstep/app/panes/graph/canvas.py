"""A drawing of a graph on the screen: its cells in the theme's colours, one box selected, scrolled into view."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Offset, Region, Size, Spacing
from textual.scroll_view import ScrollView
from textual.strip import Strip

from gradstep.draw.graph import Drawing, draw_graph
from gradstep.model.graph import Graph

ROLES = (
    "edge", "shape", "frame", "box", "name", "value", "gradient", "still", "muted", "bad", "changed", "selected"
)  # fmt: skip


class GraphCanvas(ScrollView, can_focus=True):
    """Shows one drawing, or some lines of text where there is none."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"graph-pane--{role}" for role in ROLES}
    DEFAULT_CSS = """
    GraphCanvas {
        border: round $border-blurred;
        border-title-color: $foreground;
        border-subtitle-color: $text-muted;
        background: $background;
        scrollbar-size-vertical: 1;
        scrollbar-size-horizontal: 1;
        &:focus { border: round $border; }
        &.-forward:focus { border: round $primary; }
        &.-backward:focus { border: round $warning; }
        &.-update:focus { border: round $success; }
        .graph-pane--edge, .graph-pane--box, .graph-pane--name, .graph-pane--still, .graph-pane--muted,
        .graph-pane--shape, .graph-pane--frame {
            color: $text-muted;
        }
        .graph-pane--value, .graph-pane--gradient { color: $foreground; }
        .graph-pane--bad { color: $text-error; text-style: bold; }
        .graph-pane--changed { color: $foreground; text-style: bold; }
        &.-forward .graph-pane--changed { color: $primary; }
        &.-backward .graph-pane--changed, &.-backward .graph-pane--gradient { color: $warning; }
        &.-update .graph-pane--changed { color: $success; }
        &.-fault .graph-pane--changed { color: $text-error; }
        .graph-pane--selected { background: $foreground 15%; }
    }
    """

    def __init__(self, text: Sequence[str] = (), *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.drawing = draw_graph(Graph())
        """What is shown."""
        self.selected = -1
        """Its box that is selected; -1 if there is none."""
        self._text = text

    def put(self, drawing: Drawing, selected: int, text: Sequence[str]) -> None:
        """Show a drawing with one of its boxes selected (none: -1); `text` where it is empty."""
        self.drawing, self.selected, self._text = drawing, selected, text
        self.virtual_size = Size(drawing.width, drawing.height)
        self.refresh()

    def mark(self, number: int) -> None:
        """Select a box: repaint it and the one before, and bring it into view."""
        for box in (self.selected, number):
            if box >= 0:
                self.refresh(self.region_of(box).translate(-self.scroll_offset))
        self.selected = number
        self.bring(number, Spacing(1, 1, 1, 1))

    def bring(self, number: int, spacing: Spacing) -> None:
        """Scroll as little as shows a box and some cells around it."""
        self.scroll_to_region(self.region_of(number), spacing=spacing, animate=False, force=True)

    def window(self) -> Region:
        """The cells of the drawing that are seen."""
        return Region(*self.scroll_offset, *self.scrollable_content_region.size)

    def region_of(self, number: int) -> Region:
        """The cells of a box, before scrolling."""
        box = self.drawing.boxes[number]
        return Region(box.x, box.y, box.width, box.height).translate(self._margin())

    def box_at(self, spot: Offset) -> int:
        """The box in a cell of the pane; -1 if there is none."""
        spot += self.scroll_offset
        boxes = range(len(self.drawing.nodes))
        return next((number for number in boxes if self.region_of(number).contains_point(spot)), -1)

    def _margin(self) -> Offset:
        """Where the drawing begins, so that a small one is in the middle."""
        size = self.scrollable_content_region.size
        return Offset(max(0, size.width - self.drawing.width) // 2, max(0, size.height - self.drawing.height) // 2)

    def render_line(self, y: int) -> Strip:
        """One line of the pane."""
        width = self.scrollable_content_region.width
        background = self.rich_style
        if not self.drawing.nodes:
            return self._message_line(y, width)
        margin = self._margin()
        runs = self.drawing.line(y + self.scroll_offset.y - margin.y, self.selected)
        segments = [Segment(" " * margin.x, background)]
        segments += [Segment(text, self._style(role) if role else background) for text, role in runs]
        left = self.scroll_offset.x
        return Strip(segments).crop_extend(left, left + width, background)

    def _style(self, role: str) -> Style:
        """The theme's style for a role of the drawing."""
        style: Style = self.get_component_rich_style(f"graph-pane--{role.removesuffix('*')}")
        if role.endswith("*"):
            selected = self.get_component_rich_style("graph-pane--selected")
            return style + Style(bgcolor=selected.bgcolor, bold=True)
        return style

    def _message_line(self, y: int, width: int) -> Strip:
        """One line of the text that stands where there is no graph."""
        style: Style = self.get_component_rich_style("graph-pane--muted")
        row = y - (self.scrollable_content_region.height - len(self._text)) // 2
        text = self._text[row] if 0 <= row < len(self._text) else ""
        return Strip([Segment(text.center(width)[:width], style)])
