"""Clues that turn up while the program runs, until a stop takes them."""

from __future__ import annotations

from gradstep.model.clue import Clue

_MOST = 64
"""Clues that may wait; a program that runs on for long without a stop makes no more of them."""


class ClueBook:
    """Those that wait. The same clue counts once."""

    def __init__(self) -> None:
        self._waiting: list[Clue] = []

    def add(self, clue: Clue) -> None:
        """Note a clue for the next stop that somebody looks at."""
        if len(self._waiting) < _MOST and clue not in self._waiting:
            self._waiting.append(clue)

    def take(self) -> tuple[Clue, ...]:
        """Those that have waited; from now on there are none."""
        taken, self._waiting = self._waiting, []
        return tuple(taken)
