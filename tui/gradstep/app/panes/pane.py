"""What all panes of lines have in common: a border in the accent of the phase, and lines drawn when they are seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Size
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

from gradstep.app.bindings import moves
from gradstep.draw.text import middle
from gradstep.draw.why import unseen
from gradstep.model.moment import NOTHING, Moment

GONE = ("The program was gone before anything could be read.", "r runs it again; space stops at each phase.")
"""What stands in a pane at the end of a program that could not say its last."""


class Pane(ScrollView, can_focus=True):
    """Shows lines that are drawn from the moment and the pane's width."""

    HELP: ClassVar[str] = ""
    """What the pane shows, for the help screen."""
    BOUND: ClassVar[tuple[str, ...]] = ()
    """What of the screen's it shows besides the moment."""
    EMPTY: ClassVar[tuple[str, ...]] = ()
    """What stands in the pane when it has nothing to show: what will come, and which key brings it."""
    ENDED: ClassVar[tuple[str, ...]] = ()
    """The same once the program has ended."""
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = moves()
    DEFAULT_CSS = """
    Pane {
        border: round $foreground 25%;
        border-title-color: $foreground;
        border-subtitle-color: $text-muted;
        background: $background;
        padding: 0 0 0 1;
        scrollbar-gutter: stable;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size: 0 1;
        scrollbar-color: $foreground 20%;
        scrollbar-color-hover: $foreground 40%;
        scrollbar-color-active: $foreground 50%;
        scrollbar-background: $background;
        scrollbar-background-hover: $background;
        scrollbar-background-active: $background;
        &:focus { border: round $foreground; }
        &.-forward:focus { border: round $primary; }
        &.-backward:focus { border: round $warning; }
        &.-update:focus { border: round $success; }
    }
    """

    moment: reactive[Moment] = reactive(NOTHING, always_update=True)
    """What is shown."""

    _lines: Sequence[Content] = ()

    def draw(self, width: int, height: int) -> Sequence[Content]:
        """The lines, each at most `width` cells; none if there is nothing to show."""
        raise NotImplementedError

    def status(self) -> str:
        """One short line in the border."""
        return ""

    def watch_moment(self, moment: Moment) -> None:
        """Draw the new stop."""
        for phase in ("forward", "backward", "update"):
            self.set_class(moment.stop.ran == phase, f"-{phase}")
        self.redraw()

    def on_resize(self, event: events.Resize) -> None:
        """Draw at the new width."""
        self.redraw()

    def on_show(self) -> None:
        """Draw what has happened while another pane stood in front."""
        self.redraw()

    def redraw(self) -> None:
        """Draw the lines anew and show them."""
        width, height = self.scrollable_content_region.size
        if width <= 0 or height <= 0:
            return
        lines = self.draw(width, height)
        self._lines = lines or middle(self._empty(), height, width)
        self.border_subtitle = Content(self.status() if lines else "")
        self.virtual_size = Size(self.width_of(lines, width), len(self._lines))
        self.refresh()

    def _empty(self) -> tuple[str, ...]:
        """What is true of a pane without lines at this stop."""
        stop = self.moment.stop
        if self.moment.recorded and stop.phase == "end":
            return unseen(self.moment) if stop.light else self.ENDED[:1]
        if stop.phase == "end":
            return GONE if stop.light else self.ENDED
        return unseen(self.moment) if stop.light else self.EMPTY

    def width_of(self, lines: Sequence[Content], width: int) -> int:
        """Cells of the widest line, for panes that scroll sideways."""
        return width

    def render_line(self, y: int) -> Strip:
        """One line of the pane."""
        width = self.scrollable_content_region.width
        at = y + self.scroll_offset.y
        if not 0 <= at < len(self._lines):
            return Strip.blank(width, self.rich_style)
        strips = Visual.to_strips(self, self._lines[at], self.virtual_size.width, 1, self.visual_style, pad=True)
        left = self.scroll_offset.x
        return strips[0].crop_extend(left, left + width, self.rich_style)
