"""What the fresh gradient, and everything else, added to each leaf at the updates since the last backward pass."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Set
from dataclasses import replace
from typing import TypeVar

import torch
from torch import Tensor

from gradstep.model.receipt import PartKind, Receipt
from gradstep.program.leaves.leaves import Leaf, same_bits
from gradstep.program.receipt.change import Change
from gradstep.program.receipt.terms import Flat, Split

Kinds = Set[PartKind]
T = TypeVar("T")

OLD: frozenset[PartKind] = frozenset({"stale", "momentum"})
"""What earlier gradients add to a step."""

OWN: frozenset[PartKind] = frozenset({"fresh", "weight-decay"})
"""What a step is made of where neither earlier gradients nor the program's own hand have a part in it."""


class Changes:
    """What each leaf's latest change was made of, from the update to the end of the next backward pass.

    Most are never asked about: everything is computed when it is.
    """

    def __init__(self) -> None:
        self._changes: dict[int, Change] = {}

    def add(self, change: Change) -> None:
        """A leaf was changed."""
        self._changes[change.leaf.lineage] = change

    def drop(self, leaf: Leaf) -> None:
        """What is known of a leaf does not hold any more."""
        self._changes.pop(leaf.lineage, None)

    def clear(self) -> None:
        """Nothing is known any more."""
        self._changes.clear()

    def before(self, leaf: Leaf) -> Tensor | None:
        """What the leaf held before its change; None if that was not kept."""
        change = self._changes.get(leaf.lineage)
        return change.before if change is not None else None

    def find(self, leaf: Leaf) -> Generator[None, None, Kinds | None]:
        """What its change is made of, piece by piece; None if that is not known."""
        change = self._changes.get(leaf.lineage)
        split = (yield from change.known()) if change is not None else None
        return split.kinds if split is not None else None

    def kinds(self, leaf: Leaf) -> Kinds | None:
        """The same at once."""
        return drained(self.find(leaf))

    def fresh_step(self, leaf: Leaf) -> Tensor | None:
        """What the fresh gradient, and weight decay, added to it; None where that is not known."""
        return self.part(leaf, OWN)

    def part(self, leaf: Leaf, kinds: Kinds) -> Tensor | None:
        """What terms of those kinds added to it; None where that is not known."""
        change, split = self._known(leaf)
        return summed(split, kinds, change.before) if change is not None and split is not None else None

    def without(self, leaf: Leaf, kinds: Kinds) -> Tensor | None:
        """What it would hold without those terms: the very same where they are zero; None where they are not known."""
        (change, split), tensor = self._known(leaf), leaf.content
        if change is None or split is None or tensor is None:
            return None
        taken = summed(split, kinds, change.before)
        others = summed(split, split.kinds - kinds, change.before, change.before)
        return torch.where(taken == 0, tensor.detach(), others)

    def take_back(self, leaf: Leaf, kinds: Kinds) -> None:
        """The leaf was written to: it is without those terms now."""
        change, split = self._known(leaf)
        if change is not None and split is not None:
            terms = tuple(term for term in split.terms if term.kind not in kinds)
            change.become(replace(split, terms=terms, rule="", exact=True))

    def receipt(self, leaf: Leaf) -> Receipt | None:
        """The leaf's receipt, at once."""
        change = self._changes.get(leaf.lineage)
        return finished(change.receipt()) if change is not None else None

    def rate(self) -> float | None:
        """The learning rate that the changes tell, if it is the same for all."""
        rates: list[float] = []
        for change in self._changes.values():
            tensor = change.leaf.content
            if tensor is None or same_bits(tensor.detach(), change.before):
                continue
            split = drained(change.known())
            if split is None or split.lr is None:
                return None
            rates.append(split.lr)
        if not rates or max(rates) - min(rates) > 1e-3 * abs(rates[0]):
            return None
        return float(f"{rates[0]:.4g}")

    def _known(self, leaf: Leaf) -> tuple[Change | None, Split | None]:
        change = self._changes.get(leaf.lineage)
        return change, drained(change.known()) if change is not None else None


def summed(split: Split, kinds: Kinds, like: Tensor, start: Tensor | None = None) -> Tensor:
    """start + the terms of those kinds, rounded once."""
    flat = Flat(like)
    room = torch.empty_like(flat.model)
    for piece in flat.pieces():
        total = piece.double(start) if start is not None else piece.zeros()
        divisor = split.scaling(piece)
        for term in split.terms:
            if term.kind in kinds:
                total = total + term.times(piece.mix(term.of), divisor)
        piece.raw(room).copy_(total)
    return torch.view_as_complex(room.contiguous()) if like.is_complex() else room


def finished(job: Iterator[Receipt | None]) -> Receipt | None:
    """All of it at once."""
    return next((receipt for receipt in job if receipt is not None), None)


def drained(making: Generator[None, None, T]) -> T:
    """What it returns, at once."""
    while True:
        try:
            next(making)
        except StopIteration as made:
            found: T = made.value
            return found
