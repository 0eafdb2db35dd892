"""What the conversation asks of torch's side, once torch is imported."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from gradstep.model.message import Edit, Evaluated, Fetch, Fetched, Probe, Probed, Statistics
from gradstep.model.stop import Reason, Stop

Rest = Callable[[Stop], Iterator[Statistics | None]]
"""What a stop lacks yet, in pieces, one at a time so that a key is answered in between; None: nothing to send yet."""


class Pace:
    """Says when work has taken as long as a key may wait, or as one message may take to make."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._since = time.perf_counter()

    def is_due(self) -> bool:
        """Whether that time has passed since it last had, or since the work began."""
        now = time.perf_counter()
        due = now - self._since > self._seconds
        if due:
            self._since = now
        return due


class Watcher(Protocol):
    """What torch's side offers once torch is imported."""

    def explain(self, error: BaseException) -> None:
        """That exception has ended the program: look at it while its frames, ours among them, are alive."""

    def finish(self, reason: Reason) -> None:
        """A notebook's cell (`cell`) or the program (`exit`, `exception`) is over: make the stops that this brings."""

    def describe(self, stop: Stop) -> Stop:
        """Add leaves, gradients and the latest loss."""

    def inspect(self, fetch: Fetch) -> Iterator[Fetched | None]:
        """Answer what is asked about a tensor of this stop; None while at work on it."""

    def probe(self, probe: Probe) -> Iterator[Probed | None]:
        """A gradient by finite differences; None while at work on it."""

    def edit(self, edit: Edit, stop: Stop) -> Evaluated:
        """Change the program while it waits at that stop."""

    def gradients(self, stop: Stop, patterns: Sequence[str], norms: bool) -> Stop:
        """A stop that was passed, with the gradients whose names fit; `norms`: no more of each than its norm."""

    def holds(self, source: str) -> bool | str:
        """Whether that expression is true of the program's variables; or why it cannot be told."""

    def clear_used(self) -> None:
        """Set `.grad = None` wherever an update has used it."""

    def detach(self) -> None:
        """Stop watching, for good."""


def completed(stop: Stop, rest: Rest) -> Stop:
    """The stop with all that it lacks, made at once."""
    for piece in rest(stop):
        stop = piece.put_into(stop) if piece is not None else stop
    return stop


def to_the_last(stop: Stop, rest: Rest) -> Iterator[Statistics | None]:
    """All that the stop lacks, and that this is all."""
    yield from rest(stop)
    yield Statistics(stop.index, last=True)
