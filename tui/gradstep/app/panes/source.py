"""The text of the program."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import ClassVar

from textual.content import Content
from textual.highlight import highlight
from textual.reactive import reactive

from gradstep.app.panes.pane import Pane
from gradstep.draw.text import MUTED, line
from gradstep.draw.why import is_fault_here
from gradstep.model.message import FileText
from gradstep.model.place import Place

SIGN = {"forward": ("▶", "$primary"), "backward": ("◀", "$warning"), "update": ("▶", "$success")}
"""What stands beside the line of the stop, and the accent of its phase."""
AHEAD = 3
"""Lines that stay in view around the line of the stop."""


class SourcePane(Pane):
    """The source file of the stop, its line marked and in view."""

    HELP: ClassVar[str] = (
        "The program's text. The marked line is where the phase ended, or ▲ where the program failed. Of a notebook, "
        "all its code cells."
    )
    EMPTY: ClassVar[tuple[str, ...]] = ("The program's source appears here.",)
    ENDED: ClassVar[tuple[str, ...]] = ("It has ended without having run a line that can be shown.",)
    BOUND: ClassVar[tuple[str, ...]] = ("path", "pointed", "files")

    DEFAULT_CSS = "SourcePane { overflow-x: auto; }"

    path: reactive[str] = reactive("")
    """The file that is shown until a stop names one."""

    pointed: reactive[Place] = reactive(Place())
    """Another line to mark: what made the box that is selected in the graph."""

    files: reactive[dict[str, FileText]] = reactive(dict[str, FileText])
    """The texts of the program's files, by path."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._texts: dict[FileText, list[Content]] = {}

    def watch_files(self) -> None:
        """Another text has come."""
        self.redraw()

    def watch_pointed(self) -> None:
        """Mark the other line, and scroll to it."""
        self.redraw()
        if self.pointed.line and self.pointed.file == self._file() and self._lines:
            self.call_after_refresh(self._follow, self.pointed.line)

    def watch_path(self) -> None:
        """Show the program before its first stop."""
        self.redraw()

    def draw(self, width: int, height: int) -> Sequence[Content]:
        """Numbered lines, that of the stop marked."""
        texts = self._text(self._file())
        digits = len(str(len(texts)))
        marked = self._line()
        lines = [line((f"  {number:>{digits}}  ", MUTED), text) for number, text in enumerate(texts, 1)]
        if self.pointed.file == self._file() and 0 < self.pointed.line <= len(lines):
            at = self.pointed.line
            lines[at - 1] = line(("· ", "bold"), (f"{at:>{digits}}  ", "bold"), texts[at - 1].stylize("underline"))
        if 0 < marked <= len(lines):
            stop = self.moment.stop
            sign, accent = ("▲", "$error") if is_fault_here(stop) else SIGN.get(stop.ran, ("▶", "$foreground"))
            text = line((f"{sign} ", f"bold {accent}"), (f"{marked:>{digits}}  ", "bold"), texts[marked - 1])
            lines[marked - 1] = text.extend_right(max(0, width - text.cell_length)).stylize(f"on {accent} 20%")
            self.call_after_refresh(self._follow, marked)
        return lines

    def status(self) -> str:
        """File and line."""
        place, name = self.moment.stop.place, os.path.basename(self._file())
        if place.cell:
            return f"{name}, {place.spot}"
        return f"{name}:{place.line}" if place.line else name

    def width_of(self, lines: Sequence[Content], width: int) -> int:
        """The longest line."""
        return max((text.cell_length for text in lines), default=width)

    def _file(self) -> str:
        return self.moment.stop.place.file or self.path

    def _line(self) -> int:
        return self.moment.stop.place.line

    def _follow(self, marked: int) -> None:
        """Scroll the marked line into view, if it is not."""
        top, height = self.scroll_offset.y, self.scrollable_content_region.height
        if not top + AHEAD < marked <= top + height - AHEAD:
            self.scroll_to(y=max(0, marked - height // 2), animate=False, force=True, immediate=True)

    def _text(self, file: str) -> list[Content]:
        """The highlighted lines of a file; none until its text has come."""
        told = self.files.get(file)
        if told is None:
            return []
        if told not in self._texts:
            self._texts[told] = _highlighted(told)
        return self._texts[told]


def _highlighted(file: FileText) -> list[Content]:
    """The lines of a text; a note if it could not be read."""
    if file.problem:
        return [line((file.problem, MUTED))]
    return highlight(file.text.rstrip("\n"), language="python").split("\n", allow_blank=True)
