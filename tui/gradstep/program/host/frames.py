"""Which code is the user's: not torch, not the standard library, not an installed package, not ours."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterator
from functools import cache, lru_cache
from linecache import getline
from types import CodeType, FrameType

from gradstep.model.place import Place
from gradstep.program.host.cells import cell_of

_OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_LIBRARY = tuple(
    os.path.realpath(path) + os.sep for path in {sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")}
)


@cache
def is_user_file(name: str) -> bool:
    """Whether code of that file name counts as the user's."""
    if name.startswith(("<", _OURS + os.sep)) or name.endswith((".pyx", ".pxd", ".pxi")):
        return False
    path = os.path.realpath(name)
    return "site-packages" not in path and "dist-packages" not in path and not path.startswith(_LIBRARY)


def is_ours(frame: FrameType) -> bool:
    """Whether a frame is one of the watching itself."""
    return str(frame.f_globals.get("__name__", "")).startswith("gradstep.program.")


@cache
def is_torch_or_ours(name: str) -> bool:
    """Whether code of that file name is torch's or ours: never a place to show."""
    torch = sys.modules.get("torch")
    root = os.path.dirname(getattr(torch, "__file__", None) or "/nowhere/x")
    return name.startswith((_OURS + os.sep, root + os.sep))


def user_frames(frame: FrameType | None) -> Iterator[FrameType]:
    """The user's frames from `frame` outwards; where there are none (a program that is installed), all but torch's."""
    found, start = False, frame
    while frame is not None:
        if is_user_file(frame.f_code.co_filename):
            found = True
            yield frame
        frame = frame.f_back
    while not found and start is not None:
        name = start.f_code.co_filename
        if not name.startswith("<") and not is_torch_or_ours(name):
            yield start
        start = start.f_back


def user_frame(frame: FrameType | None) -> FrameType | None:
    """The innermost of the user's frames."""
    return next(user_frames(frame), None)


def is_called_by(frame: FrameType | None, files: tuple[str, ...]) -> bool:
    """Whether one of those files stands between `frame` and the user's code."""
    while frame is not None and not is_user_file(frame.f_code.co_filename):
        if frame.f_code.co_filename.replace(os.sep, "/").endswith(files):
            return True
        frame = frame.f_back
    return False


@lru_cache(4096)
def line_of(code: CodeType, instruction: int) -> int:
    """Line of a bytecode offset (`frame.f_lasti`); 0 if unknown. Cheaper to keep than the line itself."""
    line = 0
    for start, end, number in code.co_lines():
        if start <= instruction < end:
            line = number or 0
    return line


def place(code: CodeType, line: int | None) -> Place:
    """A line of that code, with its text; code that was made by hand may have none."""
    return place_in(code.co_filename, line or 0, code.co_name)


def place_in(file: str, line: int, function: str = "<module>") -> Place:
    """A line of that file, with its text; of a notebook (`line` is that of the joined cells) with its cell."""
    return Place(file, line, function, getline(file, line).strip(), *cell_of(file, line))


def here(frame: FrameType | None) -> Place:
    """The line at which the innermost of the user's frames is."""
    user = user_frame(frame)
    return place(user.f_code, user.f_lineno) if user is not None else Place()
