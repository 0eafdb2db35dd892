"""The list of the runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from gradstep.app.bindings import bindings
from gradstep.app.commands import DIALOG_COMMANDS
from gradstep.app.dialogs.dialog import Choices, Dialog, box
from gradstep.app.runs.budget import size_text
from gradstep.app.runs.runs import MadeEdit, Run, Runs
from gradstep.app.runs.words import edit_words
from gradstep.draw.runs import RunRow, run_lines


class RunsScreen(Dialog[Run | None]):
    """Gives the run that is to be shown, or None; d forgets one."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(DIALOG_COMMANDS["runs"])
    DEFAULT_CSS = """
    RunsScreen {
        Vertical { width: 110; max-width: 96%; }
        OptionList, OptionList:focus { background-tint: $background 0%; }
    }
    """

    def __init__(self, runs: Runs, changed: Callable[[], None]) -> None:
        super().__init__()
        self._runs = runs
        self._changed = changed

    def compose(self) -> ComposeResult:
        """One row a run."""
        budget = self._runs.budget
        kept = f"{size_text(budget.used)} of {size_text(budget.size)} kept"
        with box(f"Runs · {kept}", "enter shows it · d forgets it · esc closes"):
            yield Choices()

    def on_resize(self) -> None:
        """Fit the rows to the width."""
        self._fill(self._runs.all.index(self._runs.shown))

    def _fill(self, at: int) -> None:
        listed = self.query_one(Choices)
        listed.clear_options()
        width = min(110, int(self.size.width * 0.96)) - 6
        lines = run_lines([row_of(self._runs, run) for run in self._runs.all], width)
        listed.add_options([Option(text) for text in lines])
        listed.highlighted = min(at, len(lines) - 1)

    def on_option_list_option_selected(self, message: OptionList.OptionSelected) -> None:
        """Give it."""
        self.dismiss(self._runs.all[message.option_index])

    def action_forget(self) -> None:
        """Forget the run; the one whose program exists stays."""
        at = self.query_one(Choices).highlighted or 0
        if self._runs.drop(self._runs.all[at]):
            self._changed()
            self._fill(at)
        else:
            self.say(keys="this run's program is still here; r begins another")


def _place(made: MadeEdit) -> str:
    return f" at {made.index:,}" if made.index > 0 else " from the start"


def row_of(runs: Runs, run: Run) -> RunRow:
    """What the list says of a run."""
    last = run.history.last
    losses = [points[-1].value for points in run.history.curves().values() if points]
    value = last.loss.value if last.loss is not None else losses[-1] if losses else None
    edits = ", ".join(edit_words(made.edit) + _place(made) for made in run.edits if made.told)
    why = f"from {run.parent.name} at stop {run.branched:,}" if run.parent is not None else ""
    return RunRow(run.name, last.index + 1, value, edits, run is runs.shown, run is runs.live, why)
