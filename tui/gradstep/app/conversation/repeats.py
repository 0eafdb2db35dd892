"""Again from here: the program runs a second time up to a stop, is compared on its way, and is changed there."""

from __future__ import annotations

from msgspec.structs import replace

from gradstep.app.conversation.edits import Edits
from gradstep.app.conversation.link import STARTING, Link
from gradstep.app.conversation.steps import Steps
from gradstep.app.runs.again import Again
from gradstep.app.runs.runs import Run
from gradstep.app.runs.words import again_name, branch_name
from gradstep.model.message import Clear, Edit, Evaluated, Event, Exited, Go, Refused, Statistics, Stopped, Until
from gradstep.model.stop import Stop

BITS_PATIENCE = 2.0
"""Seconds to wait for the checksum of the stop from which the second run goes on."""
FULL = 200
"""Phases up to which all stops of the other world are looked at, so that they can be gone through."""


SOON = 15.0
"""Seconds of running that are run again without a question."""


class Repeats:
    """An edit at a past stop begins a second run; so does the other world, with gradients cleared."""

    def __init__(self, link: Link, steps: Steps, edits: Edits) -> None:
        self._link = link
        self._steps = steps
        self._edits = edits
        self._again: Again | None = None
        self._world: Go | None = None
        self._verdict = ""

    @property
    def under_way(self) -> bool:
        """Whether a run is being repeated."""
        return self._again is not None

    def repeat(self, edit: Edit | None, until: Until | None = None) -> None:
        """Run again up to the stop that is shown, and there make an edit, or go on."""
        runs = self._link.runs
        run, stop = runs.shown, runs.shown_stop
        why = self._cannot(run, stop)
        if why:
            self._link.set(hint=why)
            return
        self._again = Again(run, stop, edit, until)
        name = branch_name(edit, stop) if edit is not None else again_name(run.name)
        new = runs.begin(name, run, stop.index)
        new.device = run.device
        runs.show(run, stop.index)
        self._link.set(clearing=False, again=f"again to stop {stop.index:,}")
        self._steps.start_again()

    def look_again(self) -> None:
        """Run again up to the stop that is shown, which was passed, and look at it and at those shortly before it."""
        if self._link.runs.shown_stop.light:
            self.repeat(None)
        else:
            self._link.set(hint="this stop was looked at; R is for those that the program ran past")

    def look_soon(self) -> None:
        """The same where a condition has stopped the program, if it is soon done; else say how it is done."""
        stops = self._link.runs.shown.history.stops
        seconds = sum(stop.seconds for stop in stops)
        if seconds < SOON:
            self.look_again()
        else:
            self._link.set(hint=f"{stops[-1].met}; R runs again up to here, {seconds:,.0f} s, to look at it")

    def worlds(self) -> None:
        """Run the program from its start with gradients cleared, or not cleared, as far as the run that is shown."""
        link, shown = self._link, self._link.runs.shown
        last = shown.history.last
        if link.restarting or not last.phases:
            link.set(hint=STARTING if link.restarting else "space first: nothing has run yet")
            return
        clearing = not shown.cleared(last.index)
        if clearing and shown.clears_itself():
            link.set(hint="the program clears its gradients itself, so both runs would be the same")
            return
        self._again = None
        self._world = Go("end" if shown.is_over else "stop", last.phases <= FULL, 0 if shown.is_over else last.phases)
        link.set(clearing=clearing, again="")
        link.runs.show(link.runs.begin("cleared" if clearing else "not cleared"))
        self._steps.start_again()

    def forget(self) -> None:
        """The program is begun again for another reason."""
        self._again, self._world = None, None
        self._link.set(again="")

    def give_up(self) -> None:
        """What is being repeated is not wanted any more."""
        if self._again is not None:
            self._again.cancelled = True
            self._again.problem = f"cancelled after {self._again.now.phases:,} phases"
            self._settle(self._again)

    def go_on(self) -> bool:
        """The program waits: let the other world run; False if there is none to be run."""
        link = self._link
        if self._world is None or link.state.mode != "waiting":
            return False
        link.until = "end"
        link.set(mode="running")
        link.source.send(self._world)
        self._world = None
        return True

    def _cannot(self, run: Run, stop: Stop) -> str:
        """Why the run cannot be repeated up to that stop; empty if it can."""
        if self._link.restarting:
            return STARTING
        if stop.phase == "end":
            return "the program has ended at this stop: ← goes to an earlier one"
        if not stop.whole:
            return "this stop is inside a phase; a run can be re-run up to the end of a phase only"
        if run.device != self._link.state.device:
            return f"{run.name} ran on another device: d first"
        return run.unrepeatable(stop.index)

    # What comes

    def take(self, event: Event) -> bool:
        """Take an event of a run that is being repeated; False if it is heard as any other."""
        again = self._again
        if again is None:
            return False
        match event:
            case Stopped(stop, waiting):
                self._take_stop(again, stop, waiting)
            case Statistics():
                self._link.history.complete(event)
                again.complete(event)
            case Evaluated():
                again.answered(event)
            case _:
                return False
        self._settle(again)
        return True

    def heard(self, event: Event) -> None:
        """An event was heard as any other."""
        again = self._again
        if again is not None:
            if isinstance(event, Exited | Refused):
                again.problem = again.problem or "the program ended before it came to that stop"
            self._settle(again)
        elif self._verdict and isinstance(event, Stopped | Exited) and self._link.state.mode in ("waiting", "ended"):
            self._link.set(hint=self._verdict)
            self._verdict = ""

    def _take_stop(self, again: Again, stop: Stop, waiting: bool) -> None:
        """A stop of the second run, on its way."""
        link = self._link
        link.runs.add(stop)
        for command in again.take(stop, waiting, link.history):
            link.source.send(command)
        done, total = stop.phases, again.target.phases
        mode = "waiting" if waiting and again.problem else "running" if stop.phase != "end" else link.state.mode
        link.set(mode=mode, again=f"again to stop {again.target.index:,}: phase {done:,} of {total:,}")

    def _settle(self, again: Again) -> None:
        """Go on where all is the same, or say what is not."""
        if self._again is not again:
            return
        if again.problem:
            self._differs(again)
        elif again.is_due and again.lacks_bits and not again.waited:
            self._link.host.later(BITS_PATIENCE, lambda: self._do_without_bits(again))
        elif again.is_due:
            self._same(again)

    def _do_without_bits(self, again: Again) -> None:
        again.waited = True
        self._settle(again)
        self._link.host.paint()

    def _same(self, again: Again) -> None:
        """The second run stands at the same stop: it shares all up to here, and goes on in its own way."""
        link, target = self._link, again.target
        run, offset = link.runs.live, target.index - again.now.index
        seen = [replace(stop, index=stop.index + offset) for stop in run.history.stops if not stop.light]
        self._again = None
        if again.then is None:
            run = again.of
            link.runs.resume(run, offset)
        else:
            run.history.forget()
            run.history, run.edits, run.offset = again.of.history.upto(target.index), list(again.edits), offset
            link.runs.show(run)
        if target.light:
            run.history.adopt(seen)
        link.set(mode="waiting", again="", clearing=run.cleared(target.index))
        if isinstance(again.then, Clear):
            self._edits.clear()
        elif again.then is not None:
            self._edits.branch = run
            self._edits.edit(again.then)
        elif again.until is not None:
            self._steps.go(again.until)
        elif target.met:
            link.set(hint=f"stopped here: {target.met}")

    def _differs(self, again: Again) -> None:
        """The program does not repeat itself: nothing is changed, and what it did is a run of its own."""
        link, run = self._link, self._link.runs.live
        self._again = None
        run.edits, run.parent = list(again.done), None
        link.runs.rename(run, again_name(again.of.name))
        self._verdict = again.problem if again.cancelled else f"the second run differs: {again.problem}"
        link.write(f"gradstep: {self._verdict}; nothing was changed\n", True)
        if link.state.mode == "running":
            link.source.pause()
        link.runs.show(run)
        link.set(again="", clearing=run.cleared(run.history.last.index), hint=self._verdict)
