"""Where in the program's text something stands."""

from __future__ import annotations

from msgspec import Struct


class Place(Struct, frozen=True, omit_defaults=True, gc=False):
    """A line of the user's program."""

    file: str = ""
    """Absolute path; of a notebook the notebook's own."""
    line: int = 0
    """From 1; 0 if unknown. Of a notebook the line of all its code cells joined."""
    function: str = ""
    text: str = ""
    """The line itself, stripped."""
    cell: int = 0
    """Of a notebook the code cell, from 1."""
    cell_line: int = 0
    """The line within that cell, from 1."""

    @property
    def spot(self) -> str:
        """The line as people count it: `line 12`, of a notebook `cell 3, line 2`; empty if unknown."""
        if self.cell:
            return f"cell {self.cell}, line {self.cell_line}"
        return f"line {self.line}" if self.line else ""
