"""The step that the fresh gradient alone would have made, where the step was a multiple of the gradient."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
from torch import Tensor

from gradstep.program.receipt.receipts import Later
from gradstep.program.watch.leaves import Leaf

FreshStep = Callable[[Leaf], Tensor | None]
"""What the fresh part of the gradient added to a leaf at the last update; None where that is not known."""

PLAIN = 1e-4
"""A change that differs from a multiple of the gradient by more than this, relative to it, was no plain step."""


@dataclass(frozen=True)
class _Moved:
    """A leaf that has moved, by as much as its content now tells."""

    leaf: Leaf
    before: Tensor
    grad: Later
    stale: Tensor | None
    used: bool


class PlainSteps:
    """Finds, at each update, the leaves that moved by -lr times their gradient, and the fresh part of that.

    Most updates are never asked about: it is computed when it is.
    """

    def __init__(self) -> None:
        self._moved: list[_Moved] = []
        self._fresh: dict[int, Tensor] = {}
        self._rates: dict[int, float] = {}
        self._changed = 0

    def forget(self) -> None:
        """Nothing has moved yet."""
        self._moved.clear()
        self._fresh.clear()
        self._rates.clear()
        self._changed = 0

    def take(
        self, moved: Iterable[Leaf], before: Callable[[Leaf], Tensor | None], kept: Callable[[Leaf], Later | None]
    ) -> None:
        """Look at leaves that have just moved; `before`: what they held; `kept`: their gradients, if they are kept."""
        for leaf in moved:
            tensor, old = leaf.tensor, before(leaf)
            grad = tensor.grad if tensor is not None else None
            if tensor is None or old is None or grad is None or old.shape != tensor.shape:
                continue
            if grad.layout is not torch.strided or not grad.is_floating_point():
                continue
            later = kept(leaf)
            if later is not None:
                self._moved.append(_Moved(leaf, old, later, leaf.stale_part, leaf.used))
            else:
                self._look(leaf, tensor.detach() - old, grad.detach(), leaf.stale_part, leaf.used)

    def _look_at_all(self) -> None:
        moved, self._moved = self._moved, []
        for item in moved:
            tensor, grad = item.leaf.tensor, item.grad()
            if tensor is not None and grad is not None and grad.shape == tensor.shape == item.before.shape:
                self._look(item.leaf, tensor.detach() - item.before, grad.detach(), item.stale, item.used)

    def _look(self, leaf: Leaf, change: Tensor, grad: Tensor, stale: Tensor | None, used: bool) -> None:
        if not change.any():
            return
        self._changed += 1
        size = float(torch.linalg.vector_norm(grad.double()))
        if not size:
            return
        factor = float((change.double() * grad.double()).sum()) / size**2
        rest = float(torch.linalg.vector_norm(change.double() - factor * grad.double()))
        if rest > PLAIN * abs(factor) * size:
            return
        self._rates[leaf.lineage] = -factor
        if stale is not None and stale.shape == grad.shape:
            self._fresh[leaf.lineage] = factor * (grad - stale)
        elif not used:
            self._fresh[leaf.lineage] = change

    def __call__(self, leaf: Leaf) -> Tensor | None:
        """The fresh part of a leaf's step."""
        self._look_at_all()
        return self._fresh.get(leaf.lineage)

    def rate(self) -> float | None:
        """The learning rate that the changes tell, if all are plain steps with the same."""
        self._look_at_all()
        rates = list(self._rates.values())
        if not rates or len(rates) < self._changed or max(rates) - min(rates) > 1e-3 * abs(rates[0]):
            return None
        return float(f"{rates[0]:.4g}")
