"""What a program prints, as lines: a small terminal that knows newline and carriage return."""

from __future__ import annotations

import re
from collections import deque

KEPT = 5000
"""Lines that are kept."""
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

Printed = tuple[str, bool]
"""A line, and whether it went to stderr."""


class Terminal:
    """Turns chunks of two streams into lines. The last line may still be open."""

    def __init__(self, kept: int = KEPT) -> None:
        self.lines: deque[Printed] = deque(maxlen=kept)
        """The newest lines, the open one included."""
        self.count = 0
        """How many lines there have been."""
        self._kept = kept
        self._open = False
        self._column = 0

    def write(self, text: str, error: bool = False) -> None:
        """Take what was printed."""
        first, *rest = _ESCAPES.sub("", text).replace("\r\n", "\n").expandtabs(8).split("\n")
        if self._open and self.lines[-1][1] != error:
            self._open = False
        self._overwrite(first, error)
        skipped = max(0, len(rest) - self._kept - 1)
        self.count += skipped
        for part in rest[skipped:]:
            if not self._open:
                self._begin(error)
            self._open = False
            self._overwrite(part, error)

    def _begin(self, error: bool) -> None:
        self.lines.append(("", error))
        self.count += 1
        self._open, self._column = True, 0

    def _overwrite(self, text: str, error: bool) -> None:
        """Write on the open line, each part after a carriage return from its beginning."""
        if not text:
            return
        if not self._open:
            self._begin(error)
        line, at = self.lines[-1][0], self._column
        for number, part in enumerate(text.split("\r")):
            at = 0 if number else at
            clean = _CONTROLS.sub("", part)
            line, at = line[:at] + clean + line[at + len(clean) :], at + len(clean)
        self.lines[-1], self._column = (line, error), at
