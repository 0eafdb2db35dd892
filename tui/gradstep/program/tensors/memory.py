"""A tensor's memory, read where it lies.

`Tensor.numpy()` would forbid the program to resize it ever after, as sharded training and offloading do to free it.
"""

from __future__ import annotations

import ctypes
from typing import Any

import numpy
import torch
from numpy.typing import NDArray
from torch import Tensor

_compare = ctypes.CDLL(None).memcmp
_compare.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)

_OWN = frozenset((Tensor, torch.nn.Parameter))
"""Classes whose tensors have a shape and a storage."""


class _Memory:
    """What numpy asks for memory. Keeps the tensor."""

    __slots__ = ("__array_interface__", "tensor")

    def __init__(self, tensor: Tensor) -> None:
        place = {"version": 3, "typestr": "|u1", "shape": (tensor.nbytes,), "data": (tensor.data_ptr(), True)}
        self.tensor = tensor
        self.__array_interface__: dict[str, Any] = place


def _has_place(tensor: Tensor) -> bool:
    """Whether a tensor of another class has memory: one that wraps others has none, a lazy parameter not yet."""
    try:
        return tensor.data_ptr() != 0 or tensor.numel() == 0
    except (RuntimeError, ValueError, NotImplementedError):
        return False


def bytes_in(tensor: Tensor) -> NDArray[numpy.uint8]:
    """The bytes of a contiguous tensor on the CPU."""
    return numpy.asarray(_Memory(tensor)) if tensor.numel() else numpy.empty(0, numpy.uint8)


def same_bytes(one: Tensor, two: Tensor) -> bool:
    """Whether the bytes of two such tensors, equally many, are equal."""
    return bool(_compare(one.data_ptr(), two.data_ptr(), one.nbytes) == 0)


def has_memory(tensor: Tensor) -> bool:
    """Whether there is memory for all its elements: the program may have freed it and kept the tensor."""
    if tensor.layout is not torch.strided or tensor.is_nested:
        return True
    if type(tensor) not in _OWN and not _has_place(tensor):
        return False
    there, size = tensor.untyped_storage().nbytes(), tensor.numel()
    if size == 0 or (tensor.storage_offset() + size) * tensor.element_size() <= there:
        return size == 0 or there > 0
    last = sum((count - 1) * step for count, step in zip(tensor.shape, tensor.stride(), strict=True))
    return (tensor.storage_offset() + last + 1) * tensor.element_size() <= there
