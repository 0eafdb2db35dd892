"""What is kept of a forward op: enough to draw it, name it and compare it, without keeping its memory alive."""

from __future__ import annotations

import math
import struct
import weakref
import zlib
from collections.abc import Callable
from types import CodeType
from typing import Any

import torch
from msgspec import Struct
from torch import Tensor

from gradstep.model.place import Place
from gradstep.model.tensor import SMALL, TensorView
from gradstep.program.host.frames import line_of, place
from gradstep.program.leaves.leaves import Leaf
from gradstep.program.tape.modules import Modules
from gradstep.program.tensors.memory import bytes_in, has_memory
from gradstep.program.tensors.views import shape_of, version_of

_WHOLE = 16 << 20
"""Bytes of a constant that are compared in full; of a larger one this many, spread evenly."""

_SHARED = 1 << 16
"""A view into memory of more bytes than this is copied rather than kept."""


_NUMBER = struct.Struct("d")


def _size(tensor: Tensor) -> float:
    """Elements of a tensor; of a nested one, which is not kept, more than any number."""
    return tensor.numel() if not tensor.is_nested else math.inf


def _nothing() -> None:
    return None


class Result(Struct, gc=False, eq=False, kw_only=True):
    """A tensor as it was when it was seen, without keeping large memory alive.

    A small one is kept by an alias that shares its memory and its version counter, so that it can be told when it was
    written to since; of a large one there is a weak reference only. Not followed by the garbage collector: there are
    thousands of these, and none leads back to itself.
    """

    ref: Callable[[], Tensor | None] = _nothing
    kept: Tensor | None = None
    version: int = -1
    copied: bool = False
    """`kept` is a copy."""
    shape: torch.Size | None = None
    dtype: torch.dtype | None = None

    def see(self, tensor: Tensor) -> None:
        """Remember that tensor, with its values if it is small."""
        self.ref = weakref.ref(tensor)
        self.version = version_of(tensor)
        if type(tensor) is Tensor and tensor.layout is torch.strided and _size(tensor) <= SMALL:
            shared = tensor._is_view() and tensor.untyped_storage().nbytes() > _SHARED
            self.copied = shared or self.version < 0
            self.kept = tensor.detach().clone() if self.copied else tensor.detach()
        else:
            self.shape, self.dtype = shape_of(tensor), tensor.dtype

    def drop(self) -> None:
        """Keep its frame only."""
        kept, self.kept = self.kept, None
        if kept is not None:
            self.shape, self.dtype = kept.shape, kept.dtype

    def tensor(self) -> Tensor | None:
        """The tensor as it was, if it is still to be had."""
        kept = self.kept
        found = self.ref() if kept is None else kept if self.copied or kept._version == self.version else None
        return found if found is None or has_memory(found) else None

    @property
    def is_scalar(self) -> bool:
        """Whether it has one element."""
        shape = self.shape if self.kept is None else self.kept.shape
        return shape is not None and shape.numel() == 1

    def frame(self) -> TensorView | None:
        """Shape and dtype of one that is gone."""
        if self.shape is None:
            return None
        return TensorView(tuple(self.shape), str(self.dtype).removeprefix("torch."), "", freed=True)


class Constant(Result, gc=False, eq=False):
    """A tensor that feeds the graph and needs no gradient."""

    checksum: int | None = None

    def note(self, tensor: Tensor, lean: bool) -> None:
        """Remember it, with a checksum of its content if it is large, or a number; `lean`: nobody will look at it."""
        if tensor.numel() == 1 and type(tensor) is Tensor and tensor.device.type == "cpu" and not tensor.is_complex():
            self.checksum = zlib.crc32(_NUMBER.pack(tensor.item()))
            if lean:
                self.ref, self.version = weakref.ref(tensor), version_of(tensor)
                return
        self.see(tensor)
        if self.kept is None and type(tensor) is Tensor and tensor.layout is torch.strided:
            self.checksum = fingerprint(tensor) if tensor.device.type != "meta" else 0

    def print(self) -> int:
        """A checksum of its content; of a small one made only when asked for. Nothing equals what was overwritten."""
        if self.checksum is None:
            tensor = self.tensor() if self.kept is not None else None
            self.checksum = fingerprint(tensor) if tensor is not None else id(self)
        return self.checksum


class Op(Result, gc=False, eq=False):
    """One call of the PyTorch API whose result requires grad."""

    name: str
    inputs: tuple[int | Leaf | Constant, ...]
    """Sequence numbers of the results it read, leaves and constants, in the order of its arguments."""
    scalars: tuple[Any, ...]
    """The numbers and strings among its arguments."""
    first_seq: int
    """Autograd's sequence number of the first node that the call made."""
    seq: int
    """Of the last one, which is that of its result."""
    modules: Modules
    """The modules in which it ran, by identity, the innermost last."""
    code: CodeType | None = None
    instruction: int = 0
    stack: tuple[tuple[CodeType, int], ...] | None = None
    """The user's call stack, for a scalar result only."""
    consumed: bool = False
    signature: str = ""
    """Where each argument stood, as `signature` writes it; empty where nobody will ask."""
    node: str = ""
    """Name of its autograd node, where that is all that was seen of it."""
    hooked: bool = False
    """Made under hooks on saved tensors: to run its node would run the program's code."""
    mark: object = None
    """Left by a walk over the graph that has met it."""

    @property
    def line(self) -> int:
        """Line of the user's code that made it; 0 if unknown."""
        return line_of(self.code, self.instruction) if self.code is not None else 0

    @property
    def place(self) -> Place:
        """The same with its file and its text; empty if unknown."""
        return place(self.code, self.line) if self.code is not None else Place()


def fingerprint(tensor: Tensor) -> int:
    """A checksum of a tensor's content, shape and dtype."""
    start = zlib.crc32(repr((tuple(shape_of(tensor)), str(tensor.dtype))).encode())
    size = tensor.numel() * tensor.element_size()
    if size == 0 or tensor.is_quantized or tensor.is_nested or not has_memory(tensor):
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
    return zlib.crc32(bytes_in(data.contiguous()).data, start)
