"""What ended a program, for people: its traceback without our frames, and the line of the user's own code.

An exception may be made to lie: its attributes may raise, its causes may go in a circle. Nothing here raises for that.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any

from gradstep.model.place import Place
from gradstep.model.stop import Fault
from gradstep.program.host.cells import name_cells
from gradstep.program.host.frames import is_ours, is_user_file, place, place_in
from gradstep.program.host.tracebacks import tracebacks_of

_OWN: Mapping[str, Any] = vars(BaseException)
"""What every exception has, whatever its class makes of the names."""


def chain_of(error: BaseException | None) -> Iterator[BaseException]:
    """The exception and all that led to it or are grouped in it, each once."""
    pending, seen = [error], set[int]()
    while pending:
        each = pending.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        pending += [_OWN["__cause__"].__get__(each), _OWN["__context__"].__get__(each)]
        if isinstance(each, BaseExceptionGroup):
            pending += BaseExceptionGroup.exceptions.__get__(each)


def traceback_of(error: BaseException) -> TracebackType | None:
    """Its traceback."""
    found: TracebackType | None = _OWN["__traceback__"].__get__(error)
    return found


def without_our_frames(error: BaseException | None) -> None:
    """Take our frames out of its traceback, and out of those of the exceptions that led to it."""
    for each in chain_of(error):
        trace: TracebackType | None = None
        for part in reversed(tracebacks_of(traceback_of(each))):
            trace = TracebackType(trace, part.tb_frame, part.tb_lasti, part.tb_lineno)
        _OWN["__traceback__"].__set__(each, trace)


def describe(error: BaseException) -> Fault:
    """The exception in words."""
    text = name_cells(_tried(lambda: "".join(traceback.format_exception(error)), "its traceback cannot be written\n"))
    message = error.msg if isinstance(error, SyntaxError) and isinstance(error.msg, str) else words_of(error)
    return Fault(kind_of(error), message.strip().split("\n")[0], text)


def kind_of(error: BaseException) -> str:
    """The name of its class."""
    name: str = type.__dict__["__name__"].__get__(type(error))
    return name


def words_of(value: object) -> str:
    """Its `str`."""
    return _tried(lambda: str(value), f"<{'exception ' * isinstance(value, BaseException)}str() failed>")


def repr_of(value: object) -> str:
    """Its `repr`."""
    return _tried(lambda: repr(value), "<repr() failed>")


def _tried(write: Callable[[], str], otherwise: str) -> str:
    """What code of the program's writes; it may raise anything, but for the wish to exit."""
    try:
        return write()
    except Exception:  # noqa: BLE001  (the error of an error)
        return otherwise


def origin(error: BaseException) -> str:
    """The innermost line of ours that it came through: `program/host/talk.py:12`; else where it was raised."""
    trace = last = traceback_of(error)
    while trace is not None:
        if is_ours(trace.tb_frame) or last is None or not is_ours(last.tb_frame):
            last = trace
        trace = trace.tb_next
    return (
        f"{last.tb_frame.f_code.co_filename.rpartition('gradstep/')[2]}:{last.tb_lineno}" if last is not None else "?"
    )


def where(error: BaseException) -> Place:
    """The innermost line of the user's own code; of a SyntaxError the line that is wrong."""
    if isinstance(error, SyntaxError) and error.lineno and is_user_file(error.filename or "<unknown>"):
        return place_in(error.filename or "", error.lineno)
    found, trace = Place(), traceback_of(error)
    while trace is not None:
        code = trace.tb_frame.f_code
        if is_user_file(code.co_filename):
            found = place(code, trace.tb_lineno)
        trace = trace.tb_next
    return found
