"""The line in which the number of a stop is typed."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Input

from gradstep.app.bindings import bindings
from gradstep.app.commands import DIALOG_COMMANDS
from gradstep.app.dialogs.dialog import LineDialog, box, field


class JumpScreen(LineDialog[int | None]):
    """Gives the number of a stop that is kept, or None; negative numbers count from the newest."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(DIALOG_COMMANDS["jump"])

    def __init__(self, oldest: int, newest: int) -> None:
        super().__init__()
        self._oldest = oldest
        self._newest = newest

    def compose(self) -> ComposeResult:
        """One line in a box."""
        with box(f"Go to stop {self._oldest:,} – {self._newest:,}", "enter goes there · esc closes"):
            yield field(hint="its number; -1 is the newest, -2 the one before")

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Give it, or say what is wrong with it."""
        text = message.value.strip().replace(",", "")
        if not text:
            self.dismiss(None)
            return
        number = int(text) if text.removeprefix("-").isdecimal() and text.isascii() else None
        index = self._newest + 1 + number if number is not None and number < 0 else number
        if index is None or not self._oldest <= index <= self._newest:
            self.say(f"No stop {text}: there are {self._oldest:,} – {self._newest:,}")
        else:
            self.dismiss(index)
