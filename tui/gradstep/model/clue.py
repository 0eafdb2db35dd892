"""What the program does that may be a fault: seen where it runs, judged by the finding of the same kind."""

from __future__ import annotations

from msgspec import Struct, field

from gradstep.model.operand import Operand
from gradstep.model.place import Place


class Clue(Struct, frozen=True, omit_defaults=True):
    """One such fact, at the stop at which it is known."""

    kind: str
    """Of the finding that judges it: `normalised-twice`."""
    what: str = ""
    """Which of the things that the finding knows; empty where there is but one."""
    of: str = ""
    """What it is about, by the user's name: a tensor, a leaf, a module."""
    by: str = ""
    """The op, the function or the class that does it."""
    other: str = ""
    """A second thing that has a part in it."""
    place: Place = Place()
    """Where the program does it."""
    made: Place = Place()
    """Where that to which it is done was made."""
    numbers: dict[str, float] = field(default_factory=dict)
    operands: tuple[Operand, ...] = ()
    """The tensors that a call was given which has failed."""
    boxes: tuple[int, ...] = ()
    """Nodes of the stop's graph that have a part in it."""
