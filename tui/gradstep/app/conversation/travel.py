"""Time: the stops already made and the runs they belong to. Nothing of it is told to the program."""

from __future__ import annotations

from collections.abc import Sequence

from gradstep.app.conversation.conditions import places_met
from gradstep.app.conversation.link import Link
from gradstep.app.runs.budget import size_text
from gradstep.app.runs.runs import Run
from gradstep.draw.numbers import count


class Travel:
    """Moves through history."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def look(self, hint: str = "") -> None:
        """Show what is looked at now, at once."""
        self._link.set(hint=hint)
        self._link.host.paint()

    def by(self, step: int) -> None:
        """To an earlier or a later stop."""
        if self._link.runs.travel(step):
            self.look()
        else:
            self._link.set(hint=self._edge(step))

    def to_first(self) -> None:
        """To the first stop that is kept."""
        runs = self._link.runs
        runs.go_to(runs.shown.history.first.index)
        self.look(self._forgotten())

    def to_last(self) -> None:
        """To the newest stop of the run that is shown."""
        runs = self._link.runs
        runs.go_to(runs.shown.history.last.index)
        self.look()

    def to_met(self, step: int, texts: Sequence[str]) -> None:
        """To the next (1) or the last (-1) stop, of those already made, at which one of the conditions was met."""
        runs = self._link.runs
        here = runs.index
        met = [stop.index for stop in places_met(texts, runs.shown.history.outlines)]
        found = [index for index in met if (index > here if step > 0 else index < here)]
        if found:
            runs.go_to(found[0] if step > 0 else found[-1])
            self.look()
        elif step > 0:
            self.to_last()
        else:
            self._link.set(hint="no condition was met before this stop; B lists them")

    def to_now(self) -> None:
        """To where the program stands."""
        self._link.runs.show(self._link.runs.live)
        self.look()

    def to(self, index: int) -> None:
        """To a stop of the run that is shown; to the oldest that is kept, if it is not."""
        runs = self._link.runs
        oldest = runs.shown.history.first.index
        runs.go_to(max(index, oldest))
        self.look(self._forgotten() if index < oldest else "")

    def show(self, run: Run | None) -> None:
        """Show another run; with none, look again at this one."""
        if run is not None:
            self._link.runs.show(run)
        self.look()

    def mark(self) -> None:
        """Remember this stop, to compare others with it."""
        runs = self._link.runs
        if runs.shown.history:
            runs.marked = (runs.shown, runs.index)
            hint = f"stop {runs.index:,} of {runs.shown.name} is marked: = compares others with it"
            self._link.set(hint=hint)

    def _edge(self, step: int) -> str:
        """Why one can go no further."""
        runs = self._link.runs
        if step < 0:
            return self._forgotten() or "this is the first stop"
        if runs.past:
            return f"this is the newest stop of {runs.shown.name}"
        return "this is the newest stop: space runs on" if self._link.source.live else "this is the last stop"

    def _forgotten(self) -> str:
        """What is said at the oldest stop, if older ones are gone."""
        runs = self._link.runs
        oldest = runs.shown.history.first.index
        if oldest <= 0:
            return ""
        limit = size_text(runs.budget.size)
        return f"{count(oldest, 'oldest stop')} dropped: the --history limit ({limit}) is reached"
