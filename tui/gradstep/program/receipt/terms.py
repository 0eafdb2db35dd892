"""A step as a sum of terms, and its tensors piece by piece as flat real numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from gradstep.model.receipt import PartKind
from gradstep.model.tensor import SMALL
from gradstep.program.tensors.elements import PIECE
from gradstep.program.tensors.views import bare, narrow

OF_LEAF, OF_PARTS = 2.0, 8.0
"""Roundings that may separate the sum of the parts from the change: of the leaf (decay and step), of the parts."""

_ON_DEVICE = 1 << 24

Mix = tuple[tuple[float, Tensor], ...]
"""A sum of tensors, each with its factor; nothing for zero."""


class Piece:
    """A stretch of elements of all tensors of one leaf's shape."""

    def __init__(self, flat: Flat, start: int, stop: int) -> None:
        self._flat, self._start, self._stop = flat, start, stop

    def raw(self, tensor: Tensor) -> Tensor:
        """Those elements, in the tensor's own dtype."""
        return self._flat.of(tensor)[self._start : self._stop]

    def double(self, tensor: Tensor) -> Tensor:
        """The same as float64."""
        return self.raw(tensor).to(torch.float64)

    def mix(self, mix: Mix) -> Tensor:
        """The sum, as float64."""
        total: Tensor | None = None
        for factor, tensor in mix:
            term = self.double(tensor)
            term = term if factor == 1.0 else term * factor
            total = term if total is None else total + term
        return self.zeros() if total is None else total

    def zeros(self) -> Tensor:
        """Nothing, as float64."""
        return torch.zeros(self._stop - self._start, dtype=torch.float64, device=self._flat.model.device)


class Flat:
    """All tensors of one leaf in one order of elements: that in which the leaf lies in memory."""

    def __init__(self, like: Tensor) -> None:
        self.shape, self.dtype = tuple(like.shape), like.dtype
        model = _real(like)
        self.model = model.contiguous() if like.numel() <= SMALL else model
        self.numel = self.model.numel()
        self.small = like.numel() <= SMALL
        self._known: dict[int, tuple[Tensor, Tensor]] = {}

    def of(self, tensor: Tensor) -> Tensor:
        """All its elements, flat; complex ones as two."""
        known = self._known.get(id(tensor))
        if known is not None:
            return known[1]
        model, real = self.model, _real(tensor)
        if real.stride() != model.stride() or real.shape != model.shape:
            room = torch.empty_strided(model.size(), model.stride(), dtype=real.dtype, device=real.device)
            real = room.copy_(real)
        flat = real.as_strided((model.numel(),), (1,), real.storage_offset())
        self._known[id(tensor)] = (tensor, flat)
        return flat

    def whole(self) -> Piece:
        """All elements at once."""
        return Piece(self, 0, self.numel)

    def pieces(self) -> Iterator[Piece]:
        """All elements, so many at once as are computed quickly."""
        most = PIECE if self.model.device.type == "cpu" else _ON_DEVICE
        for start in range(0, self.numel, most):
            yield Piece(self, start, min(start + most, self.numel))

    def shaped(self, values: Tensor, exact: bool = False) -> Tensor:
        """Flat elements of a small leaf back in its shape and dtype.

        Those of a narrow dtype are float32 unless they are `exact`: what was computed with them has more digits.
        """
        if self.dtype.is_complex:
            pairs = values.reshape(*self.shape, 2).contiguous()
            return torch.view_as_complex(pairs.to(torch.float64)).to(self.dtype)
        return values.reshape(self.shape).to(self.dtype if exact or not narrow(self.dtype) else torch.float32)


def _real(tensor: Tensor) -> Tensor:
    data = bare(tensor)
    if data.layout is not torch.strided:
        data = data.to_dense()
    return torch.view_as_real(data) if data.is_complex() else data


@dataclass(frozen=True)
class Term:
    """factor × of, divided by the split's divisor where `divided`."""

    kind: PartKind
    factor: float
    of: Mix
    divided: bool = False
    exact: Tensor | None = None
    """What `of` is, where it is known better than as a sum."""

    def times(self, of: Tensor, divisor: Tensor | None) -> Tensor:
        """factor × of, divided."""
        part = of * self.factor
        return part / divisor if self.divided and divisor is not None else part


@dataclass(frozen=True)
class Split:
    """What a step is said to be: change = sum of the terms."""

    terms: tuple[Term, ...] = ()
    rule: str = ""
    lr: float | None = None
    divisor: Callable[[Piece], Tensor] | None = None
    """Adam's √v̂ + ε, computed as the optimizer does."""
    exact: bool = True
    """The rule is known to be this one; else it is an attempt, and if it fails all is `other`."""

    @property
    def kinds(self) -> frozenset[PartKind]:
        """Of its terms."""
        return frozenset(term.kind for term in self.terms)

    def scaling(self, piece: Piece) -> Tensor | None:
        """The divisor of that piece, as float64."""
        return self.divisor(piece).to(torch.float64) if self.divisor is not None else None


def rounding(dtype: torch.dtype, before: Tensor, after: Tensor, size: Tensor) -> Tensor:
    """How far the sum of the parts may be from the change. `size`: the parts' absolute values, added."""
    unit = torch.finfo(dtype)
    return unit.eps * (OF_LEAF * torch.maximum(before.abs(), after.abs()) + OF_PARTS * size) + unit.tiny


def beyond(rest: Tensor, tolerance: Tensor, total: Tensor) -> Tensor:
    """What is left beyond rounding. Where parts and change are both not finite that is nothing."""
    excess = (rest.abs() - tolerance).clamp_(min=0.0)
    return torch.where(rest.isfinite(), excess, torch.where(total.isfinite(), math.inf, 0.0))
