"""Finds what a loop leaves in a sequence: the same few items several times in a row."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

LEAST = 3
"""How often something must come in a row to be one box."""
CANDIDATES = 16
"""How many of the next places of an item are tried as the beginning of the next round."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """Rounds of `period` items each, from `start` on."""

    start: int
    period: int
    rounds: int

    @property
    def end(self) -> int:
        """The first place after it."""
        return self.start + self.period * self.rounds


def repeats(signs: Sequence[Hashable], enough: Callable[[Repeat], bool] = lambda repeat: True) -> list[Repeat]:
    """The repeats in a sequence, from left to right and apart from each other; of equal ones the shortest round.

    `enough` may ask for more rounds.
    """
    later = _later(signs)
    found: list[Repeat] = []
    at = 0
    while at < len(signs):
        repeat = _at(signs, at, later, enough)
        if repeat is None:
            at += 1
        else:
            found.append(repeat)
            at = repeat.end
    return found


def _later(signs: Sequence[Hashable]) -> list[int]:
    """For every place the next one with the same item; -1 for the last."""
    later = [-1] * len(signs)
    seen: dict[Hashable, int] = {}
    for at in reversed(range(len(signs))):
        later[at] = seen.get(signs[at], -1)
        seen[signs[at]] = at
    return later


def _at(signs: Sequence[Hashable], start: int, later: list[int], enough: Callable[[Repeat], bool]) -> Repeat | None:
    """The repeat that begins at `start`, if one does."""
    following = start
    for _ in range(CANDIDATES):
        following = later[following]
        period = following - start
        if following < 0 or start + LEAST * period > len(signs):
            return None
        if signs[following + period] != signs[start] or signs[following - 1] != signs[following + period - 1]:
            continue
        first = signs[start:following]
        rounds = 1
        while signs[start + rounds * period : start + (rounds + 1) * period] == first:
            rounds += 1
        if rounds >= LEAST and enough(found := Repeat(start, period, rounds)):
            return found
    return None
