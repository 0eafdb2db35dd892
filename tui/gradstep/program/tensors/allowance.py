"""How much memory everything that is kept for watching may take together."""

from __future__ import annotations

from collections.abc import Callable

USUAL = 1 << 30
"""Bytes where no limit was asked for."""


class Allowance:
    """Counts what is kept of the program's tensors: copies for receipts, for proofs, for past stops."""

    def __init__(self, size: int = 0) -> None:
        self.size = size or USUAL
        """Bytes in all."""
        self.used = 0
        """Bytes that are taken."""
        self._spare: Callable[[], int] = lambda: 0
        self._drop: Callable[[], None] = lambda: None

    def yields(self, spare: Callable[[], int], drop: Callable[[], None]) -> None:
        """Some of it can be done without: `spare` says how many bytes, `drop` gives the oldest of it up."""
        self._spare, self._drop = spare, drop

    def take(self, size: int) -> bool:
        """Take so many bytes, for which what can be done without has to go; False if there is no room for them."""
        if self.used - self._spare() + size > self.size:
            return False
        while self.used + size > self.size:
            self._drop()
        self.used += size
        return True

    def give(self, size: int) -> None:
        """So many bytes are free again."""
        self.used -= size
