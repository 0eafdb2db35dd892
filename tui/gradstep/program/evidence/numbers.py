"""What stands in a tensor, in numbers: how much of it is not finite, and from where to where it goes."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from gradstep.model.tensor import TensorView
from gradstep.program.tensors.views import computable

Badness = tuple[int, int]
"""How many elements are NaN, and how many infinite."""

FINE: Badness = (0, 0)


def badness(tensor: Tensor | None) -> Badness | None:
    """How many elements are NaN and how many infinite; None where the tensor is not to be had."""
    if tensor is None or not computable(tensor):
        return None
    if not (tensor.is_floating_point() or tensor.is_complex()) or tensor.layout is not torch.strided:
        return FINE
    data = tensor.detach()
    if bool(data.isfinite().all()):
        return FINE
    return int(data.isnan().sum()), int(data.isinf().sum())


def range_of(shown: TensorView, name: str) -> str:
    """`w.grad from -3 to 1e38`, of a tensor of which there is a view."""
    if shown.value is not None:
        flat = [float(item) for item in shown.flat() if not isinstance(item, list)]
        return f"{name} from {_number(min(flat))} to {_number(max(flat))}" if flat else name
    if shown.min is not None and shown.max is not None:
        return f"{name} from {_number(float(shown.min))} to {_number(float(shown.max))}"
    return name


def range_in(tensor: Tensor | None) -> str:
    """`from -3 to 1e38 with 2 NaN`; empty where that is not to be had."""
    if (
        tensor is None
        or not computable(tensor)
        or tensor.layout is not torch.strided
        or not tensor.numel()
        or tensor.is_complex()
    ):
        return ""
    data = tensor.detach()
    nan = int(data.isnan().sum())
    if nan and nan < data.numel():
        data = data[~data.isnan()]
    low, high = (float(item) for item in data.aminmax()) if data.dtype.is_floating_point else _ints(data)
    if tensor.numel() == 1:
        return f"= {_number(low)}"
    return f"from {_number(low)} to {_number(high)}" + (f" with {nan:,} NaN" if nan else "")


def _ints(data: Tensor) -> tuple[float, float]:
    data = data.long()
    return float(data.min()), float(data.max())


def _number(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return f"{value:.4g}" if math.isfinite(value) else ("Inf" if value > 0 else "-Inf")
