"""The line in which the name of a box is typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from gradstep.draw.numbers import count


class FindScreen(ModalScreen[str | None]):
    """Gives what was typed, or None; says how much it fits while it is typed."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Close")]
    DEFAULT_CSS = """
    FindScreen {
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

    def __init__(self, fits: Callable[[str], int], last: str = "") -> None:
        super().__init__()
        self._fits = fits
        self._last = last

    def compose(self) -> ComposeResult:
        """One line in a box."""
        box = Vertical()
        box.border_title = "Find in the graph"
        box.border_subtitle = "enter goes there · n N next, previous · esc closes"
        with box:
            yield Input(
                self._last, placeholder="a name, a part of it, or a pattern: attn  *.weight  relu_?", compact=True
            )

    def on_input_changed(self, message: Input.Changed) -> None:
        """Say how many names it fits."""
        text = message.value.strip()
        self.query_one(Vertical).border_title = (
            f"Find: {count(self._fits(text), 'match', 'matches')}" if text else "Find in the graph"
        )

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Give it."""
        self.dismiss(message.value.strip() or None)
