"""What the panes show: one stop, the one before it, and the curve up to it."""

from __future__ import annotations

from msgspec import Struct

from gradstep.model.stop import EMPTY, Finding, Stop


class Point(Struct, frozen=True):
    """One loss of the curve."""

    stop: int
    """Index of the forward stop that made it."""
    iteration: int
    value: float
    rose: bool = False
    """It is larger than the value before it of the same loss on the same data."""


class Met(Struct, frozen=True):
    """A kind of finding that the run has met."""

    first: Finding
    stop: int
    """Index of the stop at which it was met first."""
    iteration: int
    count: int = 1
    """At how many stops it held."""


class Moment(Struct, frozen=True):
    """Everything that the panes show; they have no other source."""

    stop: Stop = EMPTY
    before: Stop = EMPTY
    """The latest earlier stop that was kept in full; `EMPTY` if there is none."""
    curve: tuple[Point, ...] = ()
    met: tuple[Met, ...] = ()
    """Every kind of finding up to this stop, in the order in which they were met."""
    passed: int = 0
    """How many phases were run through without being looked at."""


NOTHING = Moment()
"""Before the first stop."""
