"""One call of a forward pass, and what has to be as it was for it to be made again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch
from msgspec import Struct
from torch import Tensor

from gradstep.program.leaves.leaves import Leaf


class Hole:
    """Where a tensor stood among the arguments."""

    __slots__ = ()


HOLE = Hole()


def writes_in_place(name: str) -> bool:
    """Whether calls of that name write to their first argument."""
    if name in ("requires_grad_", "__invert__", "__index__", "__int__"):
        return False
    return (name[-1:] == "_" and name[-2:] != "__") or name == "__setitem__" or name[:3] == "__i"


Slot = int | tuple[int, int]
"""A call by its number; with the position of one of its results, if it has several."""
Operand = Slot | Leaf | Tensor


def number_of(slot: Slot) -> int:
    """The call that made it."""
    return slot if isinstance(slot, int) else slot[0]


class RecordedCall(Struct, gc=False, eq=False):
    """One call, with holes where tensors stood. Calls know each other by number: a long chain of them is freed flat."""

    number: int
    name: str
    func: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any] | None
    sources: tuple[Operand, ...]
    """What fills the holes: results of other calls, leaves, constants."""
    versions: tuple[int, ...]
    """Version counters of the constants among them, in their order."""
    random: tuple[Tensor, ...] | None = None
    """State of the generators just before the call, if it may draw from them."""
    autocast: tuple[tuple[str, torch.dtype], ...] | None = None
    """Which kinds of device were under autocast, and to what."""
    writes: bool = False
    """Its result is its first argument, written to."""
    opaque: bool = False
    """It may read leaves that are not among its arguments."""
    single: bool = True
    """Its result is one tensor."""
    grad: bool = False
    """It runs backward itself: it needs the graph of what it is given."""
    detached: bool = False
    """Among its constants is a result that was detached."""
    problem: str = ""
    """Why it cannot be made again."""


class BeforeCall(Struct, gc=False):
    """What has to be known of a call before it runs."""

    random: tuple[Tensor, ...] | None = None
    writes: bool = False


def tensors_within(values: Any) -> Iterator[Tensor]:
    """The tensors in a result, in their order."""
    if isinstance(values, Tensor):
        yield values
    elif isinstance(values, (list, tuple)):
        for value in values:
            yield from tensors_within(value)
    elif isinstance(values, dict):
        for value in values.values():
            yield from tensors_within(value)


def needed(alive: set[int], calls: Mapping[int, RecordedCall], writers: Mapping[int, Sequence[int]]) -> set[int]:
    """The calls that those with these numbers depend on, themselves included."""
    found = {number for number in alive if number in calls}
    pending = list(found)
    while pending:
        call = calls[pending.pop()]
        made = [number_of(slot) for slot in call.sources if isinstance(slot, (int, tuple))]
        for number in (*made, *writers.get(call.number, ())):
            if number not in found and number in calls:
                found.add(number)
                pending.append(number)
    return found
