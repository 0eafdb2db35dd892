"""The same data again and again, though a loader of several batches is there."""

from __future__ import annotations

import sys
import weakref
from collections.abc import Iterator

from msgspec.structs import replace
from torch import Tensor
from torch.utils.data import DataLoader

from gradstep.model.clue import Clue
from gradstep.model.stop import Loss
from gradstep.program.graph.graphs import data_of
from gradstep.program.leaves.names import variables_of
from gradstep.program.tape.ops import Constant, Op

DRAWING = frozenset("randn_like rand_like randn rand normal normal_ uniform_ bernoulli bernoulli_".split())
"""Names of calls that draw random numbers."""
_MIXING = frozenset("mul rmul imul add radd iadd sub rsub isub addcmul".split())
_RUNNING = 10
"""Passes of a loss running with equal data."""


class RepeatedData:
    """Counts, for each site, how often running its data have been the same."""

    def __init__(self) -> None:
        self._same: dict[str, tuple[str, int]] = {}
        self._drawn: dict[int, weakref.ref[Tensor]] = {}
        """Results of calls that draw random numbers, since the latest pass."""

    def drew(self, result: object) -> None:
        """A call has drawn random numbers."""
        if isinstance(result, Tensor):
            self._drawn[id(result)] = weakref.ref(result)

    def look(self, loss: Loss, ops: list[Op]) -> Iterator[Clue]:
        """A forward pass of those ops has given that loss. What dropout has drawn is no data, nor is a VAE's noise."""
        now = data_of([self._without_noise(op) for op in ops], 0)
        self._drawn.clear()
        data, running = self._same.get(loss.site, ("", 0))
        running = running + 1 if data == now else 1
        self._same[loss.site] = now, running
        if running != _RUNNING:
            return
        for table in variables_of(sys._getframe(1)):
            for name, value in list(table.items()):
                batches = _batches(value)
                if batches > 1:
                    yield Clue("same-batch", of=name, numbers={"passes": float(running), "batches": float(batches)})
                    return

    def _without_noise(self, op: Op) -> Op:
        """The op without random numbers that a result was multiplied with, or that were added to it."""
        if op.name.strip("_") not in _MIXING or not any(type(item) is int for item in op.inputs):
            return op
        return replace(op, inputs=tuple(item for item in op.inputs if not self._is_noise(item)))

    def _is_noise(self, item: object) -> bool:
        tensor = item.ref() if isinstance(item, Constant) else None
        return tensor is not None and self._drawn.get(id(tensor), _nothing)() is tensor


def _nothing() -> None:
    return None


def _batches(value: object) -> int:
    """How many batches a loader has; 0 for anything else, and for one that does not know."""
    if not isinstance(value, DataLoader):
        return 0
    try:
        return len(value)
    except (TypeError, NotImplementedError):
        return 0
