"""The graph of the forward pass, with the boxes that the phase has touched in its accent."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events, work
from textual.binding import Binding, BindingType
from textual.geometry import Offset, Region, Size, Spacing
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from gradstep.app.messages import TensorChosen
from gradstep.draw.graph import Drawing, Structure, draw_graph, graph_at, touched_nodes
from gradstep.draw.graph import Size as BoxSize
from gradstep.model.graph import Graph
from gradstep.model.moment import NOTHING, Moment
from gradstep.model.stop import Stop

LARGE = 300
"""Graphs with more nodes than this are laid out in a thread."""
REMEMBERED = 8
"""Of how many structures the sizes of the boxes are remembered, so that they stay in place."""
ROLES = ("edge", "box", "name", "value", "gradient", "still", "muted", "bad", "changed", "selected")
NOT_YET = "The graph of the forward pass appears here.\n\nPress space to run it."
LIGHT = "The program ran through here without being looked at.\n\nPress space to run the next phase."
NO_GRAPH = "No graph was recorded at this stop."


class GraphPane(ScrollView, can_focus=True):
    """Draws `moment.stop.graph`; arrow keys walk from box to box."""

    HELP: ClassVar[str] = (
        "The operations of the forward pass, from leaves and inputs at the top to the loss at the bottom. Heavy boxes "
        "are leaves (what is trained), square ones inputs, round ones operations, the double one is the loss. "
        "∇ is the derivative of the loss by that tensor. ● marks what the last phase ran or changed. Arrow keys move "
        "the selection from box to box, shift and arrows scroll. Enter looks into the chosen one."
    )
    BORDER_TITLE = "Graph"
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"graph-pane--{role}" for role in ROLES}
    DEFAULT_CSS = """
    GraphPane {
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
        .graph-pane--edge, .graph-pane--box, .graph-pane--name, .graph-pane--still, .graph-pane--muted {
            color: $text-muted;
        }
        .graph-pane--value, .graph-pane--gradient { color: $foreground; }
        .graph-pane--bad { color: $text-error; text-style: bold; }
        .graph-pane--changed { color: $foreground; text-style: bold; }
        &.-forward .graph-pane--changed { color: $primary; }
        &.-backward .graph-pane--changed, &.-backward .graph-pane--gradient { color: $warning; }
        &.-update .graph-pane--changed { color: $success; }
        .graph-pane--selected { background: $foreground 15%; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "inspect_box", "Look into the box", show=False),
        *[Binding(key, f"select('{key}')", f"Box {key}", show=False) for key in ("up", "down", "left", "right")],
        *[
            Binding(f"shift+{key},ctrl+{key}", f"scroll_{key}", f"Scroll {key}", show=False)
            for key in ("up", "down", "left", "right")
        ],
    ]

    moment: reactive[Moment] = reactive(NOTHING)
    """What is shown."""

    @dataclass
    class NodeSelected(Message):
        """The user moved to a box."""

        name: str
        """Name of the tensor."""
        file: str
        """File of the line that made it; empty if unknown."""
        line: int
        """That line, from 1; 0 if unknown."""

    @dataclass
    class LaidOut(Message):
        """The thread has finished a large drawing."""

        shown: Stop
        """The stop that it shows."""
        drawing: Drawing

    def __init__(self, *, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._graph = Graph()
        self._drawing = draw_graph(self._graph)
        self._selected = -1
        self._room: dict[Structure, tuple[BoxSize, ...]] = {}
        self._text = NOT_YET.split("\n")

    # What is shown

    def watch_moment(self, moment: Moment) -> None:
        """Draw the new stop, in a thread if that may take long."""
        stop = moment.stop
        for phase in ("forward", "backward", "update"):
            self.set_class(stop.phase == phase and not stop.light, f"-{phase}")
        if len(stop.graph.nodes) > LARGE:
            self._draw_in_thread(stop, dict(self._room))
        else:
            self._show(stop, draw_graph(graph_at(stop), touched_nodes(stop), room=self._room))

    @work(thread=True, exclusive=True, group="graph")
    def _draw_in_thread(self, stop: Stop, room: dict[Structure, tuple[BoxSize, ...]]) -> None:
        self.post_message(self.LaidOut(stop, draw_graph(graph_at(stop), touched_nodes(stop), room=room)))

    def on_graph_pane_laid_out(self, message: LaidOut) -> None:
        """Show what the thread has drawn, unless the user has gone on."""
        message.stop()
        if message.shown is self.moment.stop:
            self._show(message.shown, message.drawing)

    def _show(self, stop: Stop, drawing: Drawing) -> None:
        """Put a drawing on the screen, the selection on the same node as before."""
        same = drawing.structure == self._drawing.structure
        chosen = self._name_of(self._selected)
        self._graph, self._drawing = stop.graph, drawing
        self._remember(drawing)
        if not same:
            names = [self._name_of(box) for box in range(len(drawing.nodes))]
            self._selected = names.index(chosen) if chosen and chosen in names else -1
        self._text = (LIGHT if stop.light else NOT_YET if stop.index <= 0 else NO_GRAPH).split("\n")
        self.border_subtitle = _summary(stop.graph, drawing)
        self.virtual_size = Size(drawing.width, drawing.height)
        self.refresh()
        self.call_after_refresh(self._follow, stop.phase)

    def _name_of(self, box: int) -> str:
        """Name of the (first) node in a box; empty if there is none."""
        nodes = self._drawing.nodes[box] if box >= 0 else ()
        return self._graph.nodes[nodes[0]].name if nodes else ""

    def _remember(self, drawing: Drawing) -> None:
        self._room.pop(drawing.structure, None)
        self._room[drawing.structure] = drawing.sizes
        if len(self._room) > REMEMBERED:
            del self._room[next(iter(self._room))]

    def _follow(self, phase: str) -> None:
        """Scroll to what matters: the loss after forward, else a leaf that changed, unless one is in view."""
        drawing = self._drawing
        if phase == "forward":
            boxes = [drawing.root] if drawing.root >= 0 else []
        else:
            leaves = [box for box in drawing.touched if drawing.labels[box].kind == "leaf"]
            boxes = sorted(leaves or drawing.touched)
        window = Region(*self.scroll_offset, *self.scrollable_content_region.size)
        if boxes and not any(window.contains_region(self._region(box)) for box in boxes):
            self.scroll_to_region(self._region(boxes[0]), spacing=Spacing(1, 2, 1, 2), animate=False, force=True)

    # Cells

    def _margin(self) -> Offset:
        """Where the drawing begins, so that a small one is in the middle."""
        size = self.scrollable_content_region.size
        return Offset(max(0, size.width - self._drawing.width) // 2, max(0, size.height - self._drawing.height) // 2)

    def _region(self, number: int) -> Region:
        """The cells of a box, before scrolling."""
        box = self._drawing.boxes[number]
        return Region(box.x, box.y, box.width, box.height).translate(self._margin())

    def render_line(self, y: int) -> Strip:
        """One line of the pane."""
        width = self.scrollable_content_region.width
        background = self.rich_style
        if not self._drawing.nodes:
            return self._message_line(y, width)
        margin = self._margin()
        runs = self._drawing.line(y + self.scroll_offset.y - margin.y, self._selected)
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

    # The user

    def action_select(self, direction: str) -> None:
        """Move to the nearest box in that direction; the first time, to the loss."""
        if not self._drawing.nodes:
            return
        if self._selected < 0:
            self._select(self._drawing.root if self._drawing.root >= 0 else 0)
            return
        found = _nearest(self._drawing, self._selected, direction)
        if found >= 0:
            self._select(found)

    def action_inspect_box(self) -> None:
        """Look into the tensor of the selected box; if none is selected, select one."""
        nodes = self._drawing.nodes[self._selected] if self._selected >= 0 else ()
        if nodes:
            self.post_message(TensorChosen(self._graph.nodes[nodes[0]].name, nodes[0]))
        else:
            self.action_select("up")

    def on_click(self, event: events.Click) -> None:
        """Select the box under the mouse."""
        spot = event.get_content_offset(self)
        if spot is None:
            return
        spot += self.scroll_offset
        for number in range(len(self._drawing.nodes)):
            if self._region(number).contains_point(spot):
                self._select(number)

    def _select(self, number: int) -> None:
        """Mark a box, repaint it and the one marked before, and tell."""
        for box in (self._selected, number):
            if box >= 0:
                self.refresh(self._region(box).translate(-self.scroll_offset))
        self._selected = number
        self.scroll_to_region(self._region(number), spacing=Spacing(1, 1, 1, 1), animate=False, force=True)
        nodes = self._drawing.nodes[number]
        if nodes:
            chosen = self._graph.nodes[nodes[0]]
            self.post_message(self.NodeSelected(chosen.name, chosen.file, chosen.line))


def _nearest(drawing: Drawing, start: int, direction: str) -> int:
    """The nearest box in a direction, sideways distance counting double; -1 if there is none."""
    here = drawing.boxes[start]

    def distance(number: int) -> tuple[int, int] | None:
        box = drawing.boxes[number]
        right = max(0, box.x - here.x - here.width + 1) - max(0, here.x - box.x - box.width + 1)
        down = max(0, box.y - here.y - here.height + 1) - max(0, here.y - box.y - box.height + 1)
        along, across = (down, right) if direction in ("up", "down") else (right, down)
        along = -along if direction in ("up", "left") else along
        if along <= 0:
            return None
        return along + 2 * abs(across), abs(2 * (box.x - here.x) + box.width - here.width)

    found = [(far, number) for number in range(len(drawing.boxes)) if (far := distance(number))]
    return min(found)[1] if found else -1


def _summary(graph: Graph, drawing: Drawing) -> str:
    """`6 ops · 3 leaves`."""
    if not graph.nodes:
        return ""
    kinds = Counter(node.kind for node in graph.nodes)
    parts = [_count(kinds["op"], "op", "ops"), _count(kinds["leaf"], "leaf", "leaves")]
    return " · ".join([*parts, f"last {kinds['op'] - drawing.hidden:,} shown"] if drawing.hidden else parts)


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
