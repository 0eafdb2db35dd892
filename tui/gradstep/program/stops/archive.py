"""Large leaves and their gradients as they were at earlier stops: copied once a change, the oldest dropped first."""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from gradstep.model.message import Statistics
from gradstep.model.stop import Stop
from gradstep.model.survey import Side
from gradstep.model.tensor import SMALL
from gradstep.program.leaves.leaves import Leaf, Leaves
from gradstep.program.tensors.allowance import Allowance
from gradstep.program.tensors.quiet import quiet
from gradstep.program.tensors.views import bare, place_of, readable

Key = tuple[str, Side]


@dataclass(eq=False)
class Copy:
    """A tensor as it was from one stop to another, which are told by how many phases had ended."""

    key: Key
    first: int
    last: int
    tensor: Tensor
    """In the memory of the CPU."""
    device: str
    """Where the tensor itself was."""
    of: weakref.ref[Tensor]
    version: int
    address: int

    def is_of(self, tensor: Tensor) -> bool:
        """Whether nothing was written to it since."""
        same = self.of() is tensor and self.version == tensor._version
        return same and self.address == tensor.untyped_storage().data_ptr()


class Archive:
    """What the inspector shows of stops that are over."""

    def __init__(self, leaves: Leaves, allowance: Allowance, keeps: bool = True) -> None:
        """`keeps`: somebody may go back."""
        self._leaves = leaves
        self._allowance = allowance
        self._keeps = keeps
        self._bytes = 0
        allowance.yields(lambda: self._bytes, lambda: self._drop(self._order[0]))
        self._copies: dict[Key, deque[Copy]] = {}
        self._order: deque[Copy] = deque()

    def rest(self, stop: Stop) -> Iterator[Statistics | None]:
        """Copy what has changed since it was copied last, leaf by leaf; a key that comes too soon ends it."""
        if not stop.whole or not self._keeps:
            return
        for leaf in self._leaves:
            with quiet():
                self._keep(leaf, stop)
            yield None

    def changed(self, stop: Stop) -> None:
        """The program was changed at that stop: what was copied there is no more."""
        for copy in [copies[-1] for copies in self._copies.values() if copies]:
            copy.version = -1
            if stop.whole and copy.last == stop.phases:
                copy.last -= 1
                if copy.last < copy.first:
                    self._drop(copy)
        for _ in self.rest(stop):
            pass

    def find(self, name: str, side: Side, phases: int) -> Copy | None:
        """The copy that shows the stop after so many phases; None if there is none (any more)."""
        return next((copy for copy in self._copies.get((name, side), ()) if copy.first <= phases <= copy.last), None)

    def _keep(self, leaf: Leaf, stop: Stop) -> None:
        tensor = leaf.tensor
        if tensor is None or not leaf.name:
            return
        if leaf.name in stop.tensors:
            self._take((leaf.name, "value"), tensor, stop.phases, leaf.name in stop.changed)
        if leaf.name in stop.gradients and tensor.grad is not None:
            self._take((leaf.name, "gradient"), tensor.grad, stop.phases, f"{leaf.name}.grad" in stop.changed)

    def _take(self, key: Key, tensor: Tensor, phases: int, changed: bool) -> None:
        if tensor.numel() <= SMALL or not readable(tensor) or tensor.layout is not torch.strided or tensor.is_quantized:
            return
        copies = self._copies.setdefault(key, deque())
        since = phases - copies[-1].last if copies else 2
        seen = since == 0 or (since == 1 and not changed)  # else it may have changed unseen
        if seen and copies[-1].is_of(tensor):
            copies[-1].last = phases
        elif self._allowance.take(tensor.nbytes):
            data = bare(tensor)
            copy = data.to("cpu", copy=True, memory_format=torch.preserve_format)
            self._add(Copy(key, phases, phases, copy, place_of(tensor.device), weakref.ref(tensor), tensor._version,
                           tensor.untyped_storage().data_ptr()))  # fmt: skip

    def _add(self, copy: Copy) -> None:
        self._copies[copy.key].append(copy)
        self._order.append(copy)
        self._bytes += copy.tensor.nbytes

    def _drop(self, copy: Copy) -> None:
        self._copies[copy.key].remove(copy)
        self._order.remove(copy)
        self._bytes -= copy.tensor.nbytes
        self._allowance.give(copy.tensor.nbytes)
