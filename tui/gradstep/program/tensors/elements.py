"""The elements of any tensor, piece by piece or by a window, without a copy of the whole. Reads only, and quietly."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy
import torch
from torch import Tensor

from gradstep.model.survey import Span
from gradstep.model.tensor import Value
from gradstep.program.tensors.memory import bytes_in
from gradstep.program.tensors.views import bare

PIECE = (1 << 15) - 1
"""Elements that are looked at in one go: so few that torch takes one thread, and none waits for another."""
_PIECE_ON_DEVICE = 1 << 24
"""The same on a device, where each step costs more than its arithmetic."""

_LAYOUTS = {
    torch.sparse_coo: "sparse coo",
    torch.sparse_csr: "sparse csr",
    torch.sparse_csc: "sparse csc",
    torch.sparse_bsr: "sparse bsr",
    torch.sparse_bsc: "sparse bsc",
}


class Elements:
    """One tensor that has data."""

    def __init__(self, tensor: Tensor) -> None:
        self.shape = tuple(tensor.shape)
        self.layout = layout_of(tensor)
        """Where it is not plain and dense."""
        tensor = tensor.detach()
        if tensor.layout in _LAYOUTS:
            coo = tensor if tensor.layout is torch.sparse_coo else tensor.to_sparse_coo()  # type: ignore[no-untyped-call]
            self._sparse: Tensor | None = coo.coalesce()
            self._data = self._sparse.values()
        else:
            self._sparse = None
            self._data = tensor.to_dense() if tensor.layout is not torch.strided else bare(tensor)

    @property
    def dtype(self) -> torch.dtype:
        """Of the elements as they are read: of a quantised tensor that of its values."""
        return self._data.dtype

    @property
    def is_sparse(self) -> bool:
        """Whether elements that are zero may not be stored."""
        return self._sparse is not None

    @property
    def positions(self) -> Tensor | None:
        """Of a sparse tensor the indices of its stored elements, a column each."""
        return self._sparse.indices() if self._sparse is not None else None

    @property
    def stored(self) -> int:
        """How many elements there are in `pieces`."""
        return self._data.numel()

    def pieces(self, begin: int = 0) -> Iterator[tuple[int, Tensor]]:
        """The stored elements in their order as flat pieces, each with its place; those wholly before `begin` not."""
        yield from _pieces(self._data, 0, begin)

    def position(self, place: int) -> int:
        """Row-major position in the tensor of the stored element at that place."""
        if self._sparse is None:
            return place
        inner = math.prod(self._data.shape[1:])
        row, rest = divmod(place, inner)
        position = 0
        for size, index in zip(self.shape, self._sparse.indices()[:, row].tolist(), strict=False):
            position = position * size + index
        return position * inner + rest

    def window(self, spans: tuple[Span, ...]) -> Tensor:
        """The elements of a window, dense, with an axis for each span."""
        spans = tuple(map(_inside, spans, self.shape))
        if self._sparse is not None:
            return self._sparse_window(spans)
        return _cut(self._data, spans)

    def _sparse_window(self, spans: tuple[Span, ...]) -> Tensor:
        """Find the stored elements that are in the window and put them into zeros."""
        assert self._sparse is not None
        indices, values = self._sparse.indices(), self._data
        outer = len(indices)
        values = _cut(values, ((0, len(values), 1), *spans[outer:]))
        inside = torch.ones(len(values), dtype=torch.bool, device=values.device)
        places = []
        for index, (first, count, step) in zip(indices, spans, strict=False):
            place = torch.div(index - first, step, rounding_mode="floor")
            inside &= (place * step == index - first) & (place >= 0) & (place < count)
            places.append(place)
        shape = [count for _, count, _ in spans]
        dense = torch.zeros(shape, dtype=values.dtype, device=values.device)
        dense[tuple(place[inside] for place in places)] = values[inside]
        return dense


def layout_of(tensor: Tensor) -> str:
    """What is to be said of a tensor that is not plain and dense."""
    if tensor.is_quantized:
        return "quantised"
    return _LAYOUTS.get(tensor.layout, "" if tensor.layout is torch.strided else str(tensor.layout).split(".")[-1])


def plain(data: Tensor) -> Tensor:
    """As numbers that torch can compute with: narrow floats as float32, booleans and odd integers as int."""
    if data.dtype.is_floating_point:
        return data if data.dtype in (torch.float32, torch.float64) else data.float()
    if data.dtype is torch.bool:
        return data.to(torch.uint8)
    if data.dtype is torch.complex32:
        return data.to(torch.complex64)
    wider = {torch.uint16: torch.int32, torch.uint32: torch.int64, torch.uint64: torch.float64}
    return data.to(wider[data.dtype]) if data.dtype in wider else data


def values_of(data: Tensor) -> list[Value]:
    """The elements as Python values; of float32 the shortest decimals that read back to the same."""
    flat = data.reshape(-1).cpu()
    if flat.is_complex():
        flat = flat if flat.dtype is not torch.complex32 else flat.to(torch.complex64)
        parts = torch.view_as_real(flat.resolve_conj())
        return [list(pair) for pair in zip(_floats(parts[:, 0]), _floats(parts[:, 1]), strict=True)]
    return list(_floats(flat)) if flat.dtype.is_floating_point else flat.tolist()


def _floats(data: Tensor) -> list[float]:
    if data.dtype is torch.float32:
        return [float(str(value)) for value in bytes_in(data.contiguous()).view(numpy.float32)]
    exact: list[float] = data.double().tolist()
    return exact


def _pieces(data: Tensor, place: int, begin: int) -> Iterator[tuple[int, Tensor]]:
    size = data.numel()
    if size == 0 or place + size <= begin:
        return
    most = PIECE if data.device.type == "cpu" else _PIECE_ON_DEVICE
    if size <= most:
        yield place, data.reshape(-1)
    elif data.is_contiguous():
        for start in range(max(0, begin - place) // most * most, size, most):
            yield place + start, data.view(-1)[start : start + most]
    else:
        inner = size // len(data)
        rows = max(1, most // inner)
        for start in range(0, len(data), rows):
            part = data[start : start + rows]
            yield from _pieces(part[0] if len(part) == 1 else part, place + start * inner, begin)


def _inside(span: Span, size: int) -> Span:
    """The span as far as there are elements."""
    first, count, step = span
    room = (size - 1 - first) // step if step > 0 else first // -step
    return first, min(count, room + 1) if 0 <= first < size else 0, step


def _cut(data: Tensor, spans: tuple[Span, ...]) -> Tensor:
    """Basic slices; an axis that is stepped backwards is turned around."""
    backwards = []
    for axis, (first, count, step) in enumerate(spans):
        if step < 0:
            backwards.append(axis)
        low = min(first, first + (count - 1) * step)
        data = data[(slice(None),) * axis + (slice(low, low + count * abs(step), abs(step)),)]
    return data.flip(backwards) if backwards else data
