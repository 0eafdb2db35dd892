"""Sums of losses that keep every graph alive: `total += loss`, iteration after iteration."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any

from torch import Tensor

from gradstep.model.clue import Clue
from gradstep.program.clues.book import ClueBook
from gradstep.program.host.frames import here, is_user_file
from gradstep.program.tape.tape import Tape

ADDING = frozenset("add __add__ radd __radd__ add_ iadd __iadd__".split())
"""Names of an addition."""
_RUNNING = 3
"""Iterations running, from which on it is told."""


class GraphKeeping:
    """Follows each addition of scalars whose result one of the next iterations adds to."""

    def __init__(self, tape: Tape, iteration: Callable[[], int], book: ClueBook) -> None:
        self._tape = tape
        self._iteration = iteration
        self._book = book
        self._sums: dict[tuple[CodeType, int], tuple[weakref.ref[Tensor], int, int]] = {}
        """By place: the last sum, the iteration in which it was made, and how many were added to running."""

    def added(self, args: tuple[Any, ...], result: Any, frame: FrameType) -> None:
        """Two numbers were added, or a number to a sum."""
        if not isinstance(result, Tensor) or result.numel() != 1 or not result.requires_grad:
            return
        if not is_user_file(frame.f_code.co_filename):
            return
        key, now = (frame.f_code, frame.f_lasti), self._iteration()
        known = self._sums.get(key)
        running = 0
        if known is not None:
            last, before, running = known
            old = last()
            if old is None or not any(item is old for item in args):
                running = 0
            elif now > before and self._is_past(old, args, result):
                running += 1
        self._sums[key] = weakref.ref(result), now, running
        if running >= _RUNNING:
            self._book.add(Clue("graph-kept", place=here(frame), numbers={"running": float(running + 1)}))

    def _is_past(self, old: Tensor, args: tuple[Any, ...], result: Any) -> bool:
        """Whether backward has run since the sum was made, so that its graph is of no more use."""
        if old is not result:
            node = old.grad_fn
            return node is not None and node._sequence_nr() <= self._tape.floor
        return True
