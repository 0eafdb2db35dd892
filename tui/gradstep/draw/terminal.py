"""What a program prints, as lines: a small terminal that knows newline and carriage return."""

from __future__ import annotations

from collections import deque

from gradstep.model.printable import PrintedStream

KEPT = 5000
"""Lines that are kept."""
ROOM = 2_000_000
"""Characters that they may have together."""
LONGEST = 10_000
"""Characters of one line that are kept."""
CUT = " … (too long: the rest is not kept)"
"""What stands at the end of a line that was longer."""

Printed = tuple[str, bool]
"""A line, and whether it went to stderr."""


class Terminal:
    """Turns chunks of two streams into lines. The last line may still be open."""

    def __init__(self, kept: int = KEPT, room: int = ROOM) -> None:
        self.lines: deque[Printed] = deque()
        """The newest lines, the open one included."""
        self.count = 0
        """How many lines there have been."""
        self._kept, self._room = kept, room
        self._size = 0
        """Characters in all lines."""
        self._open = False
        self._line = ""
        """The open line, as far as it is kept."""
        self._column = self._end = 0
        """Where the next sign is written on it, and how long it really is."""
        self._streams = {error: PrintedStream() for error in (False, True)}

    def write(self, text: str, error: bool = False) -> None:
        """Take what was printed."""
        text = self._streams[error].clean(text).replace("\r\n", "\n").expandtabs(8)
        first, *rest = text.split("\n")
        if self._open and self.lines[-1][1] != error:
            self._open = False
        self._overwrite(first, error)
        if rest:
            if not self._open:
                self._begin(error)
            self._open = False
            *whole, last = rest
            self._add(whole, error)
            self._overwrite(last, error)
        self._forget()

    def _add(self, whole: list[str], error: bool) -> None:
        """Lines that begin and end."""
        skipped = max(0, len(whole) - self._kept)
        self.count += skipped
        for text in whole[skipped:]:
            if "\r" in text or len(text) > LONGEST:
                self._begin(error)
                self._overwrite(text, error)
                self._open = False
            else:
                self.lines.append((text, error))
                self.count += 1
                self._size += len(text)

    def _begin(self, error: bool) -> None:
        self.lines.append(("", error))
        self.count += 1
        self._open, self._line, self._column, self._end = True, "", 0, 0

    def _overwrite(self, text: str, error: bool) -> None:
        """Write on the open line, each part after a carriage return from its beginning."""
        if not text:
            return
        if not self._open:
            self._begin(error)
        line, at = self._line, self._column
        for number, part in enumerate(text.split("\r")):
            at = 0 if number else at
            kept = part[: max(0, LONGEST - at)]
            if kept:
                line = line[:at] + kept + line[at + len(kept) :]
            at += len(part)
            self._end = max(self._end, at)
        self._line, self._column = line, at
        shown = line + CUT if self._end > LONGEST else line
        self._size += len(shown) - len(self.lines[-1][0])
        self.lines[-1] = (shown, error)

    def _forget(self) -> None:
        """The oldest lines go where there are too many."""
        while len(self.lines) > self._kept or (self._size > self._room and len(self.lines) > 1):
            self._size -= len(self.lines.popleft()[0])
