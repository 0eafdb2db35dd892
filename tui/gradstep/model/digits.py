"""The shortest decimal of a value that a narrow floating dtype holds."""

from __future__ import annotations

import math

from gradstep.model.tensor import Value

_NARROW = {
    "float16": (11, -14),
    "bfloat16": (8, -126),
    "float8_e4m3fn": (4, -6),
    "float8_e5m2": (3, -14),
    "float8_e4m3fnuz": (4, -7),
    "float8_e5m2fnuz": (3, -15),
    "complex32": (11, -14),
}
"""Of each: bits of the significand, the leading one included, and the exponent of the smallest normal number."""


def shortest(value: Value, dtype: str) -> Value:
    """The decimal of fewest digits that reads back to the same value of `dtype`; of a list, that of each element.

    Values of wider types stay as they are: what a stop holds is their shortest decimal.
    """
    if dtype not in _NARROW:
        return value
    if isinstance(value, list):
        return [shortest(item, dtype) for item in value]
    if not isinstance(value, float) or not math.isfinite(value):
        return value
    bits, least = _NARROW[dtype]
    for digits in range(1, 17):
        near = float(f"{value:.{digits}g}")
        step = math.ldexp(1.0, max(math.frexp(near)[1] - 1, least) - bits + 1)
        if round(near / step) * step == value:
            return near
    return value
