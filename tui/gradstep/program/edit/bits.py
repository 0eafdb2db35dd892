"""A checksum of every trained leaf's content and gradient: equal for two runs that are the same to the last bit."""

from __future__ import annotations

import zlib
from collections.abc import Generator, Iterable, Iterator

import torch
from torch import Tensor

from gradstep.model.message import Statistics
from gradstep.model.stop import Stop
from gradstep.program.host.watcher import Pace
from gradstep.program.leaves.leaves import Leaves
from gradstep.program.tensors.elements import Elements
from gradstep.program.tensors.memory import bytes_in
from gradstep.program.tensors.quiet import quietly
from gradstep.program.tensors.views import shape_of, unreadable

_SLICE = 0.01
"""Seconds of work between two looks at the keys."""
_WHOLE = (1 << 63) - 1
_PRIME = 0x9E3779B1
_INTEGERS = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}


class Bits:
    """Says of a stop by which bits it can be told from that of another run."""

    def __init__(self, leaves: Leaves) -> None:
        self._leaves = leaves

    def rest(self, stop: Stop) -> Iterator[Statistics | None]:
        """The checksum, after some pauses."""
        if not stop.whole:
            return
        total, pace = 0, Pace(_SLICE)
        for known in quietly(self._sum()):
            total = known or total
            if pace.is_due():
                yield None
        yield Statistics(stop.index, bits=total)

    def _sum(self) -> Iterator[int]:
        """The sum so far: whatever the names of the leaves and their order."""
        total = 0
        for leaf in self._leaves:
            tensor = leaf.tensor
            if leaf.trained and tensor is not None:
                content = yield from _digest(tensor)
                grad = (yield from _digest(tensor.grad)) if tensor.grad is not None else 0
                total = (total + content + (grad << 31)) & _WHOLE
                yield total


def digest(tensor: Tensor) -> int:
    """A checksum of all that a tensor holds, at once."""
    steps = _digest(tensor)
    while True:
        try:
            next(steps)
        except StopIteration as done:
            return int(done.value)


def _digest(tensor: Tensor) -> Generator[int, None, int]:
    """The same with pauses (0)."""
    known = zlib.crc32(f"{tuple(shape_of(tensor))}{tensor.dtype}{tensor.layout}".encode())
    for part in _parts(tensor):
        for _, piece in part.pieces():
            known = _with(piece, known)
            yield 0
    return known


def _parts(tensor: Tensor) -> Iterable[Elements]:
    """The dense tensors that hold all that a tensor holds."""
    if unreadable(tensor):
        return ()
    elements = Elements(tensor)
    positions = elements.positions
    return (elements,) if positions is None else (Elements(positions), elements)


def _with(piece: Tensor, known: int) -> int:
    """Goes on with a checksum."""
    if piece.device.type == "cpu":
        return zlib.crc32(bytes_in(piece.contiguous()).data, known)
    return zlib.crc32(summed(piece).to_bytes(8, signed=True), known)


def summed(piece: Tensor) -> int:
    """On a device: integers times their places, modulo 2⁶⁴, which no order of summation changes."""
    if piece.is_complex():
        piece = torch.view_as_real(piece).reshape(-1)
    whole = piece.contiguous().view(_INTEGERS[piece.element_size()]).to(torch.int64)
    places = torch.arange(1, whole.numel() + 1, device=whole.device, dtype=torch.int64)
    return int((whole * (places * _PRIME | 1)).sum())
