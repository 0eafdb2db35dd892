"""Our own reads of tensors: unseen by the program's modes, without grad, without autocast."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterator
from typing import Any, TypeVar

import torch

from gradstep.program.tensors.devices import without_autocast
from gradstep.program.tensors.private import (
    any_autocast,
    count_dispatch_modes,
    no_dispatch_modes,
    no_functions,
    set_grad,
)

Piece = TypeVar("Piece")
Result = TypeVar("Result")

_grad_enabled = torch.is_grad_enabled


class quiet:
    """Everything torch does inside is ours and leaves no trace in the program's state. Entered often: kept short."""

    __slots__ = ("_functions", "_grad", "_more")

    def __enter__(self) -> None:
        self._functions: Any = no_functions()
        self._functions.__enter__()
        self._more: contextlib.ExitStack | None = None
        if count_dispatch_modes() or any_autocast():
            self._more = _without_modes()
        self._grad = _grad_enabled()
        set_grad(False)

    def __exit__(self, *error: object) -> None:
        set_grad(self._grad)
        if self._more is not None:
            self._more.close()
        self._functions.__exit__(*error)


def quietly(steps: Iterator[Piece] | Generator[Piece, None, Result]) -> Generator[Piece, None, Result]:
    """The same pieces and the same result, each made unseen; nothing is left switched off in between."""
    while True:
        with quiet():
            try:
                piece = next(steps)
            except StopIteration as done:
                result: Result = done.value
                return result
        yield piece


def _without_modes() -> contextlib.ExitStack:
    """Out of the dispatch modes and autocast that are on, until the stack is closed."""
    stack = contextlib.ExitStack()
    if count_dispatch_modes():
        stack.enter_context(no_dispatch_modes())
    without_autocast(stack)
    return stack
