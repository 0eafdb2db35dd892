"""The program's half of the conversation: numbers the stops, sends them, waits for what to do next."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import singledispatchmethod
from types import FrameType
from typing import NoReturn

from msgspec.structs import replace

from gradstep import stop as gradstep_stop
from gradstep.conditions import parse
from gradstep.model.channel import PAUSE, Channel
from gradstep.model.message import (
    Asked,
    Clear,
    Command,
    Conditions,
    Evaluate,
    Evaluated,
    Fetch,
    Fetched,
    Go,
    Launch,
    Notice,
    Probe,
    Probed,
    Rate,
    Ready,
    Refused,
    Said,
    Statistics,
    Stopped,
    Swap,
    Until,
)
from gradstep.model.place import Place
from gradstep.model.proof import Check
from gradstep.model.stop import Fault, Phase, Reason, Stop
from gradstep.program.host.frames import here, place, user_frame
from gradstep.program.host.lines import LineTracer
from gradstep.program.host.monitor import Monitor
from gradstep.program.host.turn import Turn
from gradstep.program.host.uncaught import flush_errors, flush_output
from gradstep.program.host.watcher import Rest, Watcher, completed, to_the_last

_REACHED: dict[str, tuple[Phase, ...]] = {
    "op": ("forward", "backward", "update"),
    "phase": ("forward", "backward", "update"),
    "forward": ("forward",),
    "backward": ("backward",),
    "update": ("update",),
    "iteration": ("forward",),
    "condition": (),
    "end": (),
    "stop": (),
}

_SHORT: frozenset[Until] = frozenset({"forward", "backward", "update", "iteration"})
"""Ways to go on that end soon: what is passed on the way is looked at too."""

_AT_ONCE = 0.005
"""Seconds after a stop in which a key is answered without a beginning of what the stop still lacks."""

_LAST_WORDS = 2.0
"""Seconds that may be spent on what a stop still lacks before it is changed."""

_LONG = 3600.0
"""Seconds, after which a command is waited for anew."""


class Interrupted(KeyboardInterrupt):
    """The user does not want to wait any longer for what the prompt runs."""


@dataclass
class _Wait:
    """What goes on at one stop."""

    waiting: bool
    """The program is paused, and can be asked and changed."""
    rest: Iterator[Statistics | None]
    """What the stop lacks yet."""
    going: bool
    """It may go on once all commands that are there are done."""
    answers: deque[Iterator[Fetched | Probed | None]] = field(default_factory=deque)
    """Answers that take their time, the first under way."""


class Talk:
    """Owns the index of the next stop, what the screen has asked for, and the channel to it."""

    def __init__(self, channel: Channel[Command], launch: Launch) -> None:
        self.channel = channel
        self.launch = launch
        self.watcher: Watcher | None = None
        self.index = 0
        self.iteration = 0
        self.go = Go()
        self.each = False
        """Each op, each node of backward, is a stop."""
        self.clear = False
        self.rank = int(os.environ.get("RANK", "0") or 0)
        self._phases = 0
        self._phase: Phase = "start"
        self._from_iteration = 0
        self._pausing = 0
        self._now = Stop()
        """The stop at which the program waits."""
        self._busy = False
        self._interruptible = False
        self._silent = False
        self._since = time.perf_counter()
        self.turn = Turn()
        self.monitor = Monitor()
        self._lines = LineTracer(self._at_line)
        signal.signal(PAUSE, self._on_pause)

    @property
    def full(self) -> bool:
        """Whether stops on the way are sent in full."""
        return self.go.full

    @property
    def phases(self) -> int:
        """How many phases have ended."""
        return self._phases

    def will_wait(self, phase: Phase) -> bool:
        """Whether the program would be paused at a stop of that phase now."""
        if phase == "start" or self._pausing:
            return True
        if phase == "end":
            return False
        if self.go.until == "stop":
            return self._phases + 1 >= self.go.to
        if self.go.until == "iteration" and self.iteration <= self._from_iteration:
            return False
        return phase in _REACHED[self.go.until]

    def looks_at(self, phase: Phase) -> bool:
        """Whether somebody will look at the stop at the end of that phase, now or when going back."""
        go = self.go
        if go.full or go.until in _SHORT or 0 < go.look <= self.iteration:
            return True
        return (go.conditional and self.monitor.looks(self.iteration)) or self.will_wait(phase)

    @property
    def op_patterns(self) -> tuple[str, ...]:
        """Names of ops at which the program is to stop, while it runs."""
        return self.monitor.ops if self.go.conditional else ()

    @property
    def node_patterns(self) -> tuple[str, ...]:
        """The same of nodes of backward."""
        return self.monitor.nodes if self.go.conditional else ()

    def refuse(self, text: str) -> NoReturn:
        """The program cannot be started as asked."""
        self._send(Refused(text))
        self._leave(2)

    def ready(self, version: str, devices: tuple[str, ...]) -> None:
        """Torch is there."""
        self._send(Ready(version, devices, self.launch.seed))

    def notice(self, text: str) -> None:
        """Tell the user something that is no stop."""
        if not self._silent:
            self._send(Notice(text))

    def asks(self) -> None:
        """The program waits for its standard input."""
        busy = self._busy and not self._interruptible
        if not self._silent and not busy and threading.current_thread() is threading.main_thread():
            self._send(Asked())

    def start(self, first: Place) -> None:
        """Make the stop `start`."""
        self.stop(Stop(phase="start", place=first))

    def stop(self, stop: Stop, rest: Rest | None = None) -> None:
        """Send a stop, numbered; wait for a command where one was asked for; end at the limit of stops.

        `rest` makes what can be sent while waiting, piece by piece; where stops are sent in full, and where this one is
        passed, it goes with it.
        """
        if self._silent:
            return
        self._busy = True
        try:
            with self.turn:
                self._stop(stop, rest)
        finally:
            self._since = time.perf_counter()
            self._busy = False

    def _stop(self, stop: Stop, rest: Rest | None) -> None:
        flush_output()
        waiting = bool(stop.met) or self.will_wait(stop.phase) or (self.each and not stop.whole)
        seconds = stop.seconds or time.perf_counter() - self._since
        self._phases += stop.phase in ("forward", "backward", "update") and stop.whole
        stop = replace(
            stop, index=self.index, iteration=self.iteration, phases=self._phases, rank=self.rank, seconds=seconds
        )
        if rest is not None and (self.full or not waiting):
            stop, rest = replace(completed(stop, rest), complete=True), None
        if self.go.conditional and rest is None and self.watcher is not None and not stop.met:
            stop = self.monitor.see(stop, self.watcher)
            waiting = waiting or bool(stop.met)
        if not waiting and stop.reason in ("op", "node"):
            return  # one of a module in which the program has stopped already
        if not stop.light:
            stop = replace(stop, frame=here(sys._getframe(2)))
        self._now = stop
        self.index += 1
        self._phase = stop.phase
        self._send(Stopped(stop, waiting))
        if self.launch.stops is not None and self._phases >= self.launch.stops and stop.phase != "end":
            self.ended("limit", 0, None, stop.place)
            self._leave(0)
        if stop.phase != "end":
            self._listen(waiting, to_the_last(stop, rest) if waiting and rest is not None else iter(()))

    def cell_ended(self) -> None:
        """A notebook's cell is over."""
        if self.watcher is not None:
            self.watcher.finish("cell")

    def ended(self, reason: Reason, code: int, fault: Fault | None, where: Place) -> None:
        """Make the stops that come last, and the stop `end`."""
        if self._silent:
            return
        if self.watcher is not None and reason in ("exit", "exception"):
            self.watcher.finish(reason)
        last = Stop(phase="end", reason=reason, place=where, fault=fault, exit_code=code)
        if self.watcher is not None:
            last = self.watcher.describe(last)
            self.watcher.detach()
        self.stop(last)
        self.forget()

    def forget(self) -> None:
        """Say nothing more: the program is over, or this is a worker that the program has forked."""
        self._silent = True
        self.channel.close()
        if self.watcher is not None:
            self.watcher.detach()

    def _listen(self, waiting: bool, rest: Iterator[Statistics | None]) -> None:
        """Take commands: all that are there, and if waiting, until one says to go on.

        While none comes: first the longer answers to what was asked, then the rest of the stop.
        """
        wait = _Wait(waiting, rest, going=not waiting)
        if waiting:
            self._await(_AT_ONCE)
        while not self._silent and (not wait.going or self.channel.pending()):
            if not wait.going and not self.channel.pending() and self._work(wait):
                continue
            if not wait.going and not self.channel.pending():
                self._await(_LONG)
                continue
            command = self.channel.receive()
            if command is None:
                self._cut_off()
            else:
                self._obey(command, wait)
        if self.clear and self.watcher is not None:
            self.watcher.clear_used()

    def _await(self, seconds: float) -> None:
        """Until a command comes, or so many seconds are over; what ends the program may end it meanwhile."""
        self.turn.waits = True
        try:
            self.channel.pending(seconds)
        finally:
            self.turn.waits = False

    def _work(self, wait: _Wait) -> bool:
        """One step of the first answer, else of the rest; False if nothing is left to do."""
        try:
            piece = next(wait.answers[0] if wait.answers else wait.rest)
        except StopIteration:
            if not wait.answers:
                return False
            wait.answers.popleft()
            return True
        if piece is not None:
            self._tell(piece)
        return True

    def _tell(self, piece: Fetched | Probed | Statistics) -> None:
        if isinstance(piece, Statistics):
            self._now = piece.put_into(self._now)
        self._send(piece)

    # A function for each kind of command

    @singledispatchmethod
    def _obey(self, command: Command, wait: _Wait) -> None:
        """Do what the screen asks for."""
        raise TypeError(command)

    @_obey.register
    def _(self, command: Go, wait: _Wait) -> None:
        self.go, wait.going = command, True
        self._from_iteration, self._pausing = self.iteration, 0
        self.each = command.until == "op"

    @_obey.register
    def _(self, command: Conditions, wait: _Wait) -> None:
        conditions = [parse(text) for text in command.texts]
        self.monitor.wait_for(conditions, command.known, self._now, self.watcher)
        self._lines.wait_for(conditions, sys._getframe(1))

    @_obey.register
    def _(self, command: Clear, wait: _Wait) -> None:
        self.clear = command.on

    @_obey.register
    def _(self, command: Fetch, wait: _Wait) -> None:
        answer = self._answer(command, wait.waiting)
        if command.want == "window":
            for piece in answer:
                if piece is not None:
                    self._send(piece)
        else:
            wait.answers.append(answer)

    @_obey.register
    def _(self, command: Probe, wait: _Wait) -> None:
        wait.answers.append(self._probe(command, wait.waiting))

    @_obey.register(Rate)
    @_obey.register(Evaluate)
    @_obey.register(Swap)
    def _(self, edit: Rate | Evaluate | Swap, wait: _Wait) -> None:
        """Change the program; before that, say what is still to be said of the stop as it was, if it is not too much.

        Nothing is left to be said of it then.
        """
        if not wait.waiting or self.watcher is None:
            why = "torch is not imported yet" if wait.waiting else "the program does not wait"
            self._send(Evaluated(edit, why, error=True))
            return
        until = time.perf_counter() + _LAST_WORDS
        for piece in wait.rest:
            if piece is not None:
                self._tell(piece)
            if time.perf_counter() > until:
                break
        wait.rest = iter(())
        answer = self.watcher.edit(edit, self._now)
        self._now = answer.stop or self._now
        flush_output()
        self._send(answer)

    def interruptible(self, on: bool) -> None:
        """Whether a request for a pause is to interrupt what runs, which is not the program."""
        self._interruptible = on

    def _answer(self, fetch: Fetch, waiting: bool) -> Iterator[Fetched | None]:
        """What the watcher says, or why nothing can be said."""
        if not waiting or (fetch.stop != self.index - 1 and not fetch.past):
            return iter((Fetched(fetch, problem="the program has moved on from that stop"),))
        if self.watcher is None:
            return iter((Fetched(fetch, problem="torch is not imported yet"),))
        return self.watcher.inspect(fetch)

    def _probe(self, probe: Probe, waiting: bool) -> Iterator[Probed | None]:
        """The same of a gradient by finite differences."""
        if probe.stop != self.index - 1 or not waiting or self.watcher is None:
            return iter((Probed(probe, Check(probe.name, "the program has moved on from that stop")),))
        return self.watcher.probe(probe)

    def _send(self, message: Said) -> None:
        try:
            self.channel.send(message)
        except OSError:
            self._cut_off()

    def _cut_off(self) -> None:
        """Nobody hears us: the screen is gone, and the program ends with it, or the program has closed our connection.

        Then it runs on, unwatched.
        """
        if self.channel.is_open():
            self._leave(1)
        self.forget()

    def _leave(self, code: int) -> NoReturn:
        """End at once, and quietly; nothing of the program runs any more."""
        flush_output()
        flush_errors()
        os._exit(code)

    def _on_pause(self, _number: int, frame: FrameType | None) -> None:
        """First request: at the next phase. Second: right here, unless we are at work ourselves."""
        if self._interruptible:
            self._interruptible = False
            raise Interrupted
        self._pausing += 1
        if self._pausing < 2 or self._busy or self._silent:
            return
        self._stop_here(frame)

    def _at_line(self, text: str, frame: FrameType) -> None:
        """A line is about to run that is a condition."""
        if self.go.conditional and not self._busy and not self._silent:
            self._stop_here(frame, text)

    def breakpoint(self, *_args: object, **_named: object) -> None:
        """The program calls `breakpoint()`, or our `stop()`: stop there; without a screen pass over it."""
        frame = sys._getframe(1)
        if frame.f_code is gradstep_stop.__code__ and frame.f_back is not None:
            frame = frame.f_back
        if self._busy or self._silent or self.go.until == "stop" or os.environ.get("PYTHONBREAKPOINT") == "0":
            return
        if self.launch.detail == "screen":
            self._stop_here(frame, "breakpoint()")
        else:
            self.notice(f"breakpoint() at {here(frame).spot} is passed over: there is no screen")

    def _stop_here(self, frame: FrameType | None, met: str = "") -> None:
        """Stop within what the program does. `met`: why, if it is not the user who wants a pause."""
        found = user_frame(frame)
        where = place(found.f_code, found.f_lineno) if found else Place()
        here = Stop(phase=self._phase, reason="pause", place=where, met=met, met_by=(met,) if met else ())
        if self.watcher is not None:
            here = self.watcher.describe(here)
        self.stop(here)
