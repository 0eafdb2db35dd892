"""The line in which the name of a box is typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Input

from gradstep.app.bindings import bindings
from gradstep.app.commands import DIALOG_COMMANDS
from gradstep.app.dialogs.dialog import LineDialog, box, field
from gradstep.draw.numbers import count


class FindScreen(LineDialog[str | None]):
    """Gives what was typed, or None; says how much it fits while it is typed."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(DIALOG_COMMANDS["find"])

    def __init__(self, fits: Callable[[str], int], last: str = "") -> None:
        super().__init__()
        self._fits = fits
        self._last = last

    def compose(self) -> ComposeResult:
        """One line in a box."""
        with box("Find in the graph", "enter goes there · n N next, previous · esc closes"):
            yield field(self._last, hint="a name, a part of it, or a pattern: attn  *.weight  relu_?")

    def on_input_changed(self, message: Input.Changed) -> None:
        """Say how many names it fits."""
        text = message.value.strip()
        self.say(f"Find: {count(self._fits(text), 'match', 'matches')}" if text else "Find in the graph")

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Give it."""
        self.dismiss(message.value.strip() or None)
