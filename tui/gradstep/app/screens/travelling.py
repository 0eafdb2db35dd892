"""Time: the stops already made, the runs they belong to, and two of them side by side."""

from __future__ import annotations

from typing import Literal

from gradstep.app.budget import size_text
from gradstep.app.panes.loss import LossPane
from gradstep.app.runs import Run
from gradstep.app.screens.repeating import RepeatingScreen
from gradstep.draw.numbers import count
from gradstep.model.message import Until


class TravellingScreen(RepeatingScreen):
    """Moves through history; nothing of it is told to the program."""

    def action_travel(self, step: int) -> None:
        """To an earlier or a later stop."""
        if self.runs.travel(step):
            self._look()
        else:
            self._set(hint=self._edge(step))

    def action_edge(self, where: Literal["first", "last"]) -> None:
        """To the first stop that is kept, or to the newest."""
        history = self.runs.shown.history
        self.runs.go_to(history.first.index if where == "first" else history.last.index)
        self._look(self._forgotten() if where == "first" else "")

    def action_go(self, until: Until) -> None:
        """In the past forward through history; else let the program run."""
        if self._again is not None:
            self._set(hint="it runs again: esc gives up")
        elif self.runs.past:
            self._forward(until)
        else:
            super().action_go(until)

    def _forward(self, until: Until) -> None:
        run = self.runs.shown
        if self.runs.forward(until):
            self._look()
        elif run.is_over:
            self._set(hint=f"{run.name} has ended here; an edit at an earlier stop begins another run")
        else:
            self._repeat(None, until)

    def action_jump(self) -> None:
        """Ask for the number of a stop."""
        from gradstep.app.screens.jump import JumpScreen

        history = self.runs.shown.history
        if history:
            self.app.push_screen(JumpScreen(history.first.index, history.last.index), self._jump)

    def _jump(self, index: int | None) -> None:
        if index is not None:
            self.runs.go_to(index)
            self._look()

    def on_loss_pane_point_chosen(self, message: LossPane.PointChosen) -> None:
        """Go to the stop that computed a loss."""
        oldest = self.runs.shown.history.first.index
        self._jump(max(message.index, oldest))
        if message.index < oldest:
            self._set(hint=self._forgotten())

    def action_pause(self) -> None:
        """Stop what runs, or come back from the past."""
        if not self._pause() and self.runs.past:
            self.runs.show(self.runs.live)
            self._look()

    def action_runs(self) -> None:
        """List the runs."""
        from gradstep.app.screens.runs import RunsScreen

        self.app.push_screen(RunsScreen(self.runs, self._look), self._show_run)

    def _show_run(self, run: Run | None) -> None:
        if run is not None:
            self.runs.show(run)
        self._look()

    def action_mark(self) -> None:
        """Remember this stop, to compare others with it."""
        if self.runs.shown.history:
            self.runs.marked = (self.runs.shown, self.runs.index)
            self._set(hint=f"stop {self.runs.index:,} of {self.runs.shown.name} is marked: = compares others with it")

    def action_compare(self) -> None:
        """Two stops side by side."""
        from gradstep.app.screens.compare import CompareScreen

        if CompareScreen.others(self.runs):
            self.app.push_screen(CompareScreen(self.runs))
        else:
            self._set(hint="nothing to compare with: * marks a stop, w or an edit in the past makes another run")

    def _look(self, hint: str = "") -> None:
        """Show what is looked at now, at once."""
        self._set(hint=hint)
        self._paint()

    def _edge(self, step: int) -> str:
        """Why one can go no further."""
        if step < 0:
            return self._forgotten() or "this is the first stop"
        return f"this is the newest stop of {self.runs.shown.name}" if self.runs.past else "now: space runs on"

    def _forgotten(self) -> str:
        """What is said at the oldest stop, if older ones are gone."""
        oldest = self.runs.shown.history.first.index
        if oldest <= 0:
            return ""
        room = size_text(self.runs.budget.size)
        return f"{count(oldest, 'older stop')} forgotten: --history {room} is full"
