"""Runs the programs of `tests/programs`: plain, and watched through the real processes."""

from __future__ import annotations

import fcntl
import json
import math
import queue
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import torch
from gradstep.findings import Examiner
from gradstep.model.message import (
    Command,
    Conditions,
    Detail,
    Evaluated,
    Event,
    Exited,
    Go,
    Launch,
    Notice,
    Refused,
    Statistics,
    Stopped,
)
from gradstep.model.stop import Stop
from gradstep.source.live import LiveSource, can_preload
from gradstep.source.server import ForkServer
from msgspec.structs import replace

PROGRAMS = Path(__file__).parent / "programs"
UNSHARED = ("as_python_makes_it.py", "thread_settings.py")
"""Programs that notice whether torch was imported before them."""
QUICK = str(Path(__file__).parent / "quick_server.py")
"""A fork server whose programs end sooner."""
LETTERS = {"forward": "f", "backward": "b", "update": "u"}
Kind = Literal["file", "module", "notebook"]
Events = queue.SimpleQueue[Event]


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


class Stage:
    """Live sources, one after the other, on fork servers that they share: torch is imported once for all of them."""

    def __init__(self) -> None:
        self._servers: dict[bool, ForkServer] = {}
        """One with torch imported, one without."""
        self._plain: subprocess.Popen[str] | None = None

    def plain(self, target: str | Path, *args: str, directory: Path = PROGRAMS) -> int:
        """Run it as python alone would, with torch imported already; returns the exit code, -N after signal N."""
        if Path(target).name in UNSHARED:
            command = [sys.executable, str(target), *args]
            return subprocess.run(command, cwd=directory, stdin=subprocess.DEVNULL, check=False).returncode
        if self._plain is None:
            command = [sys.executable, str(Path(__file__).parent / "plain_server.py")]
            self._plain = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._plain.stdin is not None
        assert self._plain.stdout is not None
        print(json.dumps([str(directory), str(target), *args]), file=self._plain.stdin, flush=True)
        return int(self._plain.stdout.readline())

    def plain_once(self, name: str, once: Once) -> tuple[int, Path]:
        """The exit code of one of our programs under python alone, and its log; it runs once, however many ask."""

        def run(path: Path) -> None:
            path.write_text(str(self.plain(PROGRAMS / name, str(path.with_name(f"{name}.pt")))))

        path = once.file(f"{name}.code", run)
        return int(path.read_text()), path.with_name(f"{name}.pt")

    @contextmanager
    def source(self, launch: Launch, quiet: bool = False) -> Iterator[tuple[LiveSource, Events]]:
        """A program that has been started, and what it tells; it ends with the context."""
        source, events = LiveSource(launch, quiet, piped=not quiet), Events()
        preload = can_preload(launch)
        source._server = self._servers.pop(preload, None) or ForkServer(
            replace(launch, preload=preload), piped=False, program=QUICK
        )
        try:
            source.start(events.put)
            yield source, events
        finally:
            if source._server is not None and preload not in self._servers:
                self._servers[preload], source._server = source._server, None
            source.close()

    def close(self) -> None:
        """End the fork servers."""
        for server in self._servers.values():
            server.close()
        if self._plain is not None:
            self._plain.communicate()


