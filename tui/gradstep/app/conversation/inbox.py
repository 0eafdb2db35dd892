"""The way from the source's thread to the screen: any number of events, at most one message under way."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from gradstep.model.message import Event


class Inbox:
    """A listener that keeps events in their order and announces that there are some."""

    def __init__(self, announce: Callable[[], object]) -> None:
        self._announce = announce
        self._events: deque[Event] = deque()
        self._announced = False

    def put(self, event: Event) -> None:
        """Called in the source's thread."""
        self._events.append(event)
        if not self._announced:
            self._announced = True
            self._announce()

    def take(self) -> list[Event]:
        """All that has come, the oldest first. Called in the screen's thread."""
        self._announced = False
        return [self._events.popleft() for _ in range(len(self._events))]
