"""The line in which Python is typed, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Input, Static

from gradstep.app.bindings import bindings
from gradstep.app.commands import DIALOG_COMMANDS
from gradstep.app.dialogs.dialog import LineDialog, box, field
from gradstep.app.runs.state import State
from gradstep.draw.prompt import HEIGHT, answer_lines


class PromptScreen(LineDialog[None]):
    """Stays open until it is closed: line after line is run, each with its answer above it."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(DIALOG_COMMANDS["prompt"])
    DEFAULT_CSS = f"""
    PromptScreen {{
        Vertical {{ max-height: {HEIGHT + 3}; }}
        Static {{ height: auto; text-wrap: nowrap; text-overflow: ellipsis; }}
    }}
    """

    def __init__(
        self, where: str, typed: Sequence[str], run: Callable[[str], None], interrupt: Callable[[], bool]
    ) -> None:
        super().__init__()
        self._where = where
        self._typed = typed
        self._run = run
        self._interrupt = interrupt
        self._back = 0
        """How many lines back from the end of those typed the one shown is."""
        self._draft = ""
        """What stood in the line before the first step back."""
        self._asked = ""

    def compose(self) -> ComposeResult:
        """The answer above the line."""
        with box(f"Python in {self._where}", ""):
            answer = Static()
            answer.display = False
            yield answer
            yield field(hint="lr = 0.005   w.grad   w.data[0] = 5   model.fc.weight.norm()")

    def on_mount(self) -> None:
        """Ready."""
        self.follow(State())

    def follow(self, state: State) -> None:
        """Say what enter and escape do now."""
        says = "enter runs · ↑ ↓ earlier lines · esc closes"
        if state.asking:
            says = "it reads a line: enter sends it · esc interrupts"
        elif state.editing:
            says = "running … · esc interrupts"
        self.say(keys=says)

    def tell(self, asked: str, text: str, error: bool) -> None:
        """Show an answer."""
        answer = self.query_one(Static)
        answer.display = True
        self.query_one(Input).placeholder = ""
        answer.update(Content("\n").join(answer_lines(asked, text, error)))

    def action_leave(self) -> None:
        """Interrupt what runs; if nothing does, close."""
        if not self._interrupt():
            self.dismiss()

    def action_earlier(self, step: int) -> None:
        """Bring back a line that was typed before."""
        field = self.query_one(Input)
        if not self._back:
            self._draft = field.value
        self._back = min(max(0, self._back + step), len(self._typed))
        field.value = self._typed[-self._back] if self._back else self._draft
        field.cursor_position = len(field.value)

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Run it; an empty line closes."""
        self._back = 0
        message.input.clear()
        if message.value.strip():
            self._run(message.value)
        elif not self._interrupt():
            self.dismiss()
