"""Runs a training program in a process of its own and gives its stops to a test."""

from __future__ import annotations

import os
import queue
from pathlib import Path

from msgspec.structs import replace

from gradstep.findings import Examiner
from gradstep.launch import launch
from gradstep.model.message import Event, Exited, Go, Notice, Output, Refused, Stopped
from gradstep.model.stop import Stop
from gradstep.source.live import LiveSource
from gradstep.testing.run import TracedRun


class Tracer:
    """What the fixture `gradstep` is."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        """Where programs are looked for besides the working directory: that of the test."""

    def trace(
        self,
        program: str | os.PathLike[str],
        *args: str,
        stops: int | None = None,
        seed: int = 0,
        device: str | None = None,
        check: bool = True,
    ) -> TracedRun:
        """Run a .py file or a notebook to its end, or for so many `stops`.

        `args` are the program's own. `check`: it is an AssertionError if the program ends with an exit code but 0.
        ValueError if there is no such program.
        """
        __tracebackhide__ = True
        path = Path(program)
        if not path.exists() and (self._folder / path).exists():
            path = self._folder / path
        if stops is not None and stops < 1:
            raise ValueError(f"stops={stops}: at least one")
        run = _traced(
            LiveSource(replace(launch(str(path), args, None, device, seed, stops), detail="record"), quiet=True)
        )
        if check:
            run.assert_ended_well()
        return run


def _traced(source: LiveSource) -> TracedRun:
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    examiner, stops, printed = Examiner(), list[Stop](), list[str]()
    try:
        source.start(events.put)
        while not isinstance(event := events.get(), Exited):
            if isinstance(event, Stopped):
                stops.append(examiner.examine(event.stop))
                if event.waiting:
                    source.send(Go("end", full=True))
            elif isinstance(event, Refused):
                raise ValueError(event.text)
            elif isinstance(event, Output):
                printed.append(event.text)
            elif isinstance(event, Notice):
                printed.append(f"gradstep: {event.text}\n")
    finally:
        source.close()
    return TracedRun(source.title, tuple(stops), "".join(printed), event.code)
