"""What backward is called on, against what it was called on before."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from gradstep.model.clue import Clue
from gradstep.model.place import Place
from gradstep.program.clues.book import ClueBook
from gradstep.program.leaves.scaling import Scaling
from gradstep.program.tape.tape import Tape
from gradstep.program.tensors.quiet import quiet
from gradstep.program.tensors.views import readable


class Roots:
    """The roots of the backward passes since the latest update."""

    def __init__(self, tape: Tape, scaling: Scaling, book: ClueBook) -> None:
        self._tape = tape
        self._scaling = scaling
        self._book = book
        self._done: dict[int, str] = {}
        """Ops that made them, by number, with the lines of their backward passes."""

    def before_backward(self, roots: list[Tensor], where: Place, deposits: bool, stepping: bool) -> None:
        """Backward is about to be called on those."""
        if stepping:
            self._book.add(Clue("closure"))
        if not deposits:
            return
        found = [op for item in roots if (op := self._tape.root(item)) is not None]
        if self._done and found:
            again = [op for op in self._tape.feeding(found) if op.seq in self._done and op not in found]
            if again:
                spot = self._done[again[-1].seq]
                self._book.add(
                    Clue(
                        "counted-twice",
                        by=found[-1].name,
                        other=spot,
                        place=where,
                        numbers={"roots": float(len(again))},
                    )
                )
        self._done |= {op.seq: where.spot for op in found}

    def given(self, root: Any, gradient: Any, where: Place) -> None:
        """The program hands backward a gradient to begin with."""
        if not isinstance(root, Tensor) or root.numel() != 1 or not isinstance(gradient, Tensor):
            return
        with quiet():
            if not readable(gradient) or gradient.numel() != 1 or gradient.is_complex():
                return
            factor = float(gradient)
        if not _is_usual(factor) and factor != self._scaling.factor():
            self._book.add(Clue("scaled-backward", place=where, numbers={"factor": factor}))

    def at_update(self) -> None:
        """An update was made: a new account begins."""
        self._done.clear()


def _is_usual(factor: float) -> bool:
    """Whether it is 1, the -1 of what is to be made larger, or one of k equal parts of a batch."""
    if not factor or abs(factor) > 1:
        return False
    parts = 1 / abs(factor)
    return abs(parts - round(parts)) < 1e-3 * parts