class Runner:
    """Runs one program after the other, watched or plain."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.plain = stage.plain
        self.plain_once = stage.plain_once

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
        detail: Detail = "screen",
    ) -> Watched:
        """Run it to its end, every stop in full.

        `step`: waiting after each phase; `each`: after each op and node; `light`: nobody looks.
        """
        go = Go("op", full=True) if each else Go("phase") if step else Go("end", full=not light)
        launch = Launch(kind, str(target), (str(target), *args), str(directory), device, 7, stops, detail=detail)
        found, examiner = Watched(), Examiner()
        with self._stage.source(launch, quiet=True) as (source, events):
            while not isinstance(event := events.get(timeout=120), Exited):
                if isinstance(event, Stopped):
                    found.stops.append(examiner.examine(event.stop))
                    if event.waiting:
                        source.send(go)
                elif isinstance(event, Refused):
                    found.refused = event.text
                elif isinstance(event, Notice):
                    found.notices.append(event.text)
            found.code, found.signal = event.code, event.signal
        assert not any("internal error" in text for text in found.notices), found.notices
        return found

    def until(
        self, target: str | Path, *conditions: str, full: bool = False, directory: Path = PROGRAMS
    ) -> tuple[Stop, list[Stop]]:
        """Run it, looked at or not, to where a condition is met, or to its end; that stop, and all up to it."""
        launch = Launch("file", str(target), (str(target),), str(directory), None, 7)
        stops, go = list[Stop](), Go("end", full=full, conditional=True)
        with self._stage.source(launch, quiet=True) as (source, events):
            while not isinstance(event := events.get(timeout=120), Exited):
                if isinstance(event, Notice):
                    assert "internal error" not in event.text
                if not isinstance(event, Stopped):
                    continue
                stops.append(event.stop)
                if event.waiting and event.stop.index:
                    break
                if event.waiting:
                    source.send(Conditions(conditions))
                    source.send(go)
        return stops[-1], stops

    def again_until(self, target: str | Path, condition: str) -> list[Stop]:
        """Let it run on to that condition whenever it waits, as the screen does: where it waited, and the end."""
        found = list[Stop]()
        with self._stage.source(Launch("file", str(target), (str(target),), str(PROGRAMS), None, 7), quiet=True) as (
            source,
            events,
        ):
            while not isinstance(event := events.get(timeout=120), Exited):
                if isinstance(event, Stopped):
                    found += [event.stop] * bool(event.stop.met or event.stop.phase == "end")
                    if event.waiting:
                        source.send(Conditions((condition,)))
                        source.send(Go("condition", conditional=True))
        return found

    def drive(
        self, target: str | Path, *commands: Command, kind: Kind = "file", directory: Path = PROGRAMS
    ) -> tuple[Watched, list[Evaluated]]:
        """Run it with a command whenever it waits or has answered one, in the end to its end; what comes late is in."""
        launch = Launch(kind, str(target), (str(target),), str(directory), None, 7)
        found, answers, left = Watched(), list[Evaluated](), iter(commands)
        with self._stage.source(launch, quiet=True) as (source, events):
            while not isinstance(event := events.get(timeout=120), Exited):
                if isinstance(event, Stopped):
                    found.stops.append(event.stop)
                elif isinstance(event, Evaluated):
                    answers.append(event)
                elif isinstance(event, Notice):
                    found.notices.append(event.text)
                elif isinstance(event, Statistics) and found.stops[-1].index == event.index:
                    found.stops[-1] = event.put_into(found.stops[-1])
                if _is_ready(event):
                    source.send(next(left, Go("end")))
            found.code, found.signal = event.code, event.signal
        return found, answers


class Once:
    """Files that are made once a session, by whichever worker needs one first."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def file(self, name: str, make: Callable[[Path], object]) -> Path:
        """The file of that name; `make` writes it."""
        path, part = self._folder / name, self._folder / f"part-{name}"
        with open(self._folder / f"{name}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not path.exists():
                make(part)
                part.rename(path)
        return path


def _is_ready(event: Event) -> bool:
    """Whether the program waits, and has said all there is to say of the stop."""
    if isinstance(event, Stopped):
        return event.waiting and (event.stop.phase == "start" or not event.stop.whole)
    return isinstance(event, Evaluated) or (isinstance(event, Statistics) and event.last)


def settled(stop: Stop) -> Stop:
    """The stop without what differs from run to run."""
    return replace(stop, seconds=0.0)


def same(one: Any, two: Any) -> bool:
    """Equality of logs to the last bit."""
    if isinstance(one, torch.Tensor):
        if one.is_sparse:
            one, two = one.to_dense(), two.to_dense()
        return one.dtype == two.dtype and torch.equal(one.nan_to_num(), two.nan_to_num())
    if isinstance(one, dict):
        return one.keys() == two.keys() and all(same(one[key], two[key]) for key in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(two) and all(same(*pair) for pair in zip(one, two, strict=True))
    return bool(one == two) or (math.isnan(one) and math.isnan(two))


def gradstep(*args: str | Path, cwd: Path = PROGRAMS) -> subprocess.CompletedProcess[str]:
    """Run the command line to its end."""
    command = [sys.executable, "-m", "gradstep.cli", *map(str, args)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
