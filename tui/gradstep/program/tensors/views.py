"""Tensors to `TensorView`s. Reads only; the caller has torch functions, grad mode and autocast off."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy
import torch
from torch import Tensor
from torch.nn.parameter import is_lazy

from gradstep.model.tensor import SMALL, TensorView, Value
from gradstep.program.tensors.memory import bytes_in, has_memory
from gradstep.program.tensors.private import is_transformed

_LARGE = 3e38
"""Below it nothing overflows, and nothing needs to be told so: that takes longer than the rest."""


@cache
def name_of(dtype: torch.dtype) -> str:
    """`float32` for `torch.float32`."""
    return str(dtype).removeprefix("torch.")


def version_of(tensor: Tensor) -> int:
    """How often it has been written to in place; -1 where that is not counted."""
    return -1 if tensor.is_inference() else tensor._version


def bytes_of(tensor: Tensor) -> int:
    """Bytes of a dense tensor; 0 of others, whose layouts do not tell."""
    return tensor.nbytes if tensor.layout is torch.strided and not tensor.is_nested else 0


@cache
def place_of(device: torch.device) -> str:
    """`cuda:0`."""
    return str(device)


def shortest(value: float, dtype: torch.dtype) -> float:
    """Of a float32 the shortest decimal that reads back to the same value, as a Python float; of others the value."""
    if dtype is not torch.float32 or not math.isfinite(value):
        return value
    if abs(value) < _LARGE:
        return float(str(numpy.float32(value)))
    with numpy.errstate(over="ignore"):
        return float(str(numpy.float32(value)))


def narrow(dtype: torch.dtype) -> bool:
    """Whether it is a float of fewer than 32 bits, in which torch would lose digits that it need not lose."""
    return dtype.is_floating_point and dtype.itemsize < 4


def _short(value: Any, dtype: torch.dtype) -> Value:
    if isinstance(value, list):
        return [_short(item, dtype) for item in value]
    if isinstance(value, complex):
        part = torch.float32 if dtype is torch.complex64 else torch.float64
        return [shortest(value.real, part), shortest(value.imag, part)]
    if isinstance(value, float):
        return shortest(value, dtype)
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else bool(value)


def _values(data: Tensor) -> Value:
    """All elements, nested as the axes are."""
    if data.dtype is not torch.float32 or not data.numel():
        return _short(data.tolist(), data.dtype)
    floats = bytes_in(data.cpu().contiguous()).view(numpy.float32)
    flat: list[Value] = [float(str(value)) for value in floats]
    return nested(flat, data.shape)


def nested(flat: list[Value], shape: Sequence[int]) -> Value:
    """Elements in row-major order, of which there are some, as nested lists of that shape."""
    if not shape:
        return flat[0]
    for size in reversed(shape[1:]):
        flat = [flat[start : start + size] for start in range(0, len(flat), size)]
    return flat


def bare(tensor: Tensor) -> Tensor:
    """The same data without graph or subclass, dense where it was sparse and small, dequantised."""
    tensor = tensor.detach()
    if type(tensor) is not Tensor and not tensor.is_sparse:
        tensor = tensor.as_subclass(Tensor)
    if tensor.is_quantized:
        tensor = tensor.dequantize()
    if tensor.is_conj() or tensor.is_neg():
        tensor = tensor.resolve_conj().resolve_neg()
    return tensor


def shape_of(tensor: Tensor) -> torch.Size:
    """Its shape; of a nested tensor the sizes that its parts share."""
    if not tensor.is_nested:
        return tensor.shape if not is_lazy(tensor) else torch.Size()
    if tensor.layout is torch.strided:
        return torch.Size((tensor.size(0),))
    return torch.Size(size for size in tensor.shape if type(size) is int)


def frame_of(tensor: Tensor) -> TensorView:
    """Shape, dtype and device alone."""
    return TensorView(tuple(shape_of(tensor)), name_of(tensor.dtype), place_of(tensor.device))


def readable(tensor: Tensor) -> bool:
    """Whether it has data to read: not meta, fake or under a functional transform, nor freed."""
    if tensor.device.type == "meta" or is_transformed(tensor) or _is_fake(tensor):
        return False
    return has_memory(tensor)


def computable(tensor: Tensor) -> bool:
    """Whether it has data, and a shape, to compute with."""
    return not tensor.is_nested and readable(tensor)


def _is_fake(tensor: Tensor) -> bool:
    return type(tensor).__module__ in ("torch._subclasses.fake_tensor", "torch._subclasses.functional_tensor")


def unreadable(tensor: Tensor) -> str:
    """Why a tensor has no elements that could be shown; empty if it has."""
    if tensor.is_nested:
        return "a nested tensor: its parts differ in shape, so there is no grid of it"
    if tensor.device.type == "meta":
        return "a meta tensor: it has a shape and no data"
    if not _is_fake(tensor) and not is_transformed(tensor) and not has_memory(tensor):
        return "its memory was freed by the program"
    return "" if readable(tensor) else "a fake tensor: it has a shape and no data"


def quick(tensor: Tensor) -> TensorView:
    """Values of a small tensor, of a large one neither values nor statistics."""
    return view(tensor) if tensor.is_nested or tensor.numel() <= SMALL else frame_of(tensor)


def is_rough(shown: TensorView) -> bool:
    """Whether its statistics are still to be computed."""
    return shown.value is None and shown.norm is None


def view(tensor: Tensor) -> TensorView:
    """Values of a tensor of at most `SMALL` elements, statistics of a larger one. Waits for the tensor's device."""
    if not readable(tensor) or tensor.is_nested:
        return frame_of(tensor)
    shape, dtype, device = tuple(tensor.shape), name_of(tensor.dtype), place_of(tensor.device)
    data = bare(tensor)
    if tensor.numel() <= SMALL:
        if data.layout is not torch.strided:
            data = data.to_dense()
        return TensorView(shape, dtype, device, value=_values(data))
    if data.layout is not torch.strided:
        data = data.coalesce().values() if data.layout is torch.sparse_coo else data.values()
    if data.numel() == 0:
        return TensorView(shape, dtype, device, min=0.0, max=0.0, mean=0.0, norm=0.0, nan=0, inf=0)
    return _statistics(TensorView(shape, dtype, device), data, tensor.numel())


