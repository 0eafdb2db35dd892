"""Statistics of all elements of a tensor, piece by piece, so that a command is never kept waiting."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator

import torch
from torch import Tensor

from gradstep.model.survey import Survey, edges
from gradstep.model.tensor import Number, Value
from gradstep.program.tensors.elements import Elements, plain
from gradstep.program.tensors.views import shortest


class Scratch:
    """Memory for one piece, used again and again: fresh memory for each would cost more than the arithmetic."""

    def __init__(self) -> None:
        self._held: dict[tuple[torch.dtype, torch.device], Tensor] = {}

    def like(self, data: Tensor, dtype: torch.dtype | None = None) -> Tensor:
        """As many elements as that has, of any content."""
        key = (dtype or data.dtype, data.device)
        if key not in self._held or self._held[key].numel() < data.numel():
            self._held[key] = torch.empty(data.numel(), dtype=key[0], device=key[1])
        return self._held[key][: data.numel()]


class SurveySums:
    """What is gathered in the first pass."""

    def __init__(self, elements: Elements) -> None:
        self._elements = elements
        self._scratch = Scratch()
        self.count = self.zeros = self.nan = self.inf = 0
        self.low: Number | None = None
        self.high: Number | None = None
        self.low_at = self.high_at = -1
        self.squares = 0.0
        self._centre: complex | float = 0.0
        self._offset: complex | float = 0.0
        self._spread = 0.0

    def add(self, place: int, raw: Tensor) -> None:
        """One piece; `place`: of its first element among those that are stored."""
        data = plain(raw)
        size = data.abs() if data.is_complex() else data
        low, high = size.aminmax()
        if not (math.isfinite(low.item()) and math.isfinite(high.item())):
            self.nan += int(data.isnan().sum())
            self.inf += int(data.isinf().sum())
            sound = data.isfinite()
            kept = torch.nonzero(sound).reshape(-1)
            data, size = data[sound], size[sound]
            if not len(kept):
                return
            low, high = size.aminmax()
        else:
            kept = None
        self._extremes(place, size, kept, low.item(), high.item())
        self.zeros += data.numel() - int(torch.count_nonzero(data))
        self._gather(data)
        self.count += data.numel()

    def _extremes(self, place: int, size: Tensor, kept: Tensor | None, low: Number, high: Number) -> None:
        def where(index: Tensor) -> int:
            at = int(index) if kept is None else int(kept[int(index)])
            return self._elements.position(place + at)

        if self.low is None or low < self.low:
            self.low, self.low_at = low, where(_first(size, low))
        if self.high is None or high > self.high:
            self.high, self.high_at = high, where(_first(size, high))

    def _gather(self, data: Tensor) -> None:
        """Sums about a centre near the mean, so that nothing is lost where the spread is small against it."""
        if not (data.dtype.is_floating_point or data.is_complex()):
            data = self._scratch.like(data, torch.float64).copy_(data)
        if self.count == 0:
            centre = (data.sum(dtype=_double(data)) / data.numel()).item()
            self._centre = torch.tensor(centre, dtype=data.dtype, device="cpu").item()
        self.squares += float(torch.linalg.vector_norm(data, dtype=_double(data))) ** 2
        moved = torch.sub(data, self._centre, out=self._scratch.like(data, data.dtype))
        self._offset += moved.sum(dtype=_double(data)).item()
        self._spread += float(torch.linalg.vector_norm(moved, dtype=_double(data))) ** 2

    def mean(self, zeros: int) -> complex | float:
        """Mean of the elements and of so many zeros besides."""
        return (self._centre * self.count + self._offset) / (self.count + zeros)

    def std(self, zeros: int) -> float | None:
        """Standard deviation of the same."""
        total = self.count + zeros
        if total < 2:
            return None
        own = self._centre + self._offset / self.count
        spread = self._spread - abs(self._offset) ** 2 / self.count + abs(own) ** 2 * self.count * zeros / total
        return math.sqrt(max(0.0, spread) / (total - 1))


def survey(elements: Elements) -> Iterator[Survey | None]:
    """The statistics: None after each piece, the answer at the end."""
    sums = SurveySums(elements)
    for place, piece in elements.pieces():
        sums.add(place, piece)
        yield None
    total = math.prod(elements.shape)
    implicit = total - elements.stored if elements.is_sparse else 0
    if implicit:
        low, high = sums.low, sums.high
        sums.low, sums.low_at = (0, -1) if low is None or low > 0 else (low, sums.low_at)
        sums.high, sums.high_at = (0, -1) if high is None or high < 0 else (high, sums.high_at)
    known = Survey(
        zeros=sums.zeros + implicit, nan=sums.nan, inf=sums.inf, stored=elements.stored if elements.is_sparse else None
    )
    if sums.low is None or sums.high is None:
        yield known
        return
    kind = elements.dtype
    whole = not (kind.is_floating_point or kind.is_complex)
    low, high, parts = edges(float(sums.low), float(sums.high), whole)
    counts = [0] * parts
    scratch = Scratch()
    for _, piece in elements.pieces():
        for part, many in enumerate(_histogram(piece, low, high, parts, scratch)):
            counts[part] += many
        yield None
    if implicit:
        counts[_part(0.0, low, high, parts)] += implicit
    count = sums.count + implicit
    yield Survey(
        min=_exact(sums.low, kind), max=_exact(sums.high, kind), min_at=sums.low_at, max_at=sums.high_at,
        mean=_pair(sums.mean(implicit), kind) if count else None, std=sums.std(implicit) if sums.count else 0.0,
        norm=math.sqrt(sums.squares), zeros=known.zeros, nan=known.nan, inf=known.inf,
        bins=tuple(counts), low=low, high=high, stored=known.stored,
    )  # fmt: skip


def seek(elements: Elements, after: int) -> Iterator[int | None]:
    """The next NaN or Inf behind a position, else the first; -1 at last if there is none."""
    kind = elements.dtype
    begins = dict.fromkeys((after + 1, 0)) if kind.is_floating_point or kind.is_complex else {}
    for begin in begins:
        for place, piece in elements.pieces(0 if elements.is_sparse else begin):
            bad = (torch.nonzero(~plain(piece).isfinite()).reshape(-1) + place).tolist()
            at = bisect_left(bad, begin, key=elements.position)
            if at < len(bad):
                yield elements.position(bad[at])
                return
            yield None
    yield -1


def _first(data: Tensor, value: Number) -> Tensor:
    """Index of the first element that equals a value."""
    return (data == value).to(torch.uint8).argmax()


def _histogram(raw: Tensor, low: float, high: float, parts: int, scratch: Scratch) -> list[int]:
    """How many finite elements are in each part."""
    data = plain(raw)
    data = data.abs() if data.is_complex() else data
    if data.dtype.is_floating_point:
        sound = data.isfinite()
        data = data if bool(sound.all()) else data[sound]
    if parts == 1:
        return [data.numel()]
    half = 1.0 if math.isfinite(high - low) else 0.5
    width = high * half - low * half
    if data.dtype is not torch.float32 or not 1e-30 < width < 1e30:
        data = scratch.like(data, torch.float64).copy_(data)
    share = torch.mul(data, half, out=scratch.like(data)).sub_(low * half).mul_(parts / width).clamp_(0, parts - 1)
    part = scratch.like(data, torch.uint8).copy_(share)
    return list(torch.bincount(part, minlength=parts).tolist())


def _part(value: float, low: float, high: float, parts: int) -> int:
    return min(parts - 1, int((value - low) / (high - low) * parts)) if high > low else 0


def _double(data: Tensor) -> torch.dtype:
    return torch.complex128 if data.is_complex() else torch.float64


def _exact(value: Number, kind: torch.dtype) -> Number:
    """As the dtype prints it."""
    if kind.is_floating_point:
        return shortest(float(value), kind)
    if kind.is_complex:
        return shortest(float(value), torch.float32 if kind is not torch.complex128 else torch.float64)
    return bool(value) if kind is torch.bool else int(value)


def _pair(value: complex | float, kind: torch.dtype) -> Value:
    if kind.is_complex:
        return [complex(value).real, complex(value).imag]
    return float(complex(value).real)
