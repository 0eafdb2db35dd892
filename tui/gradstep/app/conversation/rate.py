"""How many iterations a second a program makes that runs on."""

from __future__ import annotations

SPAN = 1.0
"""Seconds over which they are counted."""


class IterationRate:
    """Counts over the last second or so."""

    def __init__(self) -> None:
        self._since: tuple[float, int] | None = None
        self._rate = 0.0

    def begin(self) -> None:
        """The program is let run."""
        self._since, self._rate = None, 0.0

    def at(self, now: float, iteration: int) -> float:
        """Iterations a second, at that time in seconds; 0 while it is not known."""
        if self._since is None:
            self._since = now, iteration
        time, first = self._since
        if now - time >= SPAN:
            self._rate = (iteration - first) / (now - time)
            self._since = now, iteration
        return self._rate
