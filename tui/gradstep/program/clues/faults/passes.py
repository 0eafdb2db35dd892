"""The backward passes and the updates that are behind the program: which of them has freed or changed what."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from msgspec import Struct
from torch import Tensor

from gradstep.model.place import Place
from gradstep.program.leaves.leaves import Leaf
from gradstep.program.tensors.private import sequence_nr

_MOST = 64


class Pass(Struct, frozen=True):
    """One backward pass."""

    newest: int
    """Autograd's sequence number when it began: nodes up to it were there."""
    roots: tuple[int, ...]
    """Numbers of the ops that it was called on."""
    place: Place


class Change(Struct, frozen=True):
    """One update."""

    at: int
    """Autograd's sequence number then."""
    by: str
    """The optimizer's class; empty if it was by hand."""
    place: Place
    leaves: tuple[int, ...]
    """The leaves that it may have written to, by identity."""


class Passes:
    """The latest of them, the oldest first."""

    def __init__(self) -> None:
        self.backward: deque[Pass] = deque(maxlen=_MOST)
        self.updates: deque[Change] = deque(maxlen=_MOST)

    def begin(self, roots: Sequence[Tensor], where: Place) -> None:
        """Backward is about to be called on those."""
        numbers = tuple(item.grad_fn._sequence_nr() for item in roots if item.grad_fn is not None)
        self.backward.append(Pass(sequence_nr() - 1, numbers, where))

    def updated(self, by: str, moved: Sequence[Leaf], where: Place) -> None:
        """Leaves were moved."""
        self.updates.append(Change(sequence_nr(), by, where, tuple(map(id, moved))))

    @property
    def floor(self) -> int:
        """Nodes up to this number were there before the backward pass that is over; -1 if there was none."""
        return self.backward[-1].newest if self.backward else -1

    @property
    def floor_before(self) -> int:
        """The same before the one that is under way, or has raised."""
        return self.backward[-2].newest if len(self.backward) > 1 else -1

    def changed(self, leaf: Leaf) -> Change | None:
        """The latest update that may have written to a leaf."""
        return next((change for change in reversed(self.updates) if id(leaf) in change.leaves), None)
