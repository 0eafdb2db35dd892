"""What ended a program, for people: its traceback without our frames, and the line of the user's own code."""

from __future__ import annotations

import sys
import traceback
from types import TracebackType

from gradstep.model.place import Place
from gradstep.model.stop import Fault
from gradstep.program.host.cells import name_cells
from gradstep.program.host.frames import is_ours, is_user_file, place, place_in


def without_our_frames(error: BaseException | None) -> None:
    """Take our frames out of its traceback, and out of those of the exceptions that led to it."""
    while error is not None:
        kept: list[TracebackType] = []
        trace = error.__traceback__
        while trace is not None:
            if not is_ours(trace.tb_frame):
                kept.append(trace)
            trace = trace.tb_next
        for part in reversed(kept):
            trace = TracebackType(trace, part.tb_frame, part.tb_lasti, part.tb_lineno)
        error.__traceback__ = trace
        error = error.__cause__ or error.__context__


def describe(error: BaseException) -> Fault:
    """The exception in words."""
    text = name_cells("".join(traceback.format_exception(error)))
    message = error.msg if isinstance(error, SyntaxError) else str(error)
    return Fault(type(error).__name__, message.strip().split("\n")[0], text)


def origin(error: BaseException) -> str:
    """Where it was raised: `program/host/talk.py:12` of a file of ours."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{last.filename.rpartition('gradstep/')[2]}:{last.lineno}"


def where(error: BaseException) -> Place:
    """The innermost line of the user's own code; of a SyntaxError the line that is wrong."""
    if isinstance(error, SyntaxError) and error.lineno and is_user_file(error.filename or "<unknown>"):
        return place_in(error.filename or "", error.lineno)
    found, trace = Place(), error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if is_user_file(code.co_filename):
            found = place(code, trace.tb_lineno)
        trace = trace.tb_next
    return found


def show(error: BaseException, fault: Fault, in_cells: bool) -> None:
    """Print it where Python would; of a notebook (`in_cells`) with its cells named."""
    if in_cells and sys.excepthook is sys.__excepthook__:
        sys.stdout.flush()
        print(fault.traceback, end="", file=sys.stderr)
    else:
        sys.excepthook(type(error), error, error.__traceback__)
