"""Stops the program where a line of it is about to run."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from types import CodeType, FrameType
from typing import Any

from gradstep.conditions import Condition
from gradstep.conditions.condition import LineReached
from gradstep.program.host.frames import is_user_file

Halt = Callable[[str, FrameType], None]


class LineTracer:
    """Traces only code that has such a line, and only while there is a line to wait for."""

    def __init__(self, halt: Halt) -> None:
        """`halt`: called with the condition's text and the frame in which the line is."""
        self._halt = halt
        self._wanted: dict[tuple[str, int], str] = {}
        self._lines: dict[CodeType, dict[int, str]] = {}
        self._before: Any = None
        self._tracing = False

    def wait_for(self, conditions: Sequence[Condition], frame: FrameType | None) -> None:
        """From now on stop at those lines alone. `frame`: the innermost that is under way."""
        found = {each.text: each.meaning for each in conditions if isinstance(each.meaning, LineReached)}
        wanted = {(meaning.file, meaning.line): text for text, meaning in found.items()}
        if wanted == self._wanted:
            return
        self._wanted = wanted
        self._lines.clear()
        if wanted and not self._tracing:
            self._before, self._tracing = sys.gettrace(), True
            sys.settrace(self._call)
        elif not wanted and self._tracing:
            sys.settrace(self._before)
            self._before, self._tracing = None, False
        while frame is not None:
            if is_user_file(frame.f_code.co_filename):
                frame.f_trace = self._line if self._of(frame.f_code) else None
            frame = frame.f_back

    def _of(self, code: CodeType) -> dict[int, str]:
        """The lines of that code at which to stop, each with its condition."""
        known = self._lines.get(code)
        if known is None:
            path = code.co_filename
            wanted = {line: text for (file, line), text in self._wanted.items() if _is_file(path, file)}
            own = {line for _, _, line in code.co_lines() if line} if wanted else set()
            known = self._lines[code] = {line: text for line, text in wanted.items() if line in own}
        return known

    def _call(self, frame: FrameType, _event: str, _value: Any) -> Any:
        return self._line if self._of(frame.f_code) else None

    def _line(self, frame: FrameType, event: str, _value: Any) -> Any:
        if event == "line":
            text = self._of(frame.f_code).get(frame.f_lineno)
            if text is not None:
                self._halt(text, frame)
        return self._line


def _is_file(path: str, end: str) -> bool:
    return path == end or path.endswith(os.sep + end.removeprefix("." + os.sep))
