"""What is asked about one tensor, and what is known of all its elements: statistics, extremes, histogram."""

from __future__ import annotations

import math
from typing import Any, Literal

from msgspec import Struct

from gradstep.model.tensor import Number, TensorView, Value, parts

Side = Literal["value", "gradient"]
Span = tuple[int, int, int]
"""Indices along one axis: the first, how many, and the step from one to the next, which may be negative."""

BINS = 32
"""Bars of a histogram, at most."""


class Survey(Struct, frozen=True, omit_defaults=True):
    """Statistics of all finite elements; of complex ones min, max and histogram are those of their size |z|."""

    min: Number | None = None
    """None where no element is finite."""
    max: Number | None = None
    min_at: int = -1
    """Row-major position of the first smallest element; -1 if it is an element that a sparse tensor does not store."""
    max_at: int = -1
    mean: Value | None = None
    std: float | None = None
    """With n - 1 in the denominator, as `Tensor.std`; None for fewer than two elements."""
    norm: float | None = None
    """Euclidean norm."""
    zeros: int | None = 0
    """None where it is not known."""
    nan: int = 0
    inf: int = 0
    bins: tuple[int, ...] = ()
    """Elements in each of as many equal parts of `low` to `high`."""
    low: float = 0.0
    high: float = 0.0
    stored: int | None = None
    """How many elements a sparse tensor stores; None for a dense one."""

    @property
    def largest(self) -> float:
        """Largest size of a finite element."""
        return max(abs(float(self.min or 0)), abs(float(self.max or 0)))


def edges(low: float, high: float, whole: bool) -> tuple[float, float, int]:
    """Beginning, end and number of the histogram's parts; whole numbers that are few get a part each."""
    if whole and high - low < BINS:
        return low - 0.5, high + 0.5, int(high - low) + 1
    if low == high:
        return low, high, 1
    return low, high, BINS


def survey_of(view: TensorView) -> Survey | None:
    """Statistics of a tensor whose elements were kept; None where they were not."""
    if view.value is None and view.size:
        return None
    values = view.flat()
    sizes = [size_of(value) for value in values]
    good = [at for at, size in enumerate(sizes) if math.isfinite(size)]
    whole = all(isinstance(part, int) for value in values for part in (value if isinstance(value, list) else [value]))
    known = Survey(
        zeros=sum(size == 0 for size in sizes),
        nan=sum(any(math.isnan(part) for part in parts(value)) for value in values),
        inf=sum(any(math.isinf(part) for part in parts(value)) for value in values),
    )
    if not good:
        return known
    is_complex = any(isinstance(value, list) for value in values)
    reals: dict[int, Any] = {at: sizes[at] if is_complex else values[at] for at in good}
    low_at, high_at = min(good, key=lambda at: reals[at]), max(good, key=lambda at: reals[at])
    low, high = float(reals[low_at]), float(reals[high_at])
    first, last, count = edges(low, high, whole)
    bins = [0] * count
    for at in good:
        share = (float(reals[at]) - first) / (last - first) if last > first else 0.0
        bins[min(count - 1, int(share * count))] += 1
    mean, std = _mean([values[at] for at in good])
    return Survey(
        min=reals[low_at], max=reals[high_at], min_at=low_at, max_at=high_at, mean=mean, std=std,
        norm=math.hypot(*(sizes[at] for at in good)), zeros=known.zeros, nan=known.nan, inf=known.inf,
        bins=tuple(bins), low=first, high=last,
    )  # fmt: skip


def size_of(value: Value) -> float:
    """|x|, also of a complex number."""
    return math.hypot(*parts(value))


def _mean(values: list[Value]) -> tuple[Value, float | None]:
    """Mean and standard deviation."""
    columns = list(zip(*(parts(value) for value in values), strict=True))
    means = [math.fsum(column) / len(column) for column in columns]
    spread = math.fsum((part - mean) ** 2 for column, mean in zip(columns, means, strict=True) for part in column)
    std = math.sqrt(spread / (len(values) - 1)) if len(values) > 1 else None
    return (means if len(means) == 2 else means[0]), std
