"""The stack of function modes that are on: the program's, and ours among them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gradstep.program.tensors.private import count_modes, pop_mode, push_mode


def take_modes() -> list[Any]:
    """Take all modes off the stack; the lowest is first."""
    return [pop_mode() for _ in range(count_modes())][::-1]


def put_modes(modes: Iterable[Any]) -> None:
    """Put modes on the stack, the lowest first."""
    for mode in modes:
        push_mode(mode)
