"""The last thing before the terminal: no control character of a text goes through, whatever widget shows it."""

from __future__ import annotations

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from gradstep.model.printable import printable_signs


class Barrier(LineFilter):
    """Takes controls out of each line of each widget; they take no cell, so that nothing moves."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments, of which only text can have come from a program."""
        if all(segment.text.isprintable() for segment in segments):
            return segments
        return [Segment(printable_signs(text), style, control) for text, style, control in segments]
