"""The way from the source's thread to the screen: at most one message under way, and not too many events."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from gradstep.model.message import Event, Notice, Output

ROOM = 1 << 20
"""Characters that may wait to be heard; then the source waits, and with it a program that prints."""
AT_ONCE = 1 << 17
"""Characters that are heard as one event."""
_OTHER = 1 << 13
"""What an event counts that is no text."""


class Inbox:
    """A listener that keeps events in their order and announces that there are some. Made in the thread that hears."""

    def __init__(self, announce: Callable[[], object]) -> None:
        self._announce = announce
        self._events: deque[Event] = deque()
        self._announced = False
        self._hearer = threading.get_ident()
        self._waiting = 0
        """Characters that were not heard yet."""
        self._changed = threading.Condition()
        self._closed = False

    def __len__(self) -> int:
        return len(self._events)

    def put(self, event: Event) -> None:
        """Called in the source's thread; returns when there is room for another."""
        with self._changed:
            self._events.append(event)
            self._waiting += _size(event)
            announced, self._announced = self._announced, True
        if not announced:
            self._announce()
        if threading.get_ident() != self._hearer:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting <= ROOM or self._closed)

    def take(self) -> Event | None:
        """The oldest event, what was printed in many pieces as one; None if there is none: the next is announced."""
        with self._changed:
            if not self._events:
                self._announced = False
                return None
            event = self._events.popleft()
            self._waiting -= _size(event)
            if isinstance(event, Output):
                event = self._joined(event)
            self._changed.notify_all()
        return event

    def _joined(self, first: Output) -> Output:
        """What was printed to the same stream after that, up to a limit."""
        parts, size = [first.text], len(first.text)
        while size < AT_ONCE and self._events:
            event = self._events[0]
            if not isinstance(event, Output) or event.error != first.error:
                break
            parts.append(event.text)
            size += len(event.text)
            self._waiting -= _size(event)
            self._events.popleft()
        return Output("".join(parts), first.error)

    def clear(self) -> None:
        """Forget all that has come."""
        with self._changed:
            self._events.clear()
            self._waiting, self._announced = 0, False
            self._changed.notify_all()

    def close(self) -> None:
        """Nobody hears any more: the source does not wait."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()


def _size(event: Event) -> int:
    return len(event.text) if isinstance(event, Output | Notice) else _OTHER
