"""What the program prints, and what it reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import DescendantFocus
from textual.reactive import reactive
from textual.widgets import Input

from gradstep.app.messages import InputAnswered
from gradstep.app.panes.pane import Pane
from gradstep.app.runs.state import State
from gradstep.draw.numbers import count
from gradstep.draw.terminal import Printed, Terminal
from gradstep.draw.text import chop, line
from gradstep.model.moment import NOTHING, Moment


class Printout(Pane):
    """The newest lines of a terminal; stays at the end unless the user has scrolled up."""

    EMPTY: ClassVar[tuple[str, ...]] = (
        "What the program prints appears here.",
        "Where it waits for input(), a line opens below.",
    )
    ENDED: ClassVar[tuple[str, ...]] = ("The program has printed nothing.",)

    def __init__(self) -> None:
        super().__init__()
        self.terminal = Terminal()
        """What it shows."""
        self.upto = -1
        """How many lines had been printed at the stop that is looked at; -1 for all that there are."""
        self._wrapped: dict[str, list[str]] = {}
        """The lines that do not fit, in rows."""
        self._width = 0
        """Of those rows."""

    def draw(self, width: int, height: int) -> Sequence[Content]:
        """The lines, wrapped; made when they are seen."""
        at_end = self.scroll_offset.y >= self.virtual_size.height - height - 1
        rows = self._rows(width - 2)
        if at_end:
            self.call_after_refresh(self.scroll_end, animate=False, immediate=True)
        return Rows(rows) if rows else ()

    def _rows(self, width: int) -> list[Printed]:
        """The lines in rows of that width; those that had to be wrapped the last time are not wrapped again."""
        before, self._wrapped = self._wrapped if width == self._width else {}, {}
        self._width = width
        rows: list[Printed] = []
        for text, error in self.printed():
            if text.isascii() and len(text) <= width:
                rows.append((text, error))
                continue
            parts = self._wrapped[text] = before.get(text) or chop(text, width)
            rows += [(part, error) for part in parts]
        return rows

    def printed(self) -> list[Printed]:
        """The lines up to the stop, as far as they are kept."""
        lines = list(self.terminal.lines)
        later = self.terminal.count - self.upto if self.upto >= 0 else 0
        return lines[: max(0, len(lines) - later)]


class Rows(Sequence[Content]):
    """Rows of print as content, made one by one."""

    def __init__(self, rows: list[Printed]) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, at: int) -> Content:  # type: ignore[override]
        text, error = self._rows[at]
        return line(("! ", "$text-error"), (text, "$text-error")) if error else line("  ", text)

    def __iter__(self) -> Iterator[Content]:
        return (self[at] for at in range(len(self._rows)))


class ConsolePane(Vertical):
    """The program's standard output and error; while it asks, a line for its standard input."""

    HELP: ClassVar[str] = (
        "What the program prints; ! marks what it wrote to stderr. Where it waits for input(), a line opens below: k "
        "or enter goes there, esc comes back. enter also opens it ahead of time."
    )
    BOUND: ClassVar[tuple[str, ...]] = ("state",)
    DEFAULT_CSS = """
    ConsolePane {
        border: round $foreground 25%;
        border-title-color: $foreground;
        border-subtitle-color: $text-muted;
        background: $background;
        &:focus-within { border: round $foreground; }
        &.-forward:focus-within { border: round $primary; }
        &.-backward:focus-within { border: round $warning; }
        &.-update:focus-within { border: round $success; }
        Printout, Printout:focus { border: none; padding: 0; height: 1fr; }
        Input, Input:focus { height: 1; border: none; padding: 0 1; background: $surface; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "answer", "Answer input()", show=False),
        Binding("escape", "back", "Back to the output", show=False),
    ]

    moment: reactive[Moment] = reactive(NOTHING, always_update=True)
    """Only its phase is shown, in the border."""
    state: reactive[State] = reactive(State())
    """Its seed is shown in the border; whether the program waits for input, in the line below."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._printout = Printout()

    def compose(self) -> ComposeResult:
        """Output above, input below."""
        yield self._printout
        answer = Input(compact=True)
        answer.cursor_blink = False
        answer.can_focus = answer.display = False
        yield answer

    def show(self, terminal: Terminal, upto: int = -1) -> None:
        """Paint what a run has printed up to a stop."""
        self._printout.terminal, self._printout.upto = terminal, upto
        self._printout.redraw()
        self.border_subtitle = self._status()

    def watch_moment(self, moment: Moment) -> None:
        """Take the accent of the phase."""
        for phase in ("forward", "backward", "update"):
            self.set_class(moment.stop.ran == phase, f"-{phase}")

    def watch_state(self, state: State) -> None:
        """Show the seed, and open the line below while the program asks."""
        self.border_subtitle = self._status()
        if self.is_mounted:
            self._open(self.query_one(Input).has_focus)

    def action_answer(self) -> None:
        """Go to the line below."""
        self._open(True)
        self.query_one(Input).focus()

    def _open(self, typing: bool) -> None:
        """Show the line below while the program asks, or while something is typed there."""
        answer = self.query_one(Input)
        answer.can_focus = answer.display = typing or self.state.asking
        asked = "enter sends the line that it waits for" if typing else "k: answer input()"
        answer.placeholder = asked if self.state.asking else "nothing asks: the next input() gets this line · esc"

    def action_back(self) -> None:
        """Go back to the output."""
        self._printout.focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Escape is ours only while something is typed."""
        return self.query_one(Input).has_focus if action == "back" else True

    def on_input_blurred(self, message: Input.Blurred) -> None:
        """Keys are commands again; only enter comes back."""
        self._open(False)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """A click comes to the line, too."""
        self._open(isinstance(event.widget, Input))

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Tell what was typed."""
        message.stop()
        message.input.clear()
        self.post_message(InputAnswered(message.value))

    def _status(self) -> str:
        printout = self._printout
        lines = len(printout.printed())
        all_lines = printout.terminal.count if printout.upto < 0 else printout.upto
        parts = [
            count(lines, "line") if lines else "",
            f"seed {self.state.seed}" if self.state.seed is not None else "",
        ]
        if all_lines > lines:
            parts[0] = f"last {lines:,} of {all_lines:,} lines" if lines else ""
        return " · ".join(part for part in parts if part)
