"""Back along assignments from a variable that is not finite to the line that made it so of finite ones."""

from __future__ import annotations

import dis
import sys
from types import CodeType, FrameType

from torch import Tensor

from gradstep.model.place import Place
from gradstep.program.evidence.numbers import FINE, badness
from gradstep.program.host.frames import line_of, place, user_frames

_MOST = 8
"""Assignments that are followed."""


def origin_of(name: str, code: CodeType, instruction: int) -> Place:
    """The line of that function which made the variable of finite ones, as it was bound before that bytecode offset.

    Empty where no line of the function binds it.
    """
    frame = next((part for part in user_frames(sys._getframe(1)) if part.f_code is code), None)
    found, seen = 0, {name}
    for _ in range(_MOST):
        bound = _bound_at(name, code, instruction)
        if bound < 0:
            break
        found = line_of(code, bound)
        read = [other for other in _read_on(code, found) if other not in seen]
        worse = next((other for other in read if frame is not None and _is_bad(frame, other)), None)
        if worse is None:
            break
        name, instruction = worse, bound
        seen.add(name)
    return place(code, found) if found else Place()


def _bound_at(name: str, code: CodeType, instruction: int) -> int:
    """Bytecode offset at which a variable is bound last before another one; -1 if it is not."""
    stores = (one for one in dis.get_instructions(code) if one.opname.startswith("STORE_") and one.argval == name)
    return max((one.offset for one in stores if one.offset < instruction), default=-1)


def _read_on(code: CodeType, line: int) -> list[str]:
    """The variables that a line reads."""
    loads = (one for one in dis.get_instructions(code) if one.opname.startswith("LOAD_"))
    return [str(one.argval) for one in loads if line_of(code, one.offset) == line]


def _is_bad(frame: FrameType, name: str) -> bool:
    value = frame.f_locals.get(name, frame.f_globals.get(name))
    return isinstance(value, Tensor) and badness(value) not in (None, FINE)
