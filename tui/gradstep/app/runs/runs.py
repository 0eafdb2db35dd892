"""All runs of a program: which is alive, which is shown, and at which of its stops."""

from __future__ import annotations

from dataclasses import dataclass, field

from msgspec.structs import replace

from gradstep.app.runs.budget import Budget
from gradstep.app.runs.history import History
from gradstep.app.runs.words import edited_words
from gradstep.draw.terminal import Terminal
from gradstep.model.message import Clear, Edit, Until
from gradstep.model.moment import Line, Moment, Point
from gradstep.model.stop import EMPTY, Stop


@dataclass(frozen=True)
class MadeEdit:
    """An edit that was made in a run."""

    index: int
    """Of the stop at which the program waited."""
    phases: int
    """How many phases had ended by then."""
    edit: Edit
    before: Stop
    """The stop as it was before."""
    inside: bool = False
    """Within a phase, or while the program ran: it cannot be made again at the same place."""
    told: bool = True
    """It has changed something, or may have."""
    failed: bool = False
    """It ended in an error."""


@dataclass(eq=False)
class Run:
    """One run of the program."""

    number: int
    name: str
    history: History
    terminal: Terminal = field(default_factory=Terminal)
    """What it has printed."""
    edits: list[MadeEdit] = field(default_factory=list)
    """In their order, those inherited from the run it branched off from included."""
    parent: Run | None = None
    """The run from which it branched off."""
    branched: int = -1
    """Index of the stop at which it did."""
    device: str = ""
    """The default device that was asked for."""
    offset: int = 0
    """What is added to the program's own number of a stop."""

    @property
    def is_over(self) -> bool:
        """Whether its program has come to its end."""
        return self.history.last.phase == "end"

    def cleared(self, index: int) -> bool:
        """Whether gradients are cleared after each update from that stop on."""
        made = [made.edit.on for made in self.edits if isinstance(made.edit, Clear) and made.index <= index]
        return bool(made) and made[-1]

    def clears_itself(self) -> bool:
        """Whether a backward pass has followed an update, and none has ever found gradient that was used before."""
        updated = seen = False
        for stop in self.history.stops:
            updated |= stop.phase == "update"
            if updated and stop.phase == "backward" and not stop.light:
                seen = True
                if any(entry.stale for entry in stop.gradients.values()):
                    return False
        return seen

    def unrepeatable(self, index: int) -> str:
        """Why it cannot be run again up to that stop; empty if it can."""
        wrong = next((made for made in self.edits if made.inside and made.index <= index), None)
        if wrong is None:
            return ""
        return f"{self.name} was changed inside a phase, after stop {wrong.index:,}; it can be re-run only up to there"


