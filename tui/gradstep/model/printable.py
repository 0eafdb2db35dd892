"""Text from a program, a file or a name, made fit for a terminal: the one place where that is done.

A terminal obeys control sequences in whatever it is given: they set its title, its clipboard, its colours and modes,
and controls of writing direction put a line into another order than it is read in.
"""

from __future__ import annotations

import re

_STRING = "\x1b[]PX^_]|[\x90\x98\x9d\x9e\x9f]"
"""What begins a sequence that has a text in it (OSC, DCS, SOS, PM, APC)."""
_INSIDE = "[^\x07\x18\x1a\x1b\x80-\x9f\n]*"
_CSI = "(?:\x1b\\[|\x9b)[0-?]*[ -/]*"
_ESCAPE = "\x1b[ -/]*"
_SEQUENCES = (
    f"(?:{_STRING}){_INSIDE}(?:\x07|\x18|\x1a|\x1b\\\\|\x9c)?"
    f"|{_CSI}[@-~]"
    f"|{_ESCAPE}[0-~]"
)  # fmt: skip
_UNFINISHED = re.compile(f"(?:(?P<string>{_STRING}){_INSIDE}(?P<escape>\x1b?)|{_CSI}|{_ESCAPE})\\Z")
_LONGEST = 32
"""Signs of a sequence without a text that may still become one."""
_DIRECTION = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_INVISIBLE = f"\x00-\x08\x0b-\x1f\x7f-\x9f{_DIRECTION}\u2028\u2029\ufff9-\ufffb"
_NO_CHARACTER = "\ud800-\udfff\ufffe\uffff"
"""Halves of a pair, as a name that is not UTF-8 has them, and what XML may not contain."""
_ALL = re.compile(f"({_SEQUENCES}|[{_INVISIBLE}])|[{_NO_CHARACTER}]")
_PRINTED = _INVISIBLE.replace("\x0b-\x1f", "\x0b\x0c\x0e-\x1f")
_STREAM = re.compile(f"({_SEQUENCES}|[{_PRINTED}])|[{_NO_CHARACTER}]")
_ANY_PRINTED = re.compile(f"[{_PRINTED}{_NO_CHARACTER}]")
_SIGNS = re.compile(f"([{_INVISIBLE}])|[{_NO_CHARACTER}]")


def _instead(found: re.Match[str]) -> str:
    return "" if found[1] is not None else "?"


def printable(text: str) -> str:
    """Without sequences and controls; only newlines and tabs stay. A carriage return begins a line, too."""
    return text if text.isprintable() else _ALL.sub(_instead, text.replace("\r\n", "\n").replace("\r", "\n"))


def printable_line(text: str) -> str:
    """The same on one line."""
    return text if text.isprintable() else " ".join(printable(text).split())


def printable_signs(text: str) -> str:
    """Each control alone is taken out, what stands around it stays: as many cells wide as it was counted before."""
    return text if text.isprintable() else _SIGNS.sub(_instead, text)


class PrintedStream:
    """The same for what a program prints, which comes in pieces: a sequence may be split between two of them."""

    def __init__(self) -> None:
        self._rest = ""
        """The beginning of a sequence that is not complete yet; never long."""

    def clean(self, text: str) -> str:
        """The next piece without sequences and controls; newlines, carriage returns and tabs stay."""
        if not self._rest and _ANY_PRINTED.search(text) is None:
            return text
        text = self._rest + text
        unfinished = _UNFINISHED.search(text)
        self._rest = ""
        if unfinished is not None:
            string, escape = unfinished["string"], unfinished["escape"]
            rest = unfinished[0] if string is None else string + escape
            if string is not None or len(rest) <= _LONGEST:
                text, self._rest = text[: unfinished.start()], rest
        return _STREAM.sub(_instead, text)
