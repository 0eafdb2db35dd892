"""The line in which the name of a box, or of a row, is typed."""

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

    def __init__(self, fits: Callable[[str], int], last: str = "", rows_of: str = "") -> None:
        """`fits`: how many names a pattern fits. `rows_of`: the pane of which only rows that fit are to be shown."""
        super().__init__()
        self._fits = fits
        self._last = last
        self._rows_of = rows_of
        self._title = f"Show rows of {rows_of}" if rows_of else "Find in the graph"

    def compose(self) -> ComposeResult:
        """One line in a box."""
        keys = "enter shows them, none: all" if self._rows_of else "enter goes there · n N next, previous"
        with box(self._title, f"{keys} · esc closes"):
            yield field(self._last, hint="a name, a part of it, or a pattern: attn  *.weight  relu_?")

    def on_input_changed(self, message: Input.Changed) -> None:
        """Say how many names it fits."""
        text = message.value.strip()
        what = "Rows" if self._rows_of else "Find"
        self.say(f"{what}: {count(self._fits(text), 'match', 'matches')}" if text else self._title)

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Give it."""
        text = message.value.strip()
        self.dismiss(text if text or self._rows_of else None)