class Runs:
    """The runs in the order in which they began; one is shown, at its newest stop or at an earlier one."""

    def __init__(self, budget: Budget | None = None) -> None:
        self.budget = budget or Budget()
        self.live = Run(1, "run 1", History(self.budget))
        """The run whose program exists, or existed last."""
        self.shown = self.live
        self.all = [self.live]
        self.at: int | None = None
        """Index of the stop that is shown; None for the newest."""
        self.recorded = False
        """They are of a recording: there is no program."""
        self.marked: tuple[Run, int] | None = None
        """A stop to compare others with."""

    # Runs

    def begin(self, name: str = "", parent: Run | None = None, branched: int = -1) -> Run:
        """A new run, whose program is to come; it is not shown yet unless the one that is alive was empty."""
        if not self.live.history:
            self.all.remove(self.live)
        number = max((run.number for run in self.all), default=0) + 1
        run = Run(number, self._unique(name or f"run {number}"), History(self.budget), parent=parent, branched=branched)
        self.all.append(run)
        self.live = run
        if self.shown not in self.all:
            self.show(run)
        return run

    def rename(self, run: Run, name: str) -> None:
        """Give it another name; a number is added where that is taken."""
        run.name = ""
        run.name = self._unique(name)

    def _unique(self, name: str) -> str:
        names = {run.name for run in self.all}
        numbered = (f"{name} ({number})" for number in range(2, len(names) + 3))
        return name if name not in names else next(other for other in numbered if other not in names)

    def drop(self, run: Run) -> bool:
        """Forget a run; not the one whose program exists."""
        if run is self.live:
            return False
        run.history.forget()
        self.all.remove(run)
        if self.marked is not None and self.marked[0] is run:
            self.marked = None
        if self.shown is run:
            self.show(self.live)
        return True

    def show(self, run: Run, index: int | None = None) -> None:
        """Show a run at one of its stops."""
        self.shown = run
        self.at = None if index is None or index == run.history.last.index else index

    # What comes

    def add(self, stop: Stop) -> None:
        """The next stop of the program."""
        run = self.live
        run.history.add(stop, run.terminal.count)
        self.make_room()

    def make_room(self) -> None:
        """Forget the oldest stops, of the oldest runs first, of what is alive and shown last."""
        while self.budget.is_over:
            others = [run for run in self.all if run not in (self.live, self.shown)]
            if not any(self._forget_oldest(run) for run in (*others, self.shown, self.live)):
                return

    def _forget_oldest(self, run: Run) -> bool:
        """Forget a stop, but none that is looked at."""
        looked_at = run is self.shown and run.history.first.index >= self.index
        return not looked_at and run.history.forget_oldest()

    def made(self, edit: Edit, waiting: bool = True, told: bool = True, failed: bool = False) -> None:
        """The program was changed where it stands."""
        stop = self.live.history.last
        inside = not (waiting and stop.whole)
        self.live.edits.append(MadeEdit(stop.index, stop.phases, edit, stop, inside, told, failed))

    def resume(self, run: Run, offset: int) -> None:
        """The newest run was the same as that one, which is alive again; it goes on in its place."""
        again, self.live = self.live, run
        run.offset = offset
        self.drop(again)
        self.show(run)

    # Where one looks

    @property
    def index(self) -> int:
        """Index of the stop that is shown."""
        if self.at is None:
            return self.shown.history.last.index
        return max(self.at, self.shown.history.first.index)

    @property
    def shown_stop(self) -> Stop:
        """The stop that is shown."""
        kept = self.shown.history.find(self.index)
        return kept.stop if kept is not None else EMPTY

    @property
    def past(self) -> bool:
        """Whether what is shown is not where the program stands."""
        return self.shown is not self.live or self.at is not None

    def go_to(self, index: int) -> None:
        """Show a stop of the run that is shown."""
        self.show(self.shown, index)

    def travel(self, step: int) -> bool:
        """So many stops further; False if there are no more."""
        before = self.index
        if self.shown.history:
            self.go_to(self.shown.history.beside(before, step).index)
        return self.index != before

    def forward(self, until: Until) -> bool:
        """Through history to the end of the next phase of that kind, else to the newest stop; False at the newest."""
        history = self.shown.history
        here = history.find(self.index)
        if here is None or here.stop.index == history.last.index:
            return False
        iteration = here.stop.iteration

        def fits(stop: Stop) -> bool:
            if until in ("op", "phase"):
                return until == "op" or stop.whole
            if until == "iteration":
                return stop.whole and stop.phase == "forward" and stop.iteration > iteration
            return stop.whole and stop.phase == until

        found = history.after(here.stop.index, fits)
        self.go_to(found.index if found is not None else history.last.index)
        return True

    def moment(self) -> Moment:
        """What the panes show."""
        run = self.shown
        moment = run.history.moment(None if self.at is None else self.index)
        name = run.history.name_of(moment.stop)
        others = [other for other in self.all if other is not run]
        lines = (Line(other.name, tuple(_curve(other, name))) for other in others)
        kept = run.history.find(moment.stop.index)
        printed = kept.printed if kept is not None and self.at is not None else -1
        return replace(
            moment, run=run.number, name=run.name if others else "", past=self.past, alive=run is self.live,
            recorded=self.recorded, printed=printed, others=tuple(line for line in lines if line.curve),
            cleared=run.cleared(moment.stop.index),
            edited=edited_words(made.edit for made in run.edits if made.told and made.index <= moment.stop.index),
        )  # fmt: skip


def _curve(run: Run, name: str) -> list[Point]:
    """The losses of that name; if none is named, of a run that has only one, that one."""
    curves = run.history.curves()
    return next(iter(curves.values())) if not name and len(curves) == 1 else curves.get(name, [])
