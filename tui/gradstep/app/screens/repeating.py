"""Again from here: the program runs a second time up to a stop, is compared on its way, and is changed there."""

from __future__ import annotations

from gradstep.app.again import Again
from gradstep.app.budget import Budget
from gradstep.app.runs import Run, again_name, branch_name
from gradstep.app.screens.editing import EditingScreen
from gradstep.model.message import (
    Clear,
    Edit,
    Evaluated,
    Event,
    Exited,
    Go,
    Ready,
    Refused,
    Statistics,
    Stopped,
    Swap,
    Until,
)
from gradstep.model.stop import Stop
from gradstep.source import Source

BITS_PATIENCE = 2.0
"""Seconds to wait for the checksum of the stop from which the second run goes on."""
FULL = 200
"""Phases up to which all stops of the other world are looked at, so that they can be gone through."""


class RepeatingScreen(EditingScreen):
    """An edit at a past stop begins a second run; so does the other world, with gradients cleared."""

    def __init__(self, source: Source, budget: Budget | None = None) -> None:
        super().__init__(source, budget)
        self._again: Again | None = None
        self._world: Go | None = None
        self._verdict = ""
        self._branch: Run | None = None
        """A run that has just branched off, for an edit whose answer is to come."""

    # What the user does

    def edit(self, edit: Edit) -> None:
        """Change the program at the stop that is shown; in the past, in a second run."""
        if self._again is not None:
            self._set(hint="it runs again: esc gives up")
        elif self.runs.past:
            self._repeat(edit)
        else:
            super().edit(edit)

    def action_clear(self) -> None:
        """Clear gradients after each update, or stop doing so."""
        if self._again is not None or self.runs.past:
            self.edit(Clear(not self.moment.cleared))
            return
        super().action_clear()
        if self.state.mode in ("waiting", "running", "pausing"):
            self.runs.made(Clear(self.state.clearing), waiting=self.state.mode == "waiting")

    def action_worlds(self) -> None:
        """Run the program from its start with gradients cleared, or not cleared, as far as the run that is shown."""
        shown, last = self.runs.shown, self.runs.shown.history.last
        if self._restarting or not last.phases:
            self._set(hint="it is starting: one moment" if self._restarting else "space first: nothing has run yet")
            return
        clearing = not shown.cleared(last.index)
        if clearing and shown.clears_itself():
            self._set(hint="the program clears its gradients itself: nothing would differ")
            return
        self._again = None
        self._world = Go("end" if shown.is_over else "stop", last.phases <= FULL, 0 if shown.is_over else last.phases)
        self._set(clearing=clearing, again="")
        self.runs.show(self.runs.begin("cleared" if clearing else "not cleared"))
        self._start_again()

    def _restart(self, device: str | None) -> None:
        self._again, self._world = None, None
        self._set(again="")
        super()._restart(device)
        self.runs.live.device = self.state.device

    def _pause(self) -> bool:
        """Give up what is being repeated, too."""
        if self._again is None:
            return super()._pause()
        self._again.problem = f"given up after {self._again.now.phases:,} phases"
        self._settle(self._again)
        return True

    # Again

    def _repeat(self, edit: Edit | None, until: Until | None = None) -> None:
        """Run again up to the stop that is shown, and there make an edit, or go on."""
        run, stop = self.runs.shown, self.runs.shown_stop
        why = self._cannot(run, stop)
        if why:
            self._set(hint=why)
            return
        self._again = Again(run, stop, edit, until)
        new = self.runs.begin(branch_name(edit, stop) if edit is not None else again_name(run), run, stop.index)
        new.device = run.device
        self.runs.show(run, stop.index)
        self._set(clearing=False, again=f"again to stop {stop.index:,}")
        self._start_again()

    def _cannot(self, run: Run, stop: Stop) -> str:
        """Why the run cannot be repeated up to that stop; empty if it can."""
        if self._restarting:
            return "it is starting: one moment"
        if stop.phase == "end":
            return "the program has ended at this stop: ← goes to an earlier one"
        if not stop.whole:
            return "this stop is inside a phase: a run can be repeated up to the end of one"
        if run.device != self.state.device:
            return f"{run.name} ran on another device: d first"
        return run.unrepeatable(stop.index)

    def _begin(self, ready: Ready) -> None:
        super()._begin(ready)
        self.runs.live.device = self.state.device

    def _go_on(self) -> None:
        if self._world is not None and self.state.mode == "waiting":
            self._until = "end"
            self._set(mode="running")
            self.source.send(self._world)
            self._world = None
        else:
            super()._go_on()

    def _take(self, event: Event) -> None:
        again = self._again
        if again is None or (self._restarting and not isinstance(event, Ready | Refused)):
            super()._take(event)
            self._say_verdict(event)
            return
        match event:
            case Stopped(stop, waiting):
                self._take_again(again, stop, waiting)
            case Statistics():
                self.history.complete(event)
                again.complete(event)
            case Evaluated():
                again.answered(event)
            case _:
                super()._take(event)
        if isinstance(event, Exited | Refused):
            again.problem = again.problem or "the program was gone before it came there"
        self._settle(again)

    def _take_again(self, again: Again, stop: Stop, waiting: bool) -> None:
        """A stop of the second run, on its way."""
        self.runs.add(stop)
        for command in again.take(stop, waiting, self.history):
            self.source.send(command)
        done, total = stop.phases, again.target.phases
        mode = "waiting" if waiting and again.problem else "running" if stop.phase != "end" else self.state.mode
        self._set(mode=mode, again=f"again to stop {again.target.index:,}: phase {done:,} of {total:,}")

    def _settle(self, again: Again) -> None:
        """Go on where all is the same, or say what is not."""
        if self._again is not again:
            return
        if again.problem:
            self._differs(again)
        elif again.is_due and again.lacks_bits and not again.waited:
            self.set_timer(BITS_PATIENCE, lambda: self._do_without_bits(again))
        elif again.is_due:
            self._same(again)

    def _do_without_bits(self, again: Again) -> None:
        again.waited = True
        self._settle(again)
        self._paint()

    def _same(self, again: Again) -> None:
        """The second run stands at the same stop: it shares all up to here, and goes on in its own way."""
        run, target = self.runs.live, again.target
        offset = target.index - again.now.index
        self._again = None
        if again.then is None:
            run = again.of
            self.runs.resume(run, offset)
        else:
            run.history.forget()
            run.history, run.edits, run.offset = again.of.history.upto(target.index), list(again.edits), offset
            self.runs.show(run)
        if target.light:
            run.history.put(again.seen(target.index))
        self._set(mode="waiting", again="", clearing=run.cleared(target.index))
        if isinstance(again.then, Clear):
            self.action_clear()
        elif again.then is not None:
            self._branch = run
            super().edit(again.then)
        elif again.until is not None:
            self.action_go(again.until)

    def _take_answer(self, answer: Evaluated) -> None:
        """Name a run after what was to be changed in it only if something was."""
        super()._take_answer(answer)
        run, self._branch = self._branch, None
        idle = answer.stop is None and (answer.error or isinstance(answer.edit, Swap))
        if idle and run is self.runs.live and run.parent is not None:
            self.runs.rename(run, again_name(run.parent))

    def _differs(self, again: Again) -> None:
        """The program does not repeat itself: nothing is changed, and what it did is a run of its own."""
        run = self.runs.live
        self._again = None
        run.edits, run.parent = list(again.done), None
        self.runs.rename(run, again_name(again.of))
        self._verdict = f"not the same run: {again.problem}"
        self._write(f"gradstep: {self._verdict}; nothing was changed\n", True)
        if self.state.mode == "running":
            self.source.pause()
        self.runs.show(run)
        self._set(again="", clearing=run.cleared(run.history.last.index), hint=self._verdict)

    def _say_verdict(self, event: Event) -> None:
        """Say once more why the run is another, now that it waits."""
        if self._verdict and isinstance(event, Stopped | Exited) and self.state.mode in ("waiting", "ended"):
            self._set(hint=self._verdict)
            self._verdict = ""
