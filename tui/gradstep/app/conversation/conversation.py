"""The conversation with a program: what the user wants goes in, and what the program tells; a new state comes out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import singledispatchmethod

from gradstep.app.conversation.conditions import Waits
from gradstep.app.conversation.edits import Edits
from gradstep.app.conversation.link import STARTING, Host, Link
from gradstep.app.conversation.rate import IterationRate
from gradstep.app.conversation.repeats import Repeats
from gradstep.app.conversation.steps import Steps
from gradstep.app.conversation.travel import Travel
from gradstep.app.runs.budget import Budget
from gradstep.app.runs.offset import heard
from gradstep.model.message import (
    Asked,
    Clear,
    Edit,
    Evaluate,
    Evaluated,
    Event,
    Exited,
    Fetched,
    FileText,
    Notice,
    Output,
    Probe,
    Probed,
    Ready,
    Refused,
    Statistics,
    Stopped,
    Until,
)
from gradstep.model.moment import Moment
from gradstep.source import Source

PAINT_EVERY = 1 / 12
"""Seconds between two paintings while the program runs on."""
SPAN, BREATH = 0.02, 0.02
"""Seconds for which events are heard without a pause, and of such a pause, in which keys are answered."""
AGAIN = "re-running up to this stop; Esc cancels"


class Conversation:
    """Without a screen: `host` shows what it says."""

    def __init__(self, source: Source, host: Host, budget: Budget | None = None, until: Sequence[str] = ()) -> None:
        self.link = Link(source, host, budget)
        self.waits = Waits(self.link, until)
        self.steps = Steps(self.link, self.waits)
        self.edits = Edits(self.link, self.steps)
        self.repeats = Repeats(self.link, self.steps, self.edits)
        self.travel = Travel(self.link)
        self.asked: Probe | None = None
        """The gradient by finite differences that is still to come."""
        self._checked: Probed | None = None
        """The one of the stop at which the program waits."""
        self._painting = False
        self._rate = IterationRate()

    # What is looked at

    @property
    def moment(self) -> Moment:
        """What the panes show."""
        return self.link.runs.moment()

    @property
    def probed(self) -> Probed | None:
        """The gradient by finite differences of the stop that is shown; None if there is none."""
        return self._checked if self.link.runs.shown is self.link.runs.live else None

    @property
    def hears(self) -> bool:
        """Whether something has come that is not shown yet."""
        return self._painting or len(self.link.inbox) > 0

    # What the program tells

    def hear(self) -> None:
        """Take what has come, for as long as a key may wait; show it at once where the program waits, else at times."""
        link, since = self.link, time.perf_counter()
        heard_any = urgent = late = False
        while not late and (event := link.inbox.take()) is not None:
            if isinstance(event, Ready | Stopped | Evaluated):
                self.asked = self._checked = None
            self._take(heard(event, link.runs.live.offset))
            heard_any, urgent = True, urgent or not isinstance(event, Output)
            late = time.perf_counter() - since > SPAN
        if late:
            link.host.later(BREATH, self.hear)
        if urgent and link.state.mode in ("waiting", "ended"):
            link.host.paint()
            if not self.repeats.go_on():
                self.steps.go_on()
        elif heard_any and not self._painting:
            self._painting = True
            link.host.later(PAINT_EVERY, self._paint)

    def _paint(self) -> None:
        self._painting = False
        link = self.link
        if link.state.mode == "running" and not link.state.again:
            link.set(hint=link.state.hint, rate=self._rate.at(time.monotonic(), link.history.last.iteration))
        link.host.paint()

    def _take(self, event: Event) -> None:
        if self.link.restarting and not isinstance(event, Ready | Refused | FileText):
            return
        if not self.repeats.take(event):
            self._hear(event)
            self.repeats.heard(event)

    @singledispatchmethod
    def _hear(self, event: Event) -> None:
        """Take one event into the runs and the state: a function for each kind of message."""
        raise TypeError(event)

    @_hear.register
    def _(self, event: Ready) -> None:
        link = self.link
        link.restarting = False
        link.set(mode="running", ended="", seed=event.seed, devices=event.devices, editing=False)
        if link.state.clearing:
            link.source.send(Clear(True))
            link.runs.made(Clear(True))
        link.runs.live.device = link.state.device

    @_hear.register
    def _(self, event: Stopped) -> None:
        self.link.runs.add(event.stop)
        if event.waiting:
            self._rate.begin()
            met = event.stop.met
            self.link.set(mode="waiting", asking=False, rate=0.0, hint=f"stopped here: {met}" if met else "")
            self.waits.note(event.stop)
            if met and event.stop.light:
                self.repeats.look_soon()
        elif self.link.state.asking:
            self.link.set(asking=False)

    @_hear.register
    def _(self, event: Statistics) -> None:
        self.link.history.complete(event)

    @_hear.register
    def _(self, event: Fetched) -> None:
        if self.link.runs.shown is self.link.runs.live:
            self.link.host.fetched(event)

    @_hear.register
    def _(self, event: Probed) -> None:
        self._checked, self.asked = event, None

    @_hear.register
    def _(self, event: Evaluated) -> None:
        self.edits.answered(event)

    @_hear.register
    def _(self, _event: Asked) -> None:
        self.link.set(asking=True)

    @_hear.register
    def _(self, event: Output) -> None:
        self.link.write(event.text, event.error)

    @_hear.register
    def _(self, event: FileText) -> None:
        self.link.files = {**self.link.files, event.path: event}
        self.link.host.files_changed(self.link.files)

    @_hear.register
    def _(self, event: Notice) -> None:
        self.link.write(f"gradstep: {event.text}\n", True)
        self.link.set(hint=event.text)

    @_hear.register
    def _(self, event: Refused) -> None:
        self.link.restarting = False
        self.link.history.refuse(event.text)
        self.link.set(mode="ended", ended="not started")

    @_hear.register
    def _(self, event: Exited) -> None:
        self.link.history.cut_off(event)
        self.link.set(mode="ended", ended=event.signal or f"exit code {event.code}", asking=False, queued="")
        self.edits.ended()

    # What the user does

    def go(self, until: Until) -> None:
        """In the past forward through history; else let the program run."""
        runs = self.link.runs
        if self.repeats.under_way:
            self.link.set(hint=AGAIN)
        elif not runs.past:
            if not self.link.is_recorded():
                self.steps.go(until)
        elif until == "condition" and runs.index != runs.shown.history.last.index:
            self.travel.to_met(1, self.waits.texts)
        elif not runs.forward(until):
            self._go_on_from_the_end(until)
        else:
            self.travel.look()

    def _go_on_from_the_end(self, until: Until) -> None:
        run = self.link.runs.shown
        if run.is_over:
            self.link.set(hint=f"{run.name} has ended here; an edit at an earlier stop begins another run")
        elif not self.link.is_recorded():
            self.repeats.repeat(None, until)

    def back_to_condition(self) -> None:
        """To the stop before at which a condition was met."""
        if self.repeats.under_way:
            self.link.set(hint=AGAIN)
        else:
            self.travel.to_met(-1, self.waits.texts)

    def look_again(self) -> None:
        """Run again up to the stop that is shown, which was passed, and look at it."""
        if self.repeats.under_way:
            self.link.set(hint=AGAIN)
        elif not self.link.is_recorded():
            self.repeats.look_again()

    def pause(self) -> None:
        """Stop what runs, or come back from the past."""
        if self.repeats.under_way:
            self.repeats.give_up()
        elif not self.edits.interrupt() and not self.steps.pause() and self.link.runs.past:
            self.travel.to_now()

    @property
    def idle(self) -> bool:
        """Whether there is nothing to be paused, and nothing to come back from."""
        state = self.link.state
        busy = state.mode in ("running", "pausing") or bool(state.again) or state.editing
        return not busy and not self.link.runs.past

    def edit(self, edit: Edit) -> None:
        """Change the program at the stop that is shown; in the past, in a second run."""
        if self.repeats.under_way:
            self.link.set(hint=AGAIN)
        elif self.link.is_recorded():
            return
        elif self.link.runs.past:
            self.repeats.repeat(edit)
        else:
            self.edits.edit(edit)

    def clear(self) -> None:
        """Clear gradients after each update, or stop doing so."""
        runs = self.link.runs
        if self.repeats.under_way or runs.past:
            self.edit(Clear(not runs.shown.cleared(runs.index)))
        elif not self.link.is_recorded():
            self.edits.clear()

    def worlds(self) -> None:
        """Run the program from its start with gradients cleared, or not cleared, as far as the run that is shown."""
        if not self.link.is_recorded():
            self.repeats.worlds()

    def restart(self) -> None:
        """Run again with the same seed."""
        if self.link.is_recorded():
            return
        if self.link.restarting:
            self.link.set(hint=STARTING)
        else:
            self._restart(None)

    def use(self, device: str) -> None:
        """Run again on another device."""
        self.link.set(device=device)
        self._restart(device)

    def _restart(self, device: str | None) -> None:
        self.repeats.forget()
        self.steps.restart(device)
        self.link.runs.live.device = self.link.state.device

    def device(self) -> tuple[tuple[str, ...], str] | None:
        """The devices there are, and the one in use; None if none can be chosen now."""
        state = self.link.state
        if self.link.is_recorded():
            return None
        if not state.devices:
            self.link.set(hint="the devices are known once torch is imported")
            return None
        in_use = sorted({view.device for view in self.moment.stop.tensors.values() if view.device})
        return state.devices, state.device or next(iter(in_use), "")

    def answer(self, text: str) -> None:
        """Give a line to the program's input()."""
        if not self.link.is_recorded():
            self.steps.answer(text)

    def can_prompt(self) -> bool:
        """Whether Python can be asked for now; else the user is told why not."""
        if self.link.is_recorded():
            return False
        if self.link.state.mode != "waiting" and not self.link.runs.past:
            self.link.set(hint=self.steps.why_not())
            return False
        return True

    def run_typed(self, text: str) -> None:
        """Run what was typed, or hand it to what reads a line."""
        if self.link.state.asking:
            self.steps.answer(text)
        else:
            self.edits.remember(text)
            self.edit(Evaluate(text))

    def probe(self, probe: Probe) -> None:
        """Ask for a gradient by finite differences."""
        self.asked = probe
        self.link.ask(probe)
