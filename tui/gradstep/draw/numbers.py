"""Numbers as torch prints them: four decimals, scientific where those would hide the number."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gradstep.model.tensor import TensorView, Value

NOTHING = "none"
"""What stands where there is no number, as Python would print it."""


def number(value: Value | None) -> str:
    """One number by itself."""
    return numbers([value])[0]


def signed(value: float) -> str:
    """A difference: `+0.6278`."""
    text = number(value)
    return text if text.startswith("-") or math.isnan(value) else f"+{text}"


def numbers(values: Sequence[Value | None]) -> list[str]:
    """Numbers that belong together, in one notation; not yet aligned."""
    scientific = _scientific([part for value in values for part in _floats(value)])
    return [_text(value, scientific) for value in values]


def align(texts: Sequence[str], like: Sequence[str] = ()) -> list[str]:
    """Pad to one width so that the decimal points stand under each other, and under those of `like`."""
    heads = [_point(text) for text in texts]
    head = max([*heads, *map(_point, like)], default=0)
    padded = [" " * (head - at) + text for at, text in zip(heads, texts, strict=True)]
    width = max([*map(len, padded), *(head - _point(text) + len(text) for text in like)], default=0)
    return [text.ljust(width) for text in padded]


def elements(view: TensorView) -> list[str]:
    """The elements of a small tensor, in one notation."""
    return numbers(view.flat())


def count(many: int, one: str, plural: str = "") -> str:
    """`1 leaf`, `12,000 leaves`."""
    return f"{many:,} {one if many == 1 else plural or one + 's'}"


def shape(sizes: Sequence[int]) -> str:
    """`[64, 32]`."""
    return f"[{', '.join(map(str, sizes))}]"


def _floats(value: Value | None) -> list[float]:
    """What decides on the notation: integers do not."""
    if isinstance(value, list):
        return [float(part) for part in value]
    return [value] if isinstance(value, float) else []


def _scientific(values: Sequence[float]) -> bool:
    """torch's rule: too large, too small, or too far apart for fixed decimals."""
    sizes = [abs(value) for value in values if value and math.isfinite(value)]
    if not sizes:
        return False
    low, high = min(sizes), max(sizes)
    return high / low > 1000.0 or high > 1.0e8 or low < 1.0e-4


def _text(value: Value | None, scientific: bool) -> str:
    if value is None:
        return NOTHING
    if isinstance(value, list):
        real, imaginary = (_text(float(part), scientific) for part in value)
        return f"{real}{'' if imaginary.startswith('-') else '+'}{imaginary}j"
    if not isinstance(value, float):
        return str(value)
    if not math.isfinite(value):
        return str(value)
    return f"{value:.4e}" if scientific else f"{value:.4f}"


def _point(text: str) -> int:
    """Cells before the decimal point; of words and integers, all of them."""
    at = text.find(".")
    return len(text) if at < 0 else at
