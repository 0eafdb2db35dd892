"""The receipt of an update: what each leaf's change is made of."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, field

from gradstep.model.tensor import TensorView

PartKind = Literal["fresh", "stale", "by-hand", "momentum", "weight-decay", "other"]


class Part(Struct, frozen=True, omit_defaults=True, gc=False):
    """One of the terms that a leaf's change is the sum of."""

    kind: PartKind
    change: TensorView
    """What it added to the leaf; of a large leaf its norm only."""
    share: float = 0.0
    """⟨part, change⟩ / ⟨change, change⟩: the part of the step, along itself; the shares add up to 1, but for rounding.

    0 where the whole step was lost in rounding, so that nothing changed.
    """
    factor: float | None = None
    """The number by which `of` was multiplied, where it was one number: -lr for the gradient of plain SGD."""
    of: TensorView | None = None
    """What was multiplied: the gradient, the momentum buffer, the weight."""
    divided: bool = False
    """And divided by the receipt's `scaling`, element by element."""


class OptimizerState(Struct, frozen=True, omit_defaults=True, gc=False):
    """An entry of the optimizer's state for one leaf, before and after the step."""

    before: TensorView | None = None
    after: TensorView | None = None


class Receipt(Struct, frozen=True, omit_defaults=True, gc=False):
    """The change of one leaf at one update: before + sum of the parts = after, to rounding."""

    before: TensorView
    after: TensorView
    change: TensorView
    """after - before."""
    parts: tuple[Part, ...] = ()
    rule: str = ""
    """The optimizer's rule with its numbers: `w ← w - 0.01·(g + 0.9·buf)`."""
    lr: float | None = None
    """In force for this leaf; of an update by hand that which its change tells."""
    scaled: float = 1.0
    """What the gradient was multiplied by between backward and update (clipping, unscaling)."""
    scaling: TensorView | None = None
    """Adam and its like: what lr was divided by for each element, √v̂ + ε."""
    state: dict[str, OptimizerState] = field(default_factory=dict)
    """The optimizer's state by its own names: `momentum_buffer`, `exp_avg`, `step`."""
    unexplained: float = 0.0
    """Norm of what the parts do not add up to beyond rounding, relative to the larger of the change and their sum.

    0 for a step that was split exactly, and for one that was not split at all (its only part is `other`).
    """
    rounding: float = 0.0
    """The same of what was lost in rounding to the leaf's dtype: 1 if the step was too small to change anything."""
    uphill: float = 0.0
    """⟨fresh part, fresh gradient⟩ / (their norms): 1 if this step goes up the slope, -1 down it.

    Of a step that was not split, the whole change; 0 where nothing is fresh. With `maximize` 1 is as it should be.
    """
