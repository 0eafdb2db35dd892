"""What is kept of a forward op: enough to draw it, name it and compare it, without keeping its memory alive."""

from __future__ import annotations

import weakref
import zlib
from collections.abc import Callable
from types import CodeType
from typing import Any

import torch
from torch import Tensor

from gradstep.model.tensor import SMALL, TensorView
from gradstep.program.watch.leaves import Leaf

_WHOLE = 16 << 20
"""Bytes of a constant that are compared in full; of a larger one this many, spread evenly."""


_SHARED = 1 << 16
"""A view into memory of more bytes than this is copied rather than kept."""


def _nothing() -> None:
    return None


class Result:
    """A tensor as it was when it was seen, without keeping large memory alive.

    A small one is kept by an alias that shares its memory and its version counter, so that it can be told when it was
    written to since; of a large one there is a weak reference only.
    """

    __slots__ = ("copied", "dtype", "kept", "ref", "shape", "version")

    ref: Callable[[], Tensor | None]
    kept: Tensor | None
    shape: torch.Size | None
    dtype: torch.dtype | None
    version: int
    copied: bool

    def unseen(self) -> None:
        """There is a result, but nobody saw it."""
        self.ref, self.version, self.copied = _nothing, -1, False
        self.kept = self.shape = self.dtype = None

    def see(self, tensor: Tensor) -> None:
        """Remember that tensor."""
        self.ref = weakref.ref(tensor)
        self.version = -1 if tensor.is_inference() else tensor._version
        self.kept = self.shape = self.dtype = None
        self.copied = False
        if type(tensor) is Tensor and tensor.numel() <= SMALL and tensor.layout is torch.strided:
            shared = tensor._is_view() and tensor.untyped_storage().nbytes() > _SHARED
            self.copied = shared or self.version < 0
            self.kept = tensor.detach().clone() if self.copied else tensor.detach()
        else:
            self.shape, self.dtype = tensor.shape, tensor.dtype

    def tensor(self) -> Tensor | None:
        """The tensor as it was, if it is still to be had."""
        kept = self.kept
        if kept is None:
            return self.ref()
        return kept if self.copied or kept._version == self.version else None

    def frame(self) -> TensorView | None:
        """Shape and dtype of one that is gone."""
        if self.shape is None:
            return None
        return TensorView(tuple(self.shape), str(self.dtype).removeprefix("torch."), "", freed=True)


class Constant(Result):
    """A tensor that feeds the graph and needs no gradient."""

    __slots__ = ("_print",)

    def __init__(self, tensor: Tensor) -> None:
        self.see(tensor)
        self._print: int | None = None
        if self.kept is None and type(tensor) is Tensor and tensor.layout is torch.strided:
            self._print = fingerprint(tensor) if tensor.device.type != "meta" else 0

    def print(self) -> int:
        """A checksum of its content; of a small one made only when asked for. Nothing equals what was overwritten."""
        if self._print is None:
            tensor = self.tensor() if self.kept is not None else None
            self._print = fingerprint(tensor) if tensor is not None else id(self)
        return self._print


class Op(Result):
    """One call of the PyTorch API whose result requires grad."""

    __slots__ = (
        "code",
        "consumed",
        "inputs",
        "instruction",
        "name",
        "node",
        "number",
        "scalars",
        "seq",
        "signature",
        "stack",
    )

    def __init__(self, number: int, name: str, inputs: tuple[Any, ...], scalars: tuple[Any, ...], seq: int) -> None:
        self.number = number
        """Order of execution."""
        self.name = name
        self.inputs: tuple[int | Leaf | Constant, ...] = inputs
        """Sequence numbers of the results it read, leaves and constants, in the order of its arguments."""
        self.scalars = scalars
        """The numbers among its arguments."""
        self.signature = ""
        """Where each argument stood, as `signature` writes it."""
        self.node = ""
        """Name of its autograd node, where that is all that was seen of it."""
        self.seq = seq
        """Autograd's sequence number of the node of its result."""
        self.code: CodeType | None = None
        self.instruction = 0
        self.stack: tuple[tuple[CodeType, int], ...] | None = None
        """The user's call stack, for a scalar result only."""
        self.consumed = False


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
    if data.stride(0) != 1:
        data = data.clone(memory_format=torch.contiguous_format)
    return zlib.crc32(data.contiguous().view(torch.uint8).numpy().data, start)
