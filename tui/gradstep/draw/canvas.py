"""A canvas of braille dots, two by four a cell."""

from __future__ import annotations

_BITS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))


class Canvas:
    """Dots in rows and columns from the top left; dots outside are left out."""

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        """In cells."""
        self.height = height
        """In cells."""
        self._cells = [[0] * width for _ in range(height)]

    def dot(self, x: int, y: int) -> None:
        """Set one dot."""
        if 0 <= x < 2 * self.width and 0 <= y < 4 * self.height:
            self._cells[y // 4][x // 2] |= _BITS[x % 2][y % 4]

    def stroke(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """A straight line between two dots."""
        (x, y), (right, bottom) = start, end
        steps = max(abs(right - x), abs(bottom - y), 1)
        for step in range(steps + 1):
            self.dot(round(x + (right - x) * step / steps), round(y + (bottom - y) * step / steps))

    def row(self, y: int) -> str:
        """One row of cells as text."""
        return "".join(chr(0x2800 + bits) if bits else " " for bits in self._cells[y])
