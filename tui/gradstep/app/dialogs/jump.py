"""The line in which the number of a stop is typed."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input


class JumpScreen(ModalScreen[int | None]):
    """Gives the number of a stop that is kept, or None; negative numbers count from the newest."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Close")]
    DEFAULT_CSS = """
    JumpScreen {
        align: center bottom;
        background: $background 0%;
        Vertical {
            width: 100%;
            height: 3;
            border: round $primary;
            border-title-color: $foreground;
            border-subtitle-color: $text-muted;
            background: $background;
            padding: 0 1;
        }
        Input, Input:focus { border: none; background: $background; height: 1; padding: 0; }
    }
    """

    def __init__(self, oldest: int, newest: int) -> None:
        super().__init__()
        self._oldest = oldest
        self._newest = newest

    def compose(self) -> ComposeResult:
        """One line in a box."""
        box = Vertical()
        box.border_title = f"Go to stop {self._oldest:,} – {self._newest:,}"
        box.border_subtitle = "enter goes there · esc closes"
        field = Input(placeholder="its number; -1 is the newest, -2 the one before", compact=True)
        field.cursor_blink = False
        with box:
            yield field

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Give it, or say what is wrong with it."""
        text = message.value.strip().replace(",", "")
        if not text:
            self.dismiss(None)
            return
        number = int(text) if text.removeprefix("-").isdecimal() and text.isascii() else None
        index = self._newest + 1 + number if number is not None and number < 0 else number
        if index is None or not self._oldest <= index <= self._newest:
            box = self.query_one(Vertical)
            box.border_title = f"No stop {text}: there are {self._oldest:,} – {self._newest:,}"
        else:
            self.dismiss(index)
