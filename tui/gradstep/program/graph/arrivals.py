"""Gradients as they pass by in backward: measured at once, read when it is over."""

from __future__ import annotations

import torch
from torch import Tensor

from gradstep.model.tensor import SMALL, TensorView
from gradstep.program.tensors.views import frame_of, name_of, narrow, norm_view, place_of, readable, shortest

Length = tuple[Tensor, torch.Size, torch.dtype, torch.device]
"""The norm of a large gradient, still on its device, with shape, dtype and device of the gradient."""
Arrival = TensorView | Length

_norm = torch.linalg.vector_norm


def arrival_of(grad: Tensor) -> Arrival:
    """A gradient; of a large one its norm, which is not waited for."""
    if type(grad) is Tensor and grad.layout is torch.strided and grad.numel() > SMALL and readable(grad):
        dtype = grad.dtype
        return _norm(grad, dtype=torch.float32 if narrow(dtype) else None), grad.shape, dtype, grad.device
    return seen(grad) or frame_of(grad)


def seen(grad: Tensor | None) -> TensorView | None:
    """A gradient's values, of a large one the norm."""
    if grad is None:
        return None
    return norm_view(grad) if readable(grad) else frame_of(grad)


def read(*arrivals: dict[int, Arrival]) -> list[dict[int, TensorView]]:
    """The same with every norm read; each is read once, and all of a device together."""
    lengths = {id(item): item for some in arrivals for item in some.values() if type(item) is tuple}
    kinds: dict[tuple[torch.dtype, torch.device], list[Length]] = {}
    for item in lengths.values():
        kinds.setdefault((item[0].dtype, item[0].device), []).append(item)
    views: dict[int, TensorView] = {}
    for (kind, _), alike in kinds.items():
        values = torch.stack([length[0] for length in alike]).tolist()
        for length, value in zip(alike, values, strict=True):
            _, shape, dtype, device = length
            norm = shortest(value, kind)
            views[id(length)] = TensorView(tuple(shape), name_of(dtype), place_of(device), norm=norm)
    for known in arrivals:
        known.update({key: views[id(item)] for key, item in known.items() if id(item) in views})
    return [{key: item for key, item in known.items() if isinstance(item, TensorView)} for known in arrivals]
