"""Why the loss rose, by computing: the recorded forward ops run again with other weights or other data."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Cause = Literal["", "stale", "rate", "momentum", "by-hand", "weight-decay", "optimizer", "data", "noise"]
"""`optimizer`: something in its step, which was not split, goes up the slope."""


class Proof(Struct, frozen=True, omit_defaults=True):
    """What running the forward pass again has given, for the update between two losses of one site."""

    since: int = -1
    """Index of the forward stop before the update: where the step began."""
    problem: str = ""
    """Why there is no proof; empty if there is one."""
    cause: Cause = ""
    """Which part made the loss rise: `data` or `noise` where it did not rise on the old data."""
    before: float = 0.0
    """The loss before the step, on the old data."""
    after: float = 0.0
    """The loss after the step, on the old data, with the old noise."""
    old_on_new: float | None = None
    """The loss of the weights before the step on the new data; None if the data is the same."""
    detached: bool = False
    """Results that the program detaches have a part in the loss: they were held as they were."""
    along: tuple[tuple[float, float], ...] = ()
    """(fraction of the step, loss on the old data), from 0 to 2 times the step; 1 is where it landed."""
    fresh: tuple[tuple[float, float], ...] = ()
    """The same along the step that the fresh gradient alone would have made, with weight decay.

    Empty where that is the whole step, and where it is not known.
    """
    lowest: float | None = None
    """The fraction of the step at which the loss is lowest; below 0.5 the step was more than twice too long."""
    stable_rate: float | None = None
    """The largest learning rate with which this step would not have raised the loss, by the curvature along it."""
    runs: int = 0
    """How many forward passes were run for it."""


class Check(Struct, frozen=True, omit_defaults=True):
    """One gradient by finite differences beside autograd's."""

    name: str
    """The leaf, or the result, whose gradient it is."""
    problem: str = ""
    """Why it cannot be had; empty if it can."""
    autograd: tuple[float, ...] = ()
    """Autograd's gradient for the elements that were tried, in their order."""
    differences: tuple[float, ...] = ()
    """Central differences of the loss for the same elements."""
    elements: tuple[int, ...] = ()
    """Row-major positions of those elements; of a large tensor the largest gradients and some spread evenly."""
    step: float = 0.0
    """The change that was made to an element, either way."""
    error: float = 0.0
    """Largest difference, relative to the largest gradient."""
    expected: float = 0.0
    """What rounding of the loss alone may bring, likewise."""
