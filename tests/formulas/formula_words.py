"""What the words of the table's expressions compute, in torch and without autograd's help."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
from formula_windows import (
    at_cell_maximum,
    at_start,
    at_window_maximum,
    before,
    cell_before,
    cell_gates,
    correlate,
    correlate_back,
    correlate_weight,
    first_cell,
    gates,
    over_windows,
)
from torch import Tensor
from torch.nn import functional as F

Axes = int | tuple[int, ...] | None


def tensor(value: Any) -> Tensor:
    return value if isinstance(value, Tensor) else torch.tensor(float(value), dtype=torch.float64)


def lifted(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    return lambda *values: function(*map(tensor, values))


def axes_of(x: Tensor, dim: Axes) -> tuple[int, ...]:
    if dim is None or dim == ():
        return tuple(range(x.ndim))
    return tuple(axis % x.ndim for axis in (dim if isinstance(dim, tuple) else (dim,))) if x.ndim else ()


def reduced(x: Tensor, dim: Axes, function: Callable[..., Tensor]) -> Tensor:
    return function(x, dim=axes_of(x, dim), keepdim=True) if dim not in (None, ()) else function(x)


def spread(value: Any, like: Tensor, dim: Axes = None) -> Tensor:
    x = tensor(value)
    if x.ndim < like.ndim and x.ndim:
        for axis in sorted(axes_of(like, dim)):
            x = x.unsqueeze(axis)
    return x.expand(like.shape)


def along(x: Tensor, like: Tensor) -> Tensor:
    return x.unsqueeze(min(1, like.ndim - 1)).to(torch.float64)


def channel(weight: Tensor, like: Tensor) -> Tensor:
    return weight.reshape(1, -1, *[1] * (like.ndim - 2))


def sum_channel(x: Tensor, like: Tensor) -> Tensor:
    return x.sum([axis for axis in range(x.ndim) if axis != 1]).reshape(like.shape)


def group_mean(x: Tensor, groups: int) -> Tensor:
    cut = x.reshape(x.shape[0], groups, -1)
    return cut.mean(2, keepdim=True).expand(cut.shape).reshape(x.shape)


def group_var(x: Tensor, groups: int) -> Tensor:
    return group_mean((x - group_mean(x, groups)) ** 2, groups)


def onehot(target: Tensor, like: Tensor) -> Tensor:
    axis = min(1, like.ndim - 1)
    classes = torch.arange(like.shape[axis]).reshape(-1, *[1] * (like.ndim - axis - 1))
    return (target.unsqueeze(axis) == classes).to(torch.float64)


def first(x: Tensor, kind: str, dim: int) -> Tensor:
    best = x.argmax(dim, keepdim=True) if kind == "max" else x.argmin(dim, keepdim=True)
    at = torch.arange(x.shape[dim]).reshape([-1 if axis == dim % x.ndim else 1 for axis in range(x.ndim)])
    return (at == best).to(torch.float64)


def put(like: Tensor, index: Any, values: Tensor) -> Tensor:
    """Zeros with the values added at the index, each as often as it occurs."""
    found = torch.zeros_like(like)
    places = torch.arange(like.numel()).reshape(like.shape)[index]
    return found.reshape(-1).index_add(0, places.reshape(-1), values.reshape(-1)).reshape(like.shape)


def along_axis(dim: int, index: Any) -> tuple[Any, ...]:
    return (*[slice(None)] * dim, index)


def put_rows(g: Tensor, index: Tensor, like: Tensor, dim: int) -> Tensor:
    return put(like, along_axis(dim % like.ndim, index), g)


def scatter_sum(g: Tensor, index: Tensor, like: Tensor, dim: int) -> Tensor:
    found = torch.zeros_like(like)
    for place in torch.cartesian_prod(*map(torch.arange, index.shape)).reshape(-1, index.ndim).tolist():
        goal = list(place)
        goal[dim] = int(index[tuple(place)])
        found[tuple(goal)] += g[tuple(place)]
    return found


def fold(g: Tensor, like: Tensor) -> Tensor:
    shape = (1,) * (g.ndim - like.ndim) + tuple(like.shape)
    cut = g.reshape([size for whole, own in zip(g.shape, shape, strict=True) for size in (whole // own, own)])
    return cut.sum(tuple(range(0, 2 * g.ndim, 2))).reshape(like.shape)


def fold_nearest(g: Tensor, like: Tensor) -> Tensor:
    cut = g.reshape([size for whole, own in zip(g.shape, like.shape, strict=True) for size in (own, whole // own)])
    return cut.sum(tuple(range(1, 2 * g.ndim, 2)))


def over_cells(g: Tensor, like: Tensor) -> Tensor:
    for axis, (own, whole) in enumerate(zip(g.shape, like.shape, strict=True)):
        g = g.repeat_interleave(whole // own, axis)
    return g


def crop(g: Tensor, pad: tuple[int, ...]) -> Tensor:
    for number in range(len(pad) // 2):
        axis = g.ndim - 1 - number
        g = g.narrow(axis, pad[2 * number], g.shape[axis] - pad[2 * number] - pad[2 * number + 1])
    return g


def size(x: Tensor, dim: Axes = None) -> int:
    return math.prod(x.shape[axis] for axis in axes_of(x, dim))


def causal(scores: Tensor) -> Tensor:
    rows, columns = torch.arange(scores.shape[-2])[:, None], torch.arange(scores.shape[-1])
    return torch.where(columns <= rows, scores, -math.inf)


def masked(scores: Tensor, mask: Tensor) -> Tensor:
    return torch.where(mask, scores, -math.inf) if mask.dtype is torch.bool else scores + mask


WORDS: Mapping[str, Callable[..., Any]] = {
    **{
        name: lifted(getattr(torch, name))
        for name in "exp log log2 log10 sin cos tan sinh cosh tanh sign asin acos atan erf sqrt abs sigmoid".split()
    },
    "Phi": lambda x: (1 + torch.erf(x / math.sqrt(2))) / 2,
    "phi": lambda x: torch.exp(-(x**2) / 2) / math.sqrt(2 * math.pi),
    "max2": lifted(torch.maximum),
    "min2": lifted(torch.minimum),
    "where": lambda c, a, b: torch.where(c, tensor(a), tensor(b)),
    "between": lambda low, x, high: (low < x) & (x < high),
    "within": lambda low, x, high: (low <= x) & (x <= high),
    "truth": lambda c: c.to(torch.float64),
    "no": lambda c: (~c).to(torch.float64),
    "size": size,
    "T": lambda x: x.mT if x.ndim > 1 else x,
    "outer": lambda a, b: a[..., None] * b,
    "sum": lambda x, dim=None: reduced(x, dim, torch.sum),
    "sum_to": lambda x, like: (tensor(x) + torch.zeros_like(like)).sum_to_size(like.shape),
    "sum_channel": sum_channel,
    "mean": lambda x, dim=None: reduced(x, dim, torch.mean),
    "var": lambda x, dim=None: reduced((x - reduced(x, dim, torch.mean)) ** 2, dim, torch.mean),
    "norm": lambda x, dim=None: reduced(x**2, dim, torch.sum).sqrt(),
    "softmax": lambda x, dim: x.exp() / x.exp().sum(dim, keepdim=True),
    "log_softmax": lambda x, dim: x - x.exp().sum(dim, keepdim=True).log(),
    "group_mean": group_mean,
    "group_var": group_var,
    "channel": channel,
    "count": lambda c, dim=None: reduced(c.to(torch.float64), dim, torch.sum),
    "spread": spread,
    "along": along,
    "reshape": lambda g, like: g.reshape(like.shape),
    "permute": lambda g, order: g.permute(order),
    "part": lambda g, axis, start, stop: g[along_axis(axis, slice(start, stop))],
    "layer": lambda g, axis, at: g[along_axis(axis, at)],
    "half": lambda x, at, dim: x.chunk(2, dim)[at],
    "join_parts": lambda a, b, dim: torch.cat([a, b], dim),
    "join": torch.cat,
    "join_new": torch.stack,
    "fold": fold,
    "fold_nearest": fold_nearest,
    "crop": crop,
    "flip": lambda g, dims: g.flip(dims),
    "rolled": lambda g, by, dims: g.roll(
        tuple(-n for n in by) if isinstance(by, tuple) else -by, dims if dims is not None else None
    ),
    "tril": torch.tril,
    "triu": torch.triu,
    "diag": torch.diag,
    "diagonal": torch.diagonal,
    "eye": lambda x: torch.eye(x.shape[0], dtype=x.dtype),
    "inverse": torch.linalg.inv,
    "pixel_shuffle": F.pixel_shuffle,
    "pixel_unshuffle": F.pixel_unshuffle,
    "put_back": lambda g, like, where: put(like, where, g),
    "put_layer": lambda g, like, dim, at: put(like, along_axis(dim, at), g),
    "put_part": lambda g, like, dim, start: put(like, along_axis(dim, slice(start, start + g.shape[dim])), g),
    "put_masked": lambda g, mask, like: put(like, mask.expand(like.shape), g),
    "put_rows": put_rows,
    "put_rows_of": lambda g, index, like: put(like, index, g),
    "scatter_sum": scatter_sum,
    "taken": lambda g, index, dim: g.gather(dim, index),
    "taken_rows": lambda g, index, dim: g.index_select(dim, index),
    "outside": lambda index, at: (index != at)[..., None],
    "first": first,
    "kept": lambda out: (out != 0).to(torch.float64),
    "onehot": onehot,
    "of_class": lambda weight, target: weight[target],
    "from_here": lambda g, dim: g.flip(dim).cumsum(dim).flip(dim),
    "nonzero": lambda x, _: x,
    "einsum": torch.einsum,
    "correlate": correlate,
    "correlate_back": correlate_back,
    "correlate_weight": correlate_weight,
    "at_window_maximum": at_window_maximum,
    "at_cell_maximum": at_cell_maximum,
    "over_windows": over_windows,
    "over_cells": over_cells,
    "causal": causal,
    "masked": masked,
    "gates": gates,
    "cell_gates": cell_gates,
    "before": before,
    "at_start": at_start,
    "first_cell": first_cell,
    "cell_before": cell_before,
}
