"""Runs the programs of `tests/programs`: plain, and watched through the real processes."""

from __future__ import annotations

import queue
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from gradstep.findings import Examiner
from gradstep.model.message import Command, Evaluated, Event, Exited, Go, Launch, Notice, Refused, Statistics, Stopped
from gradstep.model.stop import Stop
from gradstep.source.live import LiveSource
from msgspec.structs import replace

PROGRAMS = Path(__file__).parent / "programs"
LETTERS = {"forward": "f", "backward": "b", "update": "u"}
Kind = Literal["file", "module", "notebook"]


@dataclass
class Watched:
    """What a watched run gave."""

    stops: list[Stop] = field(default_factory=list)
    code: int = -1
    signal: str = ""
    refused: str = ""
    notices: list[str] = field(default_factory=list)

    @property
    def phases(self) -> str:
        """`f b u`: the phases in their order."""
        return " ".join(LETTERS[stop.phase] for stop in self.stops if stop.phase in LETTERS and stop.whole)

    def of(self, phase: str) -> list[Stop]:
        """The stops of one phase."""
        return [stop for stop in self.stops if stop.phase == phase and stop.whole]

    def inside(self, phase: str) -> list[Stop]:
        """The stops inside phases of that kind: its ops, its nodes."""
        return [stop for stop in self.stops if stop.phase == phase and stop.step is not None]


class Runner:
    """Watches one program after the other, with one fork server for all that can share it."""

    def __init__(self) -> None:
        self._source: LiveSource | None = None
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()

    def watch(
        self,
        target: str | Path,
        *args: str,
        kind: Kind = "file",
        directory: Path = PROGRAMS,
        stops: int | None = None,
        device: str | None = None,
        step: bool = False,
        light: bool = False,
        each: bool = False,
    ) -> Watched:
        """Run it to its end, every stop in full.

        `step`: waiting after each phase; `each`: after each op and node; `light`: nobody looks.
        """
        go = Go("op", full=True) if each else Go("phase") if step else Go("end", full=not light)
        launch = Launch(kind, str(target), (str(target), *args), str(directory), device, 7, stops)
        self._start(launch)
        found, examiner = Watched(), Examiner()
        while not isinstance(event := self._events.get(timeout=120), Exited):
            if isinstance(event, Stopped):
                found.stops.append(examiner.examine(event.stop))
                if event.waiting and self._source is not None:
                    self._source.send(go)
            elif isinstance(event, Refused):
                found.refused = event.text
        found.code, found.signal = event.code, event.signal
        return found

    def drive(
        self, target: str | Path, *commands: Command, kind: Kind = "file", directory: Path = PROGRAMS
    ) -> tuple[Watched, list[Evaluated]]:
        """Run it with a command whenever it waits or has answered one, in the end to its end; what comes late is in."""
        self._start(Launch(kind, str(target), (str(target),), str(directory), None, 7))
        found, answers, left = Watched(), list[Evaluated](), iter(commands)
        while not isinstance(event := self._events.get(timeout=120), Exited):
            if isinstance(event, Stopped):
                found.stops.append(event.stop)
            elif isinstance(event, Evaluated):
                answers.append(event)
            elif isinstance(event, Notice):
                found.notices.append(event.text)
            elif isinstance(event, Statistics) and found.stops[-1].index == event.index:
                found.stops[-1] = event.put_into(found.stops[-1])
            if self._source is not None and _is_ready(event):
                self._source.send(next(left, Go("end")))
        found.code, found.signal = event.code, event.signal
        return found, answers

    def _start(self, launch: Launch) -> None:
        if self._source is None:
            self._source = LiveSource(launch, quiet=True)
            self._source.start(self._events.put)
        else:
            self._source.launch = launch
            self._source.restart()

    def close(self) -> None:
        """End the fork server."""
        if self._source is not None:
            self._source.close()


def _is_ready(event: Event) -> bool:
    """Whether the program waits, and has said by which bits the stop is known."""
    if isinstance(event, Stopped):
        return event.waiting and (event.stop.phase == "start" or not event.stop.whole)
    return isinstance(event, Evaluated) or (isinstance(event, Statistics) and event.bits is not None)


def plain(target: str | Path, *args: str, directory: Path = PROGRAMS, module: bool = False) -> int:
    """Run it with python alone; returns the exit code."""
    command = [sys.executable, *(["-m"] if module else []), str(target), *args]
    done = subprocess.run(command, cwd=directory, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return done.returncode


def settled(stop: Stop) -> Stop:
    """The stop without what differs from run to run."""
    return replace(stop, seconds=0.0)


def gradstep(*args: str | Path, cwd: Path = PROGRAMS) -> subprocess.CompletedProcess[str]:
    """Run the command line to its end."""
    command = [sys.executable, "-m", "gradstep.cli", *map(str, args)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
