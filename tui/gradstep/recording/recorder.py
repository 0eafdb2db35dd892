"""Hears a run and keeps it in a file: the same events that a screen hears, their findings attached."""

from __future__ import annotations

import sqlite3
import threading
from typing import Literal

from msgspec.structs import replace

from gradstep.app.runs.history import History
from gradstep.draw.terminal import Terminal
from gradstep.model.graph import Graph
from gradstep.model.message import (
    Evaluated,
    Event,
    Exited,
    FileText,
    Notice,
    Output,
    Ready,
    Refused,
    Statistics,
    Stopped,
)
from gradstep.model.stop import Stop
from gradstep.recording.parts import cut, summary
from gradstep.recording.schema import StopRecord
from gradstep.recording.writer import Writer

Keep = Literal["losses", "norms", "small"]
_LATEST = 8
"""Stops of which more may still come."""


_MOST_OLDER = 2000
"""Names of tensors that are remembered: a program may make new ones in each iteration."""


class Recorder:
    """A listener. What it cannot write ends the recording and not the run."""

    def __init__(self, writer: Writer, keep: Keep = "small", every: int = 1) -> None:
        self.writer = writer
        self.problem = ""
        """Why nothing is kept any more; empty as long as all is well."""
        self.stops = 0
        self.last = Stop()
        """The newest stop."""
        self._keep: Keep = keep
        self._every = every
        self._lock = threading.Lock()
        self._told: set[str] = set()
        self._run = 0
        self._closed = False
        self._begin()

    def _begin(self) -> None:
        self._history = History()
        self._terminal = Terminal()
        self._records: dict[int, StopRecord] = {}
        self._known: dict[str, int] = {}
        self._full = Stop()
        self._written: dict[int, Stop] = {}

    def put(self, event: Event) -> None:
        """Keep one event."""
        with self._lock:
            if self.problem or self._closed:
                return
            try:
                self._put(event)
            except (sqlite3.Error, OSError) as error:
                self.problem = f"the recording ends here: {error}"
                self.writer.abandon()

    def close(self) -> None:
        """Nothing more comes."""
        with self._lock:
            if self.problem or self._closed:
                return
            self._closed = True
            try:
                self.writer.close()
            except (sqlite3.Error, OSError) as error:
                self.problem = f"the recording could not be completed: {error}"

    def _put(self, event: Event) -> None:
        match event:
            case Stopped(stop):
                self._add(stop)
            case Statistics():
                self._history.complete(event)
                self._write_changed()
            case Evaluated() if event.stop is not None:
                self._history.put(event.stop)
                self._write_changed()
            case FileText():
                if event.path not in self._told:
                    self._told.add(event.path)
                    self.writer.event(self._run, event)
            case Ready():
                self._run += 1
                self._begin()
                self.writer.event(self._run, event)
            case Output() | Notice():
                text, error = (event.text, event.error) if isinstance(event, Output) else (_noted(event), True)
                self._terminal.write(text, error)
                self.writer.event(self._run, Output(text, error))
            case Exited() | Refused():
                self.writer.event(self._run, event)
                self.writer.commit()

    def _add(self, stop: Stop) -> None:
        self._history.add(stop)
        while len(self._history) > _LATEST:
            self._forget(self._history.first.index)
            self._history.forget_oldest()
        stop = self._history.last
        self.stops += 1
        self.last = stop
        kept = self._kept(stop)
        older = self._older()
        self._written[stop.index] = stop
        self._write(kept, StopRecord(summary(kept), (), self._full.index, older, self._terminal.count))
        if not kept.light:
            self._known.update(dict.fromkeys(kept.tensors, kept.index))
            self._full = kept

    def _older(self) -> dict[str, int]:
        """Tensors that are known and are not in the latest full stop -> the stop that has them; not without end."""
        older = {name: index for name, index in self._known.items() if name not in self._full.tensors}
        for name in sorted(older, key=older.__getitem__)[: max(0, len(older) - _MOST_OLDER)]:
            del older[name], self._known[name]
        return older

    def _write_changed(self) -> None:
        """More is known of the latest stops."""
        for stop in self._history.stops:
            record = self._records.get(stop.index)
            if record is not None and self._written[stop.index] is not stop:
                self._written[stop.index] = stop
                kept = self._kept(stop)
                self._write(kept, replace(record, stop=summary(kept)))

    def _forget(self, index: int) -> None:
        del self._records[index], self._written[index]

    def _write(self, kept: Stop, record: StopRecord) -> None:
        self._records[kept.index] = record
        self.writer.stop(max(1, self._run), record, () if kept.light else cut(kept))

    def _kept(self, stop: Stop) -> Stop:
        """As much of a stop as is to be kept."""
        sometimes = self._every > 1 and stop.phase not in ("start", "end") and (stop.iteration - 1) % self._every
        if self._keep == "losses" or sometimes or stop.light:
            return replace(summary(stop), light=stop.light or stop.phase != "start")
        if self._keep == "norms":
            return replace(stop, graph=Graph(), receipts={}, proof=None, activations=())
        return stop


def _noted(event: Notice) -> str:
    return f"gradstep: {event.text}\n"
