"""`gradstep record`: a program runs to its end without a screen, and its stops are kept."""

from __future__ import annotations

import queue
import sys
import time
from typing import TextIO

from gradstep.app.runs.budget import size_text
from gradstep.draw.numbers import count
from gradstep.model.message import Event, Exited, Go, Notice, Output, Refused, Stopped
from gradstep.model.printable import PrintedStream, printable
from gradstep.recording.recorder import Recorder
from gradstep.source import Source

_EVERY = 0.2
"""Seconds between two progress lines."""


class Progress:
    """One line on a terminal, written anew; nothing elsewhere."""

    def __init__(self, recorder: Recorder, out: TextIO) -> None:
        self._recorder, self._out = recorder, out
        self._since = self._next = time.monotonic()
        self._shown = False

    def show(self) -> None:
        """How far the program is, if the last line is not too new."""
        now = time.monotonic()
        if not self._out.isatty() or now < self._next:
            return
        self._next = now + _EVERY
        print(f"\r\x1b[K{self.words(now - self._since)}", end="", file=self._out, flush=True)
        self._shown = True

    def words(self, seconds: float) -> str:
        """`iteration 120 · loss 0.0123 · 35 it/s · 1.2 MiB`."""
        stop = self._recorder.last
        loss = f" · loss {stop.scalar.value:.6g}" if stop.scalar is not None else ""
        rate = f" · {stop.iteration / seconds:,.3g} it/s" if seconds > 0 else ""
        return f"iteration {stop.iteration:,}{loss}{rate} · {size_text(self._recorder.writer.size)}"

    def clear(self) -> None:
        """Leave the line to others."""
        if self._shown:
            print("\r\x1b[K", end="", file=self._out, flush=True)
            self._shown = False


def record(source: Source, recorder: Recorder, full: bool, name: str) -> int:
    """Run the program to its end; `full`: it makes every stop in full. Returns the exit code."""
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    outs = {False: sys.stdout, True: sys.stderr}
    streams = {error: PrintedStream() for error in outs}
    progress, code = Progress(recorder, sys.stderr), 0
    source.start(events.put)
    try:
        while not recorder.problem:
            event = events.get()
            if isinstance(event, Stopped):
                progress.show()
                if event.waiting:
                    source.send(Go("end", full=full))
            elif isinstance(event, Output):
                progress.clear()
                print(streams[event.error].clean(event.text), end="", file=outs[event.error], flush=True)
            elif isinstance(event, Notice | Refused):
                progress.clear()
                print(f"gradstep: {printable(event.text)}", file=sys.stderr)
                code = 2 if isinstance(event, Refused) else code
            elif isinstance(event, Exited):
                code = code or event.code
                break
    finally:
        progress.clear()
        source.close()
    if recorder.problem:
        print(f"gradstep: {printable(recorder.problem)}", file=sys.stderr)
        return 2
    words = f"{count(recorder.stops, 'stop')}, {count(recorder.last.iteration, 'iteration')}"
    print(f"gradstep: {words} kept in {printable(name)} ({size_text(recorder.writer.size)})", file=sys.stderr)
    return code
