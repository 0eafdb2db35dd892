"""Keys, panes and words on one page."""

from __future__ import annotations

from itertools import groupby
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from gradstep.app.bindings import bindings
from gradstep.app.commands import COMMANDS, DIALOG_COMMANDS, INSPECT, INSPECTOR_COMMANDS
from gradstep.app.debugger.workspace import class_of
from gradstep.app.inspector.grid import TensorGrid
from gradstep.app.panes.table import PANES
from gradstep.draw.text import MUTED, STRONG, line, prose

WORDS = {
    "phase": "forward, backward or update; the program stops at the end of each",
    "stop": "a moment at which the program is paused; the screen shows one stop",
    "iteration": "forward, backward, update; a new one begins with the first forward after an update",
    "leaf": "a tensor with requires_grad=True that no operation made: a weight, a parameter",
    "fresh": "the gradient that one backward pass deposits into .grad",
    "held": "the gradient that was in .grad before that pass",
    "now": "the gradient that is in .grad at this stop: held + fresh",
    "stale": "a held gradient that an update has already used and nobody cleared",
    "finding": "a statement about a stop, with its evidence in numbers and a remedy",
}
LABEL = 12
"""Cells of the left column."""


class HelpScreen(ModalScreen[None]):
    """A page to scroll; any of its keys closes it."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(DIALOG_COMMANDS["help"])
    DEFAULT_CSS = """
    HelpScreen {
        align: center middle;
        VerticalScroll {
            width: 96;
            max-width: 96%;
            height: 92%;
            border: round $primary;
            border-title-color: $foreground;
            border-subtitle-color: $text-muted;
            background: $background;
            padding: 0 2;
            scrollbar-size-vertical: 1;
            scrollbar-color: $foreground 20%;
            scrollbar-background: $background;
        }
        Static { height: auto; }
    }
    """

    def compose(self) -> ComposeResult:
        """The page in a box."""
        box = VerticalScroll()
        box.border_title = "Help"
        box.border_subtitle = "↑ ↓ scroll · esc closes"
        with box:
            yield Static(id="page")

    def on_resize(self) -> None:
        """Wrap to the width."""
        width = min(96, int(self.size.width * 0.96)) - 8
        self.query_one("#page", Static).update(Content("\n").join(help_lines(width)))


def help_lines(width: int) -> list[Content]:
    """The page as lines."""
    lines: list[Content] = []
    for group, commands in groupby(COMMANDS, key=lambda command: command.group):
        lines += [line(("Keys: " if not lines else "", STRONG), (group, STRONG))]
        for command in commands:
            lines += _entry(command.display, command.description, width)
    lines += [line(""), line((INSPECT, STRONG)), *prose(TensorGrid.HELP, width, MUTED, "  ", "  ")]
    for command in INSPECTOR_COMMANDS:
        lines += _entry(command.display, command.description, width) if command.group == INSPECT else []
    lines += [line(""), line(("Panes", STRONG))]
    for pane in PANES:
        lines += _entry(pane.title, class_of(pane).HELP, width)
    lines += [line(""), line(("Words", STRONG))]
    for word, meaning in WORDS.items():
        lines += _entry(word, meaning, width)
    return lines


def _entry(label: str, text: str, width: int) -> list[Content]:
    """A label, and its text wrapped beside it."""
    return prose(text, width, MUTED, (f"  {label:<{LABEL}}", "$text-primary"), " " * (LABEL + 2))
