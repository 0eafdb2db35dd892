"""The vertical axis of a plot. It is never cut: it begins at zero, or is logarithmic."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """The vertical axis: which value is at which height, and where its labels stand."""

    low: float
    high: float
    """In the units of the axis: values, or their log10."""
    ticks: tuple[tuple[float, str], ...]
    log: bool = False

    def share(self, value: float) -> float:
        """Height between 0 and 1 of a value."""
        if not math.isfinite(value):
            return 1.0
        return self.share_of(math.log10(value) if self.log else value)

    def share_of(self, position: float) -> float:
        """The same of a position in the units of the axis."""
        return (position - self.low) / (self.high - self.low)


def linear_scale(values: Sequence[float], rows: int = 9) -> Scale:
    """From zero, or from the smallest if there are negative values, to the largest; labels at least two rows apart."""
    low, high = min(0.0, *values, 0.0), max(0.0, *values, 0.0)
    if low == high:
        high = 1.0
    step = _round_step((high - low) / max(1, min(4, (rows - 1) // 2)))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    ticks = [number * step for number in range(first, last + 1)]
    if len(ticks) < 2:
        ticks = [low, high]
    return Scale(low, high, tuple((tick, _tick(tick, step)) for tick in ticks))


def log_scale(values: Sequence[float], rows: int = 9) -> Scale:
    """From the smallest to the largest, labels at powers of ten, or at 1, 2 and 5 times those in a narrow range."""
    low, high = math.log10(min(values)), math.log10(max(values))
    if high - low < 1e-3:
        middle = ((low + high) / 2, f"{values[-1]:.4g}")
        return Scale(low - 0.1, high + 0.1, (middle,), log=True)
    powers = range(math.floor(low), math.ceil(high) + 1)
    factors = (1.0, 2.0, 5.0) if high - low < 2 else (1.0,)
    every = math.ceil(len(powers) * 2 / rows) if len(factors) == 1 else 1
    positions = [(power + math.log10(factor), factor * 10.0**power) for power in powers[::every] for factor in factors]
    inside = [(at, f"{value:g}") for at, value in positions if low - 1e-9 <= at <= high + 1e-9]
    ends = [(low, f"{min(values):.4g}"), (high, f"{max(values):.4g}")]
    return Scale(low, high, tuple(inside if len(inside) > 1 else ends), log=True)


def _round_step(step: float) -> float:
    """1, 2, 2.5, 4, 5 or 8 times a power of ten, at least `step`."""
    unit = 10.0 ** math.floor(math.log10(step))
    return next(unit * factor for factor in (1.0, 2.0, 2.5, 4.0, 5.0, 8.0, 10.0) if unit * factor >= step * (1 - 1e-9))


def _tick(value: float, step: float) -> str:
    value = 0.0 if abs(value) < step * 1e-6 else value
    return f"{value:.6g}" if 1e-4 <= step < 1e6 or value == 0 else f"{value:.1e}"
