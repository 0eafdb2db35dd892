"""A tensor that a call was given, as it is told to people: its name, its shape, and where it came from."""

from __future__ import annotations

from msgspec import Struct

from gradstep.model.place import Place


class Operand(Struct, frozen=True, omit_defaults=True, gc=False):
    """One of them."""

    name: str = ""
    """The user's name, or the text of the expression that stands for it; empty if there is none."""
    by: str = ""
    """The op that made it, if that was seen."""
    shape: tuple[int, ...] = ()
    dtype: str = ""
    device: str = ""
    made: Place = Place()
    """The line that made it."""
    leaf: bool = False
    """It is a leaf: a weight."""
    expression: bool = False
    """`name` is not a name but an expression."""

    @property
    def called(self) -> str:
        """Its name, else what made it."""
        return self.name or (f"the result of {self.by}" if self.by else "a tensor")
