"""Ops and nodes at which the program is to be stopped, by their names."""

from __future__ import annotations

from collections.abc import Iterable
from types import FrameType

from gradstep.conditions.detect import is_op
from gradstep.program.host.talk import Talk
from gradstep.program.stops.describe import Describer
from gradstep.program.tape.ops import Op


class OpsReached:
    """Knows an op by its name and by the modules in which it runs."""

    def __init__(self, talk: Talk, describer: Describer) -> None:
        self._talk = talk
        self._describer = describer

    def has(self, op: Op, frame: FrameType) -> bool:
        """Whether a condition names that op, which has just run."""
        patterns = self._talk.op_patterns
        return any(is_op(pattern, op.name, ()) or is_op(pattern, "", self._paths(op, frame)) for pattern in patterns)

    def _paths(self, op: Op, frame: FrameType) -> Iterable[str]:
        known = self._describer.modules
        if any(number not in known for number in op.modules):
            self._describer.look_on(frame)
            known = self._describer.modules
        return [known[number].path for number in op.modules if number in known]
