"""Where each argument of a call stood, in one short text: what the numbers kept of an op are for."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import Any

from torch import Tensor

RUNNING_STATISTICS = ("batch_norm", "instance_norm")
"""Ops whose constant vectors are running statistics; in training their result does not depend on them."""


def signature(name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any], scalars: list[Any]) -> str:
    """`t s dim= s`, as `formulas.call.parse` reads it: `t` for each tensor kept of the call, `s` for each scalar."""
    skips = name in RUNNING_STATISTICS and scalars[:1] != [False]
    words = _words(args, skips, 0)
    for key, value in kwargs.items():
        words.append(f"{key}=")
        words += _words((value,), skips, 0)
    return sys.intern(" ".join(words))


def _words(values: Iterable[Any], skips: bool, depth: int) -> list[str]:
    words = []
    for value in values:
        if isinstance(value, Tensor):
            words.append("None" if skips and value.ndim == 1 and not value.requires_grad else "t")
        elif isinstance(value, (int, float, str)):
            words.append("s")
        elif depth < 3 and isinstance(value, (list, tuple)):
            words += ["(", *_words(value, skips, depth + 1), ")"]
        elif value is None:
            words.append("None")
        elif value is Ellipsis:
            words.append("...")
        else:
            words.append(_slice(value) if type(value) is slice else "?")
    return words


def _slice(value: slice) -> str:
    """As it is typed, if its bounds are plain numbers."""
    parts = (value.start, value.stop, value.step)
    if any(part is not None and type(part) is not int for part in parts):
        return "?"
    start, stop = ("" if part is None else str(part) for part in parts[:2])
    return f"{start}:{stop}" if value.step is None else f"{start}:{stop}:{value.step}"
