"""What is kept of a forward pass, so that it can be run again after the weights have moved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from gradstep.model.stop import Loss
from gradstep.program.graph.losses import Root
from gradstep.program.leaves.leaves import Leaf
from gradstep.program.replay.run import Chain, Lost
from gradstep.program.tape.call import Slot
from gradstep.program.tape.calls import Calls
from gradstep.program.tape.ops import Op
from gradstep.program.tensors.allowance import Allowance
from gradstep.program.tensors.memory import has_memory
from gradstep.program.tensors.nodes import nodes_above, variable_of
from gradstep.program.tensors.private import copy_all
from gradstep.program.tensors.views import shortest

Weights = dict[int, Tensor]
"""Leaf values by lineage."""


@dataclass
class Pass:
    """One forward pass: its calls, its loss, and what the leaves held."""

    index: int
    """Of its forward stop."""
    loss: Loss
    updates: int
    """How many updates there had been."""
    ops: list[Op]
    chain: Chain | None = None
    weights: Weights = field(default_factory=dict)
    problem: str = ""
    """Why it cannot be run again."""
    dtype: torch.dtype = torch.float32
    grad: bool = False
    """To be run with grad enabled: else its bits differ, or it does not run."""

    def value(self, roots: list[Tensor]) -> float:
        """The loss from its roots, rounded as it is at the stop."""
        return shortest(sum(float(root.detach()) for root in roots), self.dtype)


class Weighing:
    """Copies of leaf values in memory that is used again."""

    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance
        self._spare: list[Weights] = []
        self._bytes = 0

    def take(self, leaves: Iterable[Leaf]) -> Weights:
        """Copy what the leaves hold now. Raises Lost if that is too much."""
        tensors = {leaf.lineage: tensor.detach() for leaf in leaves if (tensor := leaf.tensor) is not None}
        if any(tensor.is_nested or not has_memory(tensor) for tensor in tensors.values()):
            raise Lost("a leaf is a nested tensor, or its memory was freed")
        spare = self._spare.pop() if self._spare else {}
        self._free(spare)
        size = _size(tensors)
        if not self._allowance.take(size):
            raise Lost("--history is too small to keep the weights from before the step")
        self._bytes += size
        kept = {lineage: _like(spare.get(lineage), tensor) for lineage, tensor in tensors.items()}
        plain = [lineage for lineage, tensor in tensors.items() if tensor.layout is torch.strided]
        if plain:
            copy_all([kept[lineage] for lineage in plain], [tensors[lineage] for lineage in plain])
        return kept

    def give(self, weights: Weights) -> None:
        """These are not needed any more."""
        if weights and len(self._spare) < 2:
            self._spare.append(weights)
        else:
            self._free(weights)

    def forget(self) -> None:
        """Give the memory back, that of all weights that were taken too."""
        self._spare.clear()
        self._allowance.give(self._bytes)
        self._bytes = 0

    def _free(self, weights: Weights) -> None:
        size = _size(weights)
        self._allowance.give(size)
        self._bytes -= size


def keep(root: Root, loss: Loss, index: int, updates: int, calls: Calls, leaves: Iterable[Leaf]) -> Pass:
    """A forward pass that has just ended, without its weights; with the reason if it cannot be run again."""
    kept = Pass(index, loss, updates, root.ops)
    if root.value is None:
        kept.problem = f"{loss.name} is no scalar"
        return kept
    try:
        roots: list[Slot | Leaf] = []
        for tensor in root.tensors:
            slot = calls.slot(tensor)
            if slot is None:
                raise Lost(calls.full or f"what made {loss.name} was not seen")
            roots.append(slot)
        kept.dtype = root.tensors[-1].dtype if root.tensors else torch.float32
        if not roots:
            raise Lost(f"the program has dropped {loss.name}")
        kept.chain = Chain(calls, roots)
    except Lost as lost:
        kept.problem = str(lost)
    return kept


def unreached(root: list[Tensor], chain: Chain, find: object) -> str:
    """Name of a leaf that autograd reaches and the kept calls do not; empty if there is none."""
    if chain.opaque or not callable(find):
        return ""
    for node in nodes_above(root):
        variable = variable_of(node)
        leaf = find(variable) if variable is not None else None
        if leaf is not None and leaf not in chain.leaves:
            return leaf.name or "a leaf"
    return ""


def _size(weights: Weights) -> int:
    return sum(tensor.nbytes for tensor in weights.values() if tensor.layout is torch.strided)


def _like(spare: Tensor | None, tensor: Tensor) -> Tensor:
    if tensor.layout is not torch.strided:
        return tensor.clone()
    fits = spare is not None and spare.shape == tensor.shape and spare.dtype == tensor.dtype
    if spare is not None and fits and spare.device == tensor.device and spare.stride() == tensor.stride():
        return spare
    return torch.empty_like(tensor)
