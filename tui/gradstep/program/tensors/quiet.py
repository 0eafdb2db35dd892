"""Our own reads of tensors: unseen by the program's modes, without grad, without autocast."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, TypeVar

import torch

from gradstep.program.tensors.private import count_dispatch_modes, no_dispatch_modes, no_functions, set_grad

T = TypeVar("T")

_grad_enabled = torch.is_grad_enabled
_autocast_enabled = torch.is_autocast_enabled


class quiet:
    """Everything torch does inside is ours and leaves no trace in the program's state. Entered often: kept short."""

    __slots__ = ("_functions", "_grad", "_more")

    def __enter__(self) -> None:
        self._functions: Any = no_functions()
        self._functions.__enter__()
        self._more: contextlib.ExitStack | None = None
        if count_dispatch_modes() or _autocast_enabled("cpu") or _autocast_enabled("cuda"):
            self._more = _without_modes()
        self._grad = _grad_enabled()
        set_grad(False)

    def __exit__(self, *error: object) -> None:
        set_grad(self._grad)
        if self._more is not None:
            self._more.close()
        self._functions.__exit__(*error)


def quietly(steps: Iterator[T]) -> Iterator[T]:
    """The same, each step unseen by the program's modes; nothing is left switched off in between."""
    while True:
        with quiet():
            try:
                step = next(steps)
            except StopIteration:
                return
        yield step


def _without_modes() -> contextlib.ExitStack:
    """Out of the dispatch modes and autocast that are on, until the stack is closed."""
    stack = contextlib.ExitStack()
    if count_dispatch_modes():
        stack.enter_context(no_dispatch_modes())
    cache = torch.is_autocast_cache_enabled()
    for kind in ("cpu", "cuda"):
        if _autocast_enabled(kind):
            stack.enter_context(torch.autocast(kind, enabled=False, cache_enabled=cache))
    return stack
