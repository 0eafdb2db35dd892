"""Convolutions and pooling, window by window, and backpropagation through time, written out by hand."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F


def spatial(value: Any, axes: int) -> tuple[int, ...]:
    value = value[0] if isinstance(value, tuple) and len(value) == 1 else value
    return tuple(value) if isinstance(value, tuple) else (value,) * axes


def taps(
    x: Tensor,
    kernel: tuple[int, ...],
    out: tuple[int, ...],
    stride: Any,
    padding: Any,
    dilation: Any,
    empty: float = 0.0,
) -> list[tuple[tuple[int, ...], tuple[Any, ...], tuple[Any, ...]]]:
    """For each place of the kernel: its index, the slice of the padded input that it sees, and of the output."""
    axes = len(kernel)
    stride, dilation = spatial(stride, axes), spatial(dilation, axes)
    found = []
    for place in torch.cartesian_prod(*map(torch.arange, kernel)).reshape(-1, axes).tolist():
        seen = tuple(
            slice(start * d, start * d + (size - 1) * s + 1, s)
            for start, d, size, s in zip(place, dilation, out, stride, strict=True)
        )
        found.append((tuple(place), (..., *seen), (..., *[slice(None)] * axes)))
    return found


def tap(place: tuple[int, ...]) -> tuple[Any, ...]:
    """That place of a kernel, for all channels."""
    return (slice(None), slice(None), *place)


def widths(padding: Any, kernel: tuple[int, ...], dilation: Any) -> list[tuple[int, int]]:
    """Padding before and after each axis."""
    axes = len(kernel)
    if padding == "same":
        whole = [d * (k - 1) for d, k in zip(spatial(dilation, axes), kernel, strict=True)]
        return [(size // 2, size - size // 2) for size in whole]
    return [
        (0, 0) if padding == "valid" else (size, size) for size in spatial(0 if padding == "valid" else padding, axes)
    ]


def padded(x: Tensor, by: list[tuple[int, int]], value: float = 0.0) -> Tensor:
    return F.pad(x, [size for pair in reversed(by) for size in pair], value=value)


def unpadded(x: Tensor, by: list[tuple[int, int]]) -> Tensor:
    inner: tuple[Any, ...] = (..., *[slice(a, x.shape[i - len(by)] - b) for i, (a, b) in enumerate(by)])
    return x[inner]


def grouped(weight: Tensor, groups: int) -> Tensor:
    """The weight of all groups as one: [out, in, ...] with zeros between different groups."""
    out, inner = weight.shape[:2]
    whole = weight.new_zeros(out, inner * groups, *weight.shape[2:])
    for group in range(groups):
        rows = slice(group * out // groups, (group + 1) * out // groups)
        whole[rows, group * inner : (group + 1) * inner] = weight[rows]
    return whole


def correlate(x: Tensor, weight: Tensor, like: Tensor, stride: Any, padding: Any, dilation: Any, groups: int) -> Tensor:
    """out[o] = Σ over channels and places of the kernel of x · weight; `like` has the shape of the result."""
    whole, kernel = grouped(weight, groups), tuple(weight.shape[2:])
    x = padded(x, widths(padding, kernel, dilation))
    found = torch.zeros_like(like)
    for place, seen, _ in taps(x, kernel, tuple(like.shape[2:]), stride, padding, dilation):
        found += torch.einsum("ni...,oi->no...", x[seen], whole[tap(place)])
    return found


def correlate_back(
    g: Tensor, weight: Tensor, like: Tensor, stride: Any, padding: Any, dilation: Any, groups: int
) -> Tensor:
    whole, kernel = grouped(weight, groups), tuple(weight.shape[2:])
    by = widths(padding, kernel, dilation)
    found = padded(torch.zeros_like(like), by)
    for place, seen, _ in taps(found, kernel, tuple(g.shape[2:]), stride, padding, dilation):
        found[seen] += torch.einsum("no...,oi->ni...", g, whole[tap(place)])
    return unpadded(found, by)


def correlate_weight(
    x: Tensor, g: Tensor, like: Tensor, stride: Any, padding: Any, dilation: Any, groups: int
) -> Tensor:
    kernel = tuple(like.shape[2:])
    x = padded(x, widths(padding, kernel, dilation))
    whole = like.new_zeros(g.shape[1], x.shape[1], *kernel)
    for place, seen, _ in taps(x, kernel, tuple(g.shape[2:]), stride, padding, dilation):
        moved = g.transpose(0, 1).reshape(g.shape[1], -1) @ x[seen].transpose(0, 1).reshape(x.shape[1], -1).mT
        whole[tap(place)] = moved
    parts = []
    for group in range(groups):
        rows = slice(group * g.shape[1] // groups, (group + 1) * g.shape[1] // groups)
        parts.append(whole[rows, group * like.shape[1] : (group + 1) * like.shape[1]])
    return torch.cat(parts)


def over_windows(g: Tensor, like: Tensor, kernel_size: Any, stride: Any, padding: Any) -> Tensor:
    axes = _axes(like, kernel_size, g)
    kernel = spatial(kernel_size, axes)
    by = widths(padding, kernel, 1)
    found = padded(torch.zeros_like(like), by)
    for _, seen, _ in taps(found, kernel, tuple(g.shape[-axes:]), stride or kernel, padding, 1):
        found[seen] += g
    return unpadded(found, by)


def at_window_maximum(g: Tensor, like: Tensor, kernel_size: Any, stride: Any, padding: Any, dilation: Any) -> Tensor:
    axes = _axes(like, kernel_size, g)
    kernel = spatial(kernel_size, axes)
    by = widths(padding, kernel, dilation)
    x, found = padded(like, by, -math.inf), padded(torch.zeros_like(like), by)
    seen = [part for _, part, _ in taps(x, kernel, tuple(g.shape[-axes:]), stride or kernel, padding, dilation)]
    best = torch.stack([x[part] for part in seen]).argmax(0)
    for number, part in enumerate(seen):
        found[part] += g * (best == number)
    return unpadded(found, by)


def _axes(like: Tensor, kernel_size: Any, g: Tensor) -> int:
    return len(kernel_size) if isinstance(kernel_size, tuple) and len(kernel_size) > 1 else like.ndim - 2


def at_cell_maximum(g: Tensor, like: Tensor) -> Tensor:
    kernel = tuple(whole // own for own, whole in zip(g.shape[2:], like.shape[2:], strict=True))
    return at_window_maximum(g, like, kernel, None, 0, 1)


def through_time(first: bool, grads: Any, x: Tensor, h: Tensor, c: Tensor, *weights: Tensor) -> tuple[Tensor, Tensor]:
    """Backpropagation through time by hand, for one layer; gates in PyTorch's order i, f, g, o.

    The gradient at the gates of each step, and at the first cell.
    """
    wi, wh, bi, bh = weights
    g = grads[0].transpose(0, 1) if first else grads[0]
    steps = x.transpose(0, 1) if first else x
    states, hidden, cell = [], h[0], c[0]
    for now in steps:
        a = now @ wi.T + hidden @ wh.T + bi + bh
        states.append((a, cell))
        hidden, cell = cell_forward(a, cell)
    found, gh, gc = [], grads[1][0], grads[2][0]
    for (a, cell), own in zip(reversed(states), reversed(g), strict=True):
        da, gc = gates_of(a, cell, gh + own, gc)
        gh = da @ wh
        found.append(da)
    stacked = torch.stack(found[::-1])
    return (stacked.transpose(0, 1) if first else stacked), gc[None]


def gates(first: bool, grads: Any, *values: Tensor) -> Tensor:
    return through_time(first, grads, *values)[0]


def first_cell(first: bool, grads: Any, *values: Tensor) -> Tensor:
    return through_time(first, grads, *values)[1]


def at_start(da: Tensor, first: bool) -> Tensor:
    return (da[:, 0] if first else da[0])[None]


def cell_forward(a: Tensor, cell: Tensor) -> tuple[Tensor, Tensor]:
    i, f, g, o = a.chunk(4, -1)
    cell = f.sigmoid() * cell + i.sigmoid() * g.tanh()
    return o.sigmoid() * cell.tanh(), cell


def gates_of(a: Tensor, cell: Tensor, gh: Tensor, gc: Tensor) -> tuple[Tensor, Tensor]:
    """Gradient at the gates before their functions, and at the cell before."""
    i, f, o = (part.sigmoid() for part in (a.chunk(4, -1)[n] for n in (0, 1, 3)))
    g = a.chunk(4, -1)[2].tanh()
    after = (f * cell + i * g).tanh()
    gc = gc + gh * o * (1 - after**2)
    parts = (gc * g * i * (1 - i), gc * cell * f * (1 - f), gc * i * (1 - g**2), gh * after * o * (1 - o))
    return torch.cat(parts, -1), gc * f


def cell_gates(grads: Any, x: Tensor, h: Tensor, c: Tensor, *weights: Tensor) -> Tensor:
    return cell_step(grads, x, h, c, *weights)[0]


def cell_before(grads: Any, x: Tensor, h: Tensor, c: Tensor, *weights: Tensor) -> Tensor:
    return cell_step(grads, x, h, c, *weights)[1]


def cell_step(grads: Any, x: Tensor, h: Tensor, c: Tensor, *weights: Tensor) -> tuple[Tensor, Tensor]:
    wi, wh, bi, bh = weights
    return gates_of(x @ wi.T + h @ wh.T + bi + bh, c, grads[0], grads[1])


def before(out: Tensor, h: Tensor, first: bool) -> Tensor:
    if first:
        return torch.cat([h.transpose(0, 1), out[:, :-1]], 1)
    return torch.cat([h, out[:-1]])
