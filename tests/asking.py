"""A program under the debugger that is asked by hand, through the real processes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gradstep.app.inspector.sheet import box_of
from gradstep.model.message import Event, Exited, Fetch, Fetched, Go, Launch, Statistics, Stopped
from gradstep.model.stop import Stop
from gradstep.source.live import LiveSource
from running import Events, Stage


class Asking:
    """A program under the debugger, asked by hand."""

    def __init__(self, source: LiveSource, events: Events) -> None:
        self.source, self._events = source, events
        self.stop = self.next_stop()
        self.seen: list[Event] = []

    def next_stop(self) -> Stop:
        while not (isinstance(event := self._events.get(timeout=60), Stopped) and event.waiting):
            assert not isinstance(event, Exited)
        return event.stop

    def go(self, until: str = "phase") -> Stop:
        self.source.send(Go(until))  # type: ignore[arg-type]
        self.stop = self.next_stop()
        return self.stop

    def wait_for_all(self) -> None:
        """Until the stop lacks nothing."""
        while not (isinstance(event := self._events.get(timeout=60), Statistics) and event.last):
            assert not isinstance(event, Stopped)

    def ask(self, name: str, **fields: object) -> Fetched:
        node = box_of(self.stop, name)
        fetch = Fetch(**({"stop": self.stop.index, "name": name, "node": node} | fields))  # type: ignore[arg-type]
        self.source.send(fetch)
        return self.answer(fetch)

    def answer(self, fetch: Fetch) -> Fetched:
        while not isinstance(event := self._events.get(timeout=60), Fetched):
            self.seen.append(event)
        assert event.of == fetch
        return event

    def output(self) -> str:
        self.source.send(Go("end"))
        text = ""
        while not isinstance(event := self._events.get(timeout=60), Exited):
            text += getattr(event, "text", "")
        assert event.code == 0
        return text


@contextmanager
def program(stage: Stage, path: Path) -> Iterator[Asking]:
    with stage.source(Launch("file", str(path), (str(path),), str(path.parent), None, 7)) as started:
        yield Asking(*started)
