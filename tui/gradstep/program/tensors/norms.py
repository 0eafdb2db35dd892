"""Norms of many tensors at once."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping

import torch
from torch import Tensor

from gradstep.model.tensor import SMALL, TensorView
from gradstep.program.tensors.private import norms_of
from gradstep.program.tensors.views import frame_of, view

_REAL = (torch.float32, torch.float64)
"""Dtypes whose norms are computed as exactly as elsewhere."""


def norm_views(tensors: Mapping[str, Tensor]) -> dict[str, TensorView]:
    """Of each the norm; all there is of one that is small, not dense and real, or whose norm is not finite."""
    groups: dict[tuple[torch.device, torch.dtype], list[str]] = defaultdict(list)
    found: dict[str, TensorView] = {}
    for name, tensor in tensors.items():
        dense = type(tensor) is Tensor and tensor.layout is torch.strided and tensor.dtype in _REAL
        if dense and tensor.numel() > SMALL and tensor.device.type != "meta":
            groups[tensor.device, tensor.dtype].append(name)
        else:
            found[name] = view(tensor)
    for names in groups.values():
        norms = torch.stack(list(norms_of([tensors[name] for name in names]))).double().tolist()
        for name, norm in zip(names, norms, strict=True):
            tensor = tensors[name]
            found[name] = _with_norm(frame_of(tensor), norm) if math.isfinite(norm) else view(tensor)
    return found


def _with_norm(frame: TensorView, norm: float) -> TensorView:
    return TensorView(frame.shape, frame.dtype, frame.device, norm=norm)
