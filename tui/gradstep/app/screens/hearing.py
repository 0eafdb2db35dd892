"""What takes the events of the source: into the history, into the state, and from there to the panes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from msgspec.structs import replace
from textual.reactive import reactive
from textual.screen import Screen

from gradstep.app.budget import Budget
from gradstep.app.history import History
from gradstep.app.inbox import Inbox
from gradstep.app.messages import EventsArrived
from gradstep.app.offset import heard, said
from gradstep.app.panes.console import ConsolePane
from gradstep.app.runs import Runs
from gradstep.app.screens.inspector import InspectorScreen
from gradstep.app.screens.workspace import Workspace
from gradstep.app.state import State
from gradstep.model.message import (
    Asked,
    Clear,
    Command,
    Evaluated,
    Event,
    Exited,
    Fetched,
    Notice,
    Output,
    Probe,
    Probed,
    Ready,
    Refused,
    Statistics,
    Stopped,
)
from gradstep.model.moment import NOTHING, Moment
from gradstep.source import Source

PAINT_EVERY = 1 / 12
"""Seconds between two paintings while the program runs on."""


class HearingScreen(Screen[None]):
    """Owns the source, the runs and the state; all that the source tells is answered here."""

    moment: reactive[Moment] = reactive(NOTHING, always_update=True)
    """What all panes show."""
    state: reactive[State] = reactive(State())
    """What the program is doing."""

    probed: reactive[Probed | None] = reactive(None)
    """The gradient by finite differences of the stop that is shown; None if there is none."""
    asked: Probe | None = None
    """The one that is still to come."""
    _checked: Probed | None = None
    """The one of the stop at which the program waits."""

    def __init__(self, source: Source, budget: Budget | None = None) -> None:
        super().__init__()
        self.source = source
        self.runs = Runs(budget)
        self._inbox = Inbox(lambda: self.post_message(EventsArrived()))
        self._restarting = False
        self._painting = False
        self._inspector: InspectorScreen | None = None
        self.set_reactive(HearingScreen.state, State(title=source.title))

    def on_mount(self) -> None:
        """Start the program once the screen has been painted."""
        self.call_after_refresh(self._in_thread, lambda: self.source.start(self._inbox.put))

    async def on_unmount(self) -> None:
        """Leave no process behind."""
        await asyncio.to_thread(self.source.close)

    def on_events_arrived(self) -> None:
        """Take all that has come; paint at once where the program waits, else now and then."""
        events = self._inbox.take()
        for event in events:
            if isinstance(event, Ready | Stopped | Evaluated):
                self.asked = self._checked = None
            self._take(heard(event, self.runs.live.offset))
        if self.state.mode in ("waiting", "ended"):
            self._paint()
            self._go_on()
        elif events and not self._painting:
            self._painting = True
            self.set_timer(PAINT_EVERY, self._paint)

    def on_source_restarted(self) -> None:
        """Hear everything again."""
        self._restarting = False

    def _go_on(self) -> None:
        """The program waits: what was asked for meanwhile."""

    def _take(self, event: Event) -> None:
        """Take one event into the history and the state."""
        if self._restarting and not isinstance(event, Ready | Refused):
            return
        match event:
            case Ready():
                self._begin(event)
            case Stopped(stop, waiting):
                self.runs.add(stop)
                if waiting:
                    self._set(mode="waiting", asking=False)
                elif self.state.asking:
                    self._set(asking=False)
            case Asked():
                self._set(asking=True)
            case Statistics():
                self.history.complete(event)
            case Fetched() | Probed():
                self._answered(event)
            case Output(text, error):
                self._write(text, error)
            case Notice(text):
                self._write(f"gradstep: {text}\n", True)
                self._set(hint=text)
            case Refused(text):
                self._restarting = False
                self.history.refuse(text)
                self._set(mode="ended", ended="not started")
            case Exited(code, signal):
                self.history.cut_off(event)
                self._set(mode="ended", ended=signal or f"exit code {code}", asking=False, queued="")

    def _answered(self, answer: Fetched | Probed) -> None:
        """Take what was asked for."""
        if isinstance(answer, Probed):
            self._checked, self.asked = answer, None
        elif self._inspector is not None and self.runs.shown is self.runs.live:
            self._inspector.take(answer)

    def _begin(self, ready: Ready) -> None:
        """The program of a new run is there."""
        self._restarting = False
        self._set(mode="running", ended="", seed=ready.seed, devices=ready.devices)
        if self.state.clearing:
            self.source.send(Clear(True))
            self.runs.made(Clear(True))

    def ask(self, command: Command) -> None:
        """Ask the program for something about one of the stops that it has made."""
        self.source.send(said(command, self.runs.live.offset))

    @property
    def history(self) -> History:
        """Of the run whose program exists."""
        return self.runs.live.history

    def _paint(self) -> None:
        """Give the moment that is looked at to the panes."""
        self._painting = False
        self.moment = self.runs.moment()
        self.probed = self._checked if self.runs.shown is self.runs.live else None
        proof = self.moment.stop.proof
        self.query_one(Workspace).make_room(proof is not None and bool(proof.along))
        self._show_print()
        self._tell_inspector()

    def _show_print(self) -> None:
        self._printed.show(self.runs.shown.terminal, self.moment.printed)

    def _write(self, text: str, error: bool = False) -> None:
        """Put something on the console of the run whose program exists."""
        self.runs.live.terminal.write(text, error)

    def _set(self, *, hint: str = "", **changes: object) -> None:
        """Change the state; the hint of the key before is gone."""
        self.state = replace(self.state, hint=hint, **changes)

    def _tell_inspector(self) -> None:
        if self._inspector is not None:
            self._inspector.follow(self.moment, self.state)

    @property
    def _printed(self) -> ConsolePane:
        return self.query_one(ConsolePane)

    def _in_thread(self, work: Callable[[], None]) -> None:
        """Run what may wait for a process beside the screen."""
        self.run_worker(work, thread=True, group="source")
