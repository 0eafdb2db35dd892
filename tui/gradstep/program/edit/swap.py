"""Replaces the step that was just taken by what the fresh gradient alone would have made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import torch
from torch import Tensor

from gradstep.program.watch.leaves import Leaf, same_bits

_CLOSE = 1e-4
"""Largest relative deviation of a step from a multiple of its gradient that is rounding."""


class Steps(Protocol):
    """Knows what the last update of a leaf was made of."""

    def before(self, leaf: Leaf) -> Tensor | None:
        """The leaf's content before the update; None if that was not kept."""

    def fresh_step(self, leaf: Leaf) -> Tensor | None:
        """What the fresh gradient added to it; None where that cannot be told."""


@dataclass(frozen=True)
class _Kept:
    before: Tensor
    grad: Tensor | None
    stale: Tensor | None
    fresh: list[Tensor | None] = field(default_factory=list)
    """What the fresh gradient added, once it was asked for."""


class PlainSteps:
    """Steps that are a multiple of the gradient: kept from just before an update at which the program will wait."""

    def __init__(self) -> None:
        self._kept: dict[Leaf, _Kept] = {}

    def keep(self, leaves: list[Leaf], before: bool) -> None:
        """Copy what the update of those leaves changes; `before`: the leaves themselves are as they were, too."""
        self._kept.clear()
        for leaf in leaves:
            tensor = leaf.tensor
            content = tensor if before else leaf.snapshot
            if tensor is not None and content is not None:
                grad = tensor.grad.detach().clone() if tensor.grad is not None else None
                self._kept[leaf] = _Kept(content.detach().clone(), grad, leaf.stale_part)

    def before(self, leaf: Leaf) -> Tensor | None:
        """The leaf's content before the update."""
        kept = self._kept.get(leaf)
        return kept.before if kept is not None else None

    def fresh_step(self, leaf: Leaf) -> Tensor | None:
        """The multiple of the gradient's fresh part."""
        kept, tensor = self._kept.get(leaf), leaf.tensor
        if kept is None or tensor is None or tensor.shape != kept.before.shape:
            return None
        if not kept.fresh:
            kept.fresh.append(_fresh(kept, tensor.detach() - kept.before))
        return kept.fresh[0]


def _fresh(kept: _Kept, change: Tensor) -> Tensor | None:
    grad = kept.grad
    if grad is None or grad.layout is not torch.strided or not change.numel():
        return None
    length = float((grad.double() ** 2).sum())
    factor = float((change.double() * grad.double()).sum()) / length if length else 0.0
    if float((change - factor * grad).abs().max()) > _CLOSE * float(change.abs().max()):
        return None
    fresh = grad if kept.stale is None else grad - kept.stale
    return (factor * fresh).to(change.dtype)


def swap(leaves: list[Leaf], steps: Steps) -> tuple[list[str], list[str]]:
    """Write before + fresh step into the leaves, in place; names of those that this changed, and of those unknown."""
    done, unknown = [], []
    for leaf in leaves:
        tensor, before, fresh = leaf.tensor, steps.before(leaf), steps.fresh_step(leaf)
        if tensor is None or before is None or fresh is None:
            unknown.append(leaf.name)
            continue
        new = before + fresh
        if not same_bits(new, tensor.detach()):
            tensor.data.copy_(new)
            done.append(leaf.name)
    return done, unknown
