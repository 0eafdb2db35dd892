"""Results that the program drops though they alone have what was asked for: `x.detach()` on a line of its own."""

from __future__ import annotations

import dis
from collections.abc import Iterator
from types import CodeType, FrameType
from typing import Any

from torch import Tensor

from gradstep.model.clue import Clue
from gradstep.program.clues.book import ClueBook
from gradstep.program.host.frames import here, is_user_file
from gradstep.program.leaves.names import variable_in

COPYING = frozenset("detach to float double half bfloat16 long int bool cpu cuda type squeeze unsqueeze clamp".split())
"""Methods that leave the tensor as it is and return another one."""


class DroppedResults:
    """Looks at the instruction after a call: does it throw the result away?"""

    def __init__(self, book: ClueBook) -> None:
        self._book = book
        self._dropping: dict[tuple[CodeType, int], bool] = {}

    def made(self, name: str, args: tuple[Any, ...], result: Any, frame: FrameType) -> None:
        """One of those methods has returned."""
        key = frame.f_code, frame.f_lasti
        dropping = self._dropping.get(key)
        if dropping is None:
            user = is_user_file(frame.f_code.co_filename)
            dropping = self._dropping[key] = user and _drops(*key)
        if dropping and args and isinstance(args[0], Tensor) and result is not args[0]:
            what = "gradient" if args[0].requires_grad else ""
            self._book.add(Clue("detach-discarded", what, variable_in(frame, args[0]), name, place=here(frame)))


def _drops(code: CodeType, instruction: int) -> bool:
    """Whether the instruction behind that one throws away what it has made."""
    following = _from(code, instruction)
    next(following, None)
    after = next(following, None)
    return after is not None and after.opname == "POP_TOP"


def _from(code: CodeType, instruction: int) -> Iterator[dis.Instruction]:
    return (one for one in dis.get_instructions(code) if one.offset >= instruction)
