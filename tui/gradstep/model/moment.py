"""What the panes show: one stop of one run, the one before it, and the curves."""

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


class Line(Struct, frozen=True):
    """The losses of another run."""

    name: str
    """Of the run."""
    curve: tuple[Point, ...]


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
    later: tuple[Point, ...] = ()
    """What the run's curve goes on with after this stop."""
    others: tuple[Line, ...] = ()
    """The curves of the other runs."""
    oldest: int = 0
    """Index of the oldest stop that is kept of this run."""
    newest: int = -1
    """Index of the newest."""
    alive: bool = True
    """It is of the run whose program exists, or existed last: that may be asked about it."""
    printed: int = -1
    """How many lines the program had printed; -1 for all that there are."""
    run: int = 0
    """Number of the run."""
    name: str = ""
    """Name of the run, where there are several."""
    past: bool = False
    """The program does not stand here: it has gone on, or is gone."""
    recorded: bool = False
    """It is of a recording: nothing can be run."""
    cleared: bool = False
    """Gradients are cleared after each update, from this stop on."""
    edited: str = ""
    """What was edited up to this stop: `lr ×2`."""


NOTHING = Moment()
"""Before the first stop."""
