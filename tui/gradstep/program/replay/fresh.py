"""The step that the fresh gradient alone would have made, where the step was a multiple of the gradient."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import Tensor

from gradstep.program.watch.leaves import Leaf

FreshStep = Callable[[Leaf], Tensor | None]
"""What the fresh part of the gradient added to a leaf at the last update; None where that is not known."""

PLAIN = 1e-4
"""A change that differs from a multiple of the gradient by more than this, relative to it, was no plain step."""


class PlainSteps:
    """Finds, at each update, the leaves that moved by -lr times their gradient, and the fresh part of that."""

    def __init__(self) -> None:
        self._fresh: dict[int, Tensor] = {}
        self._rates: dict[int, float] = {}
        self._moved = 0

    def forget(self) -> None:
        """Nothing has moved yet."""
        self._fresh.clear()
        self._rates.clear()
        self._moved = 0

    def take(self, moved: Iterable[Leaf], before: Callable[[Leaf], Tensor | None]) -> None:
        """Look at leaves that have just moved; `before`: what they held."""
        for leaf in moved:
            tensor, old = leaf.tensor, before(leaf)
            grad = tensor.grad if tensor is not None else None
            if tensor is None or old is None or grad is None or old.shape != tensor.shape:
                continue
            if grad.layout is not torch.strided or not grad.is_floating_point():
                continue
            change = tensor.detach() - old
            self._moved += bool(change.any())
            self._take(leaf, change, grad.detach())

    def _take(self, leaf: Leaf, change: Tensor, grad: Tensor) -> None:
        size = float(torch.linalg.vector_norm(grad.double()))
        if not size or not change.any():
            return
        factor = float((change.double() * grad.double()).sum()) / size**2
        rest = float(torch.linalg.vector_norm(change.double() - factor * grad.double()))
        if rest > PLAIN * abs(factor) * size:
            return
        self._rates[leaf.lineage] = -factor
        if leaf.stale_part is not None and leaf.stale_part.shape == grad.shape:
            self._fresh[leaf.lineage] = factor * (grad - leaf.stale_part)
        elif not leaf.used:
            self._fresh[leaf.lineage] = change

    def __call__(self, leaf: Leaf) -> Tensor | None:
        """The fresh part of a leaf's step."""
        return self._fresh.get(leaf.lineage)

    def rate(self) -> float | None:
        """The learning rate that the changes tell, if all are plain steps with the same."""
        rates = list(self._rates.values())
        if not rates or len(rates) < self._moved or max(rates) - min(rates) > 1e-3 * abs(rates[0]):
            return None
        return float(f"{rates[0]:.4g}")
