"""A canvas of lines, drawn with the signs for boxes that every font for terminals has."""

from __future__ import annotations

from itertools import pairwise

_UP, _RIGHT, _DOWN, _LEFT = 1, 2, 4, 8
_SIGNS = "─╵╶╰╷│╭├╴╯─┴╮┤┬┼"
"""By the sides of a cell at which its line goes on."""


class Canvas:
    """Lines between dots, two by four a cell, from the top left; what is outside is left out."""

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        """In cells."""
        self.height = height
        """In cells."""
        self._sides: dict[tuple[int, int], int] = {}

    def stroke(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """A straight line between two dots."""
        (x, y), (right, bottom) = start, end
        steps = max(abs(right - x), abs(bottom - y), 1)
        self._sides.setdefault((x // 2, y // 4), 0)
        dots = ((x + (right - x) * step / steps, y + (bottom - y) * step / steps) for step in range(steps + 1))
        for here, there in pairwise((round(column) // 2, round(row) // 4) for column, row in dots):
            corner = there[0], here[1]
            self._join(here, corner)
            self._join(corner, there)

    def _join(self, here: tuple[int, int], there: tuple[int, int]) -> None:
        """A line from a cell to the one beside it, below it or above it."""
        if here == there:
            return
        ends = (_LEFT, _RIGHT) if here[0] != there[0] else (_UP, _DOWN)
        for cell, side in zip(sorted((here, there)), reversed(ends), strict=True):
            self._sides[cell] = self._sides.get(cell, 0) | side

    def row(self, y: int) -> str:
        """One row of cells as text."""
        return "".join(_SIGNS[self._sides[x, y]] if (x, y) in self._sides else " " for x in range(self.width))
