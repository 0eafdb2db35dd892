"""Slices typed as in Python, `0:50, :, 3`, for a tensor of a known shape."""

from __future__ import annotations

from collections.abc import Sequence

Axis = int | range
"""One index, or the indices that remain of an axis."""


def parse_slice(text: str, shape: Sequence[int]) -> tuple[Axis, ...]:
    """What remains of each axis; empty text is everything. Raises ValueError with one line for people."""
    text = text.strip()
    if text.startswith("[") and text.endswith("]"):
        text = text[1:-1]
    parts = [part.strip() for part in text.split(",")] if text.strip() else []
    if parts and not parts[-1]:
        parts.pop()
    parts = _without_dots(parts, len(shape))
    if len(parts) > len(shape):
        raise ValueError(f"{len(parts)} axes are written, the tensor has {len(shape)}")
    parts += [":"] * (len(shape) - len(parts))
    return tuple(_axis(part, size, number) for number, (part, size) in enumerate(zip(parts, shape, strict=True)))


def write_slice(axes: Sequence[Axis], shape: Sequence[int]) -> str:
    """The same in the shortest way, `3, :, 0:50`; empty for everything."""
    texts = [str(axis) if isinstance(axis, int) else _range(axis, size) for axis, size in zip(axes, shape, strict=True)]
    return "" if all(text == ":" for text in texts) else ", ".join(texts)


def _without_dots(parts: list[str], axes: int) -> list[str]:
    """`...` as the axes that it stands for."""
    if parts.count("...") > 1:
        raise ValueError("`...` may stand only once")
    if "..." not in parts:
        return parts
    at = parts.index("...")
    return [*parts[:at], *[":"] * (axes - len(parts) + 1), *parts[at + 1 :]]


def _axis(part: str, size: int, number: int) -> Axis:
    try:
        ends = [int(end) if end.strip() else None for end in part.split(":")]
    except ValueError:
        raise ValueError(f"`{part}` is no index and no slice: write 3, 0:50 or 0:50:2") from None
    if len(ends) == 1:
        return _index(ends[0], size, number)
    if len(ends) > 3:
        raise ValueError(f"`{part}` has too many colons: write start:stop:step")
    if len(ends) == 3 and ends[2] == 0:
        raise ValueError(f"`{part}`: a step cannot be 0")
    rest = range(size)[slice(*ends)]
    if size and not rest:
        raise ValueError(f"`{part}` leaves nothing of axis {number}, which has {_elements(size)}")
    return rest


def _index(index: int | None, size: int, number: int) -> int:
    if index is None:
        raise ValueError(f"axis {number} is left empty: write : for all of it")
    if not -size <= index < size:
        raise ValueError(f"{index} is outside of axis {number}, which has {_elements(size)}")
    return index % size


def _elements(size: int) -> str:
    return f"{size:,} element{'' if size == 1 else 's'}"


def _range(axis: range, size: int) -> str:
    if axis == range(size):
        return ":"
    step = "" if axis.step == 1 else f":{axis.step}"
    first = "" if axis.start == (0 if axis.step > 0 else size - 1) else str(axis.start)
    whole = axis.stop >= size if axis.step > 0 else axis.stop < 0
    return f"{first}:{'' if whole else axis.stop}{step}"