def _statistics(known: TensorView, data: Tensor, total: int) -> TensorView:
    """Statistics of `data`, which holds all elements that are not zero of the `total` there are."""
    shape, dtype, device, kind = known.shape, known.dtype, known.device, data.dtype
    if narrow(data.dtype):
        data = data.float()
    if data.is_complex():
        size = data.abs()
        return TensorView(shape, dtype, device, norm=norm(data), nan=_count(size.isnan()), inf=_count(size.isinf()))
    if data.dtype is torch.bool:
        data = data.to(torch.uint8)
    low, high = (item.item() for item in data.aminmax())
    if not data.dtype.is_floating_point:
        mean = data.sum(dtype=torch.float64).item() / total
        return TensorView(shape, dtype, device, min=low, max=high, mean=mean, norm=norm(data.double()), nan=0, inf=0)
    mean, length = data.sum().item() / total, norm(data)
    if data.numel() < total:
        low, high = min(low, 0.0), max(high, 0.0)
    sound = math.isfinite(low) and math.isfinite(high)
    nan, inf = (0, 0) if sound else (_count(data.isnan()), _count(data.isinf()))
    low, high = shortest(low, kind), shortest(high, kind)
    mean, length = shortest(mean, data.dtype), shortest(length, data.dtype)
    return TensorView(shape, dtype, device, None, low, high, mean, length, nan, inf)


def norm(data: Tensor) -> float:
    """Euclidean norm of all elements."""
    value: float = torch.linalg.vector_norm(data).item()
    return value


def norm_view(tensor: Tensor) -> TensorView:
    """Like `view`, but of a large tensor the norm alone: one pass over it."""
    if tensor.is_nested or tensor.numel() <= SMALL or not readable(tensor):
        return view(tensor)
    data = bare(tensor)
    if data.layout is not torch.strided:
        data = data.coalesce().values() if data.layout is torch.sparse_coo else data.values()
    if not data.is_floating_point() and not data.is_complex():
        data = data.double()
    known = frame_of(tensor)
    length = norm(data.float() if narrow(data.dtype) else data)
    return TensorView(known.shape, known.dtype, known.device, norm=shortest(length, torch.float32))


def _count(mask: Tensor) -> int:
    return int(mask.sum().item())
