"""Which part of a step made the loss rise: the one without which it would not have."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence

from torch import Tensor

from gradstep.model.proof import Cause
from gradstep.model.receipt import PartKind
from gradstep.model.stop import Update
from gradstep.program.leaves.leaves import Leaf, same_bits
from gradstep.program.receipt.fresh import OWN, Changes, Kinds

Moves = dict[int, tuple[Tensor, Tensor]]
"""What the leaves that moved held before, and hold now, by lineage."""

CAUSES: dict[PartKind, Cause] = {"stale": "stale", "momentum": "momentum", "by-hand": "by-hand"}
"""Parts that may make the loss rise where the fresh gradient alone does not, in the order in which they are tried."""


class MadeOf:
    """What the whole way is made of that the leaves have moved."""

    def __init__(self, changes: Changes, leaves: Sequence[Leaf], step: Moves) -> None:
        self._changes, self._step = changes, step
        self._leaves = [leaf for leaf in leaves if leaf.lineage in step]

    def kinds(self) -> Generator[None, None, Kinds]:
        """All kinds of parts; none where they are not known of every leaf that has moved, from where it began."""
        found: set[PartKind] = set()
        for leaf in self._leaves:
            kinds, before = (yield from self._changes.find(leaf)), self._changes.before(leaf)
            if kinds is None or before is None or not same_bits(before, self._step[leaf.lineage][0]):
                return frozenset()
            found |= kinds
        return frozenset(found) if len(self._leaves) == len(self._step) else frozenset()

    def part(self, kinds: Kinds) -> dict[int, Tensor]:
        """Its parts of those kinds, by lineage."""
        parts = {leaf.lineage: self._changes.part(leaf, kinds) for leaf in self._leaves}
        return {lineage: part for lineage, part in parts.items() if part is not None}


def blamed(kinds: Kinds, worse: Callable[[Kinds], bool]) -> Generator[None, None, Cause]:
    """Take back one kind of part after the other until the loss does not rise. `worse`: it does, with those alone."""
    others = [kind for kind in CAUSES if kind in kinds]
    if not others or worse(OWN):
        decays = "weight-decay" in kinds and not worse(frozenset({"fresh"}))
        return "weight-decay" if decays else "rate"
    left = kinds
    for kind in others[:-1]:
        left = left - {kind}
        bad = worse(left)
        yield
        if not bad:
            return CAUSES[kind]
    return CAUSES[others[-1]]


def guessed(lowest: float | None, stale: bool, update: Update) -> Cause:
    """Where the parts are not known: a step that goes the wrong way from its beginning is not the fresh gradient's."""
    if lowest != 0.0:
        return "rate"
    if stale:
        return "stale"
    return "optimizer" if update.optimizer else "by-hand"
