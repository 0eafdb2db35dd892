"""Copies of tensors in memory that is used again: fresh memory for each would cost more than the copying."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from gradstep.program.tensors.allowance import Allowance
from gradstep.program.tensors.private import copy_all
from gradstep.program.tensors.views import bare, computable

Key = tuple[int, str]
"""Lineage of the leaf, and what of it."""

_PLAIN = (Tensor, torch.nn.Parameter)


class Copies:
    """The latest copy of each tensor, by key."""

    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance
        self._held: dict[Key, Tensor] = {}
        self.refused = False
        """There was no room for one of them."""

    def take(self, wanted: Mapping[Key, Tensor]) -> dict[Key, Tensor]:
        """Copy those tensors, all at once; what cannot be read, or is too much, is left out."""
        copies: dict[Key, Tensor] = {}
        sources: list[Tensor] = []
        targets: list[Tensor] = []
        for key, tensor in wanted.items():
            held = self._held.get(key)
            if held is not None and type(tensor) in _PLAIN and _alike(held, tensor):
                copies[key] = held
                sources.append(tensor)
                targets.append(held)
                continue
            if not can_be_kept(tensor):
                continue
            source = bare(tensor)
            if source.layout is not torch.strided:
                copies[key] = source.clone()
                continue
            target = self._room(key, source)
            if target is not None:
                copies[key] = target
                sources.append(source)
                targets.append(target)
        if targets:
            copy_all(targets, sources)
        return copies

    def _room(self, key: Key, like: Tensor) -> Tensor | None:
        held = self._held.get(key)
        if held is not None and _alike(held, like):
            return held
        if held is not None:
            self._allowance.give(self._held.pop(key).nbytes)
        if not self._allowance.take(like.nbytes):
            self.refused = True
            return None
        room = self._held[key] = torch.empty_like(like, memory_format=torch.preserve_format)
        return room

    def forget(self) -> None:
        """Give the memory back."""
        self._allowance.give(sum(held.nbytes for held in self._held.values()))
        self._held.clear()


def _alike(one: Tensor, two: Tensor) -> bool:
    return (
        two.layout is torch.strided and one.dtype is two.dtype and one.shape == two.shape and one.device == two.device
    )


def can_be_kept(tensor: Tensor) -> bool:
    """Whether it has data that we can copy and compute with."""
    return computable(tensor) and not tensor.is_quantized
