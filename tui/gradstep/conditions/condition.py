"""What a program may be run to, as it was understood."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from gradstep.model.stop import Phase

Sign = Literal["<", "<=", ">", ">="]

Quantity = Literal["value", "norm", "max", "min", "mean", "ratio"]
"""`value`: of a scalar; `ratio`: ||Δw|| / ||w|| at an update."""

State = Literal["not finite", "has nan", "has inf", "is zero", "rises", "changes", "does not change"]


class ConditionError(ValueError):
    """A text that is no condition: one line, with the place and what may stand there."""


class Bound(Struct, frozen=True):
    """A number that a quantity passes."""

    quantity: Quantity
    sign: Sign
    number: float


class Stalls(Struct, frozen=True):
    """It has not become smaller for so many iterations."""

    iterations: int


class FindingMet(Struct, frozen=True):
    """A new finding of that kind; `warning`: of any kind, as a warning or an error; `error`: as an error."""

    kind: str


class LossPasses(Struct, frozen=True):
    """Of the loss, whatever its name."""

    test: Bound | State | Stalls


class TensorPasses(Struct, frozen=True):
    """Of each tensor or gradient whose name fits."""

    pattern: str
    test: Bound | State


class OpReached(Struct, frozen=True):
    """An op by its name or that of its module; a node of backward."""

    pattern: str
    backward: bool = False


class LineReached(Struct, frozen=True):
    """A line of the program is about to run."""

    file: str
    """The end of its path."""
    line: int


class PhaseEnded(Struct, frozen=True):
    """The end of a phase of that kind."""

    phase: Phase


class IterationBegun(Struct, frozen=True):
    """The first stop of that iteration, or of a later one."""

    number: int


class ExpressionTrue(Struct, frozen=True):
    """Python, of the program's variables."""

    source: str


Meaning = (
    FindingMet | LossPasses | TensorPasses | OpReached | LineReached | PhaseEnded | IterationBegun | ExpressionTrue
)


class Condition(Struct, frozen=True):
    """One condition."""

    text: str
    """As it was written, with single blanks."""
    meaning: Meaning

    @property
    def is_inside(self) -> bool:
        """Whether it may hold within a phase."""
        return isinstance(self.meaning, OpReached | LineReached)
