"""A canvas of quarter blocks, which every font for terminals has: two by two a cell."""

from __future__ import annotations

_SIGNS = " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"
"""By the quarters that are set: 1 and 2 in the upper row, 4 and 8 in the lower one."""


class Canvas:
    """Dots two by four a cell, from the top left; two above each other are one quarter. Those outside are left out."""

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        """In cells."""
        self.height = height
        """In cells."""
        self._cells = [[0] * width for _ in range(height)]

    def dot(self, x: int, y: int) -> None:
        """Set the quarter of one dot."""
        if 0 <= x < 2 * self.width and 0 <= y < 4 * self.height:
            self._cells[y // 4][x // 2] |= 1 << (x % 2 + 2 * (y % 4 // 2))

    def stroke(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """A straight line between two dots."""
        (x, y), (right, bottom) = start, end
        steps = max(abs(right - x), abs(bottom - y), 1)
        for step in range(steps + 1):
            self.dot(round(x + (right - x) * step / steps), round(y + (bottom - y) * step / steps))

    def row(self, y: int) -> str:
        """One row of cells as text."""
        return "".join(_SIGNS[quarters] for quarters in self._cells[y])
