"""A tensor as it can be shown: shape, dtype, device and either its values or its statistics."""

from __future__ import annotations

import math
from typing import Any

from msgspec import Struct

Number = float | int | bool
Value = Number | list[Any]
"""Nested lists of numbers in the shape of the tensor; a complex number is the pair `[re, im]`."""

SMALL = 64
"""Tensors of up to this many elements carry their values, larger ones statistics."""


class TensorView(Struct, frozen=True, omit_defaults=True, gc=False):
    """What is known of a tensor at a stop.

    A float32 is the shortest decimal that reads back to the same value, held in a Python float: the one nearest to
    3.9536 is 3.9536 here, not 3.9535999298095703. Floats of other dtypes are exact.
    """

    shape: tuple[int, ...]
    """Sizes of the axes; `()` for a scalar."""
    dtype: str
    """Without the prefix: `float32`, `bfloat16`, `complex64`."""
    device: str
    """As torch spells it: `cpu`, `cuda:0`."""
    value: Value | None = None
    """All elements, where there are at most `SMALL` of them and they were kept."""
    min: Number | None = None
    """Smallest element (NaN if any is NaN); None where statistics were not computed."""
    max: Number | None = None
    """Largest element."""
    mean: Number | None = None
    """Arithmetic mean."""
    norm: Number | None = None
    """Euclidean norm of all elements; of a large held or fresh gradient the only statistic."""
    nan: int | None = None
    """How many elements are NaN."""
    inf: int | None = None
    """How many elements are infinite."""
    freed: bool = False
    """The program had freed it before it could be read."""

    @property
    def size(self) -> int:
        """Number of elements."""
        size = 1
        for length in self.shape:
            size *= length
        return size

    def flat(self) -> list[Value]:
        """The elements in row-major order, one entry each (a complex one is a pair); empty if not kept."""
        if self.value is None:
            return []
        level: list[Value] = [self.value]
        for _ in self.shape:
            level = [item for part in level if isinstance(part, list) for item in part]
        return level


def parts(value: Value) -> list[float]:
    """The real numbers in one element: one, or the two of a complex one."""
    return [float(part) for part in value] if isinstance(value, list) else [float(value)]


def reals(view: TensorView | None) -> list[float] | None:
    """All real numbers in a tensor, in row-major order; None where its elements were not kept."""
    if view is None or (view.value is None and view.size):
        return None
    return [part for element in view.flat() for part in parts(element)]


def length(view: TensorView | None) -> float | None:
    """Euclidean norm of all elements: as it was measured, else from the elements; None where neither is known."""
    if view is None:
        return None
    if view.norm is not None:
        return float(view.norm)
    numbers = reals(view)
    return None if numbers is None else math.hypot(*numbers)


def statistic(view: TensorView, name: str) -> Number | None:
    """`norm`, `min`, `max` or `mean`: as it was measured, else from the elements; None where neither is known."""
    if name == "norm":
        return length(view)
    numbers = reals(view) if view.value is not None else None
    if not numbers:
        return {"min": view.min, "max": view.max, "mean": view.mean}[name]
    if name == "mean":
        return sum(numbers) / len(numbers)
    return min(numbers) if name == "min" else max(numbers)


def not_finite(view: TensorView) -> tuple[int, int] | None:
    """How many elements are NaN, and infinite (by a norm alone: whether any is); None where nothing of it is known."""
    numbers = reals(view)
    if numbers is not None:
        return sum(map(math.isnan, numbers)), sum(map(math.isinf, numbers))
    if view.nan is not None and view.inf is not None:
        return view.nan, view.inf
    return None if view.norm is None else (int(math.isnan(view.norm)), int(math.isinf(view.norm)))


def same(one: object, two: object) -> bool:
    """Equal to the last bit: NaN is equal to NaN, and -0 is not 0."""
    if isinstance(one, list) and isinstance(two, list):
        return len(one) == len(two) and all(map(same, one, two))
    if isinstance(one, float) and isinstance(two, float):
        if math.isnan(one) or math.isnan(two):
            return math.isnan(one) and math.isnan(two)
        return one == two and math.copysign(1, one) == math.copysign(1, two)
    return one == two
