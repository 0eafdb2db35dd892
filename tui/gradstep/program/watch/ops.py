"""What is kept of a forward op: enough to draw it, name it and compare it, without keeping its memory alive."""

from __future__ import annotations

import weakref
import zlib
from types import CodeType
from typing import Any

import torch
from torch import Tensor

from gradstep.model.tensor import SMALL
from gradstep.program.watch.leaves import Leaf

_WHOLE = 16 << 20
"""Bytes of a constant that are compared in full; of a larger one this many, spread evenly."""


class Constant:
    """A tensor that feeds the graph and needs no gradient."""

    __slots__ = ("dtype", "kept", "print", "ref", "shape")

    def __init__(self, tensor: Tensor) -> None:
        self.ref = weakref.ref(tensor)
        self.shape = tensor.shape
        self.dtype = tensor.dtype
        plain = type(tensor) is Tensor and tensor.layout is torch.strided and tensor.device.type != "meta"
        self.kept = tensor.detach().clone() if plain and tensor.numel() <= SMALL else None
        self.print = fingerprint(tensor) if plain else 0


class Op:
    """One call of the PyTorch API whose result requires grad."""

    __slots__ = (
        "code",
        "consumed",
        "dtype",
        "inputs",
        "instruction",
        "kept",
        "name",
        "number",
        "ref",
        "scalars",
        "seq",
        "shape",
        "stack",
    )

    def __init__(self, number: int, name: str, inputs: list[Any], scalars: tuple[Any, ...]) -> None:
        self.number = number
        """Order of execution."""
        self.name = name
        self.inputs: list[int | Leaf | Constant] = inputs
        """Sequence numbers of the results it read, leaves and constants, in the order of its arguments."""
        self.scalars = scalars
        """The numbers among its arguments."""
        self.seq = -1
        """Autograd's sequence number of its (first) result."""
        self.ref: weakref.ref[Tensor] | None = None
        self.kept: Tensor | None = None
        """A copy of a small result."""
        self.shape: torch.Size = torch.Size()
        self.dtype = torch.float32
        self.code: CodeType | None = None
        self.instruction = 0
        self.stack: tuple[tuple[CodeType, int], ...] = ()
        """The user's call stack, for a scalar result only."""
        self.consumed = False

    def keep(self, result: Tensor) -> None:
        """Remember the result: a copy of it if it is small, else only for as long as the program keeps it."""
        self.shape, self.dtype = result.shape, result.dtype
        self.ref = weakref.ref(result)
        if type(result) is Tensor and result.numel() <= SMALL and result.layout is torch.strided:
            self.kept = result.detach().clone()

    def tensor(self) -> Tensor | None:
        """The result, if it is still to be had."""
        return self.kept if self.kept is not None else (self.ref() if self.ref is not None else None)


def fingerprint(tensor: Tensor) -> int:
    """A checksum of a tensor's content, shape and dtype."""
    start = zlib.crc32(repr((tuple(tensor.shape), str(tensor.dtype))).encode())
    size = tensor.numel() * tensor.element_size()
    if size == 0 or tensor.is_quantized:
        return start
    data = tensor.detach().reshape(-1)
    if size > _WHOLE:
        data = data[:: size // _WHOLE + 1]
    if data.device.type != "cpu":
        data = data.cpu()
    if data.is_conj() or data.is_neg():
        data = data.resolve_conj().resolve_neg()
    return zlib.crc32(data.contiguous().view(torch.uint8).numpy().data, start)
