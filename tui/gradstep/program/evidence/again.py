"""What each op of a forward pass had made, by running the pass again: much of it is freed by the time of its stop."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from gradstep.program.evidence.numbers import FINE, Badness, badness, range_in
from gradstep.program.replay.prove import Prover
from gradstep.program.replay.run import CallResult, Lost
from gradstep.program.replay.runs import FAILS
from gradstep.program.tape.call import RecordedCall
from gradstep.program.tape.calls import Calls
from gradstep.program.tape.ops import Op


@dataclass(frozen=True)
class ReplayedResult:
    """A result that is gone again."""

    bad: Badness
    range: str
    """From where to where it goes, in words."""
    dtype: torch.dtype


class ReplayedResults:
    """The results of the latest forward pass; none if it cannot be run again, or gives another loss."""

    def __init__(self, prover: Prover, calls: Calls) -> None:
        self._number_at = calls.number_at
        self._seen: dict[int, ReplayedResult] = {}
        latest = prover.latest
        which = latest[0] if latest is not None else None
        if which is None or which.chain is None or which.problem or which.chain.overwritten():
            return
        for grad in (False, True) if not which.chain.grad else (True,):
            which.grad = grad
            self._seen.clear()
            try:
                value = which.value(prover.runs().roots(which, which.weights, note=self._note))
            except (Lost, *FAILS):
                continue
            if value == which.loss.value or (math.isnan(value) and math.isnan(which.loss.value or 0.0)):
                return
        self._seen.clear()

    def _note(self, call: RecordedCall, result: CallResult) -> None:
        results = [result] if isinstance(result, Tensor) else result
        bad = [badness(item) or FINE for item in results]
        if results:
            total = sum(nan for nan, _ in bad), sum(inf for _, inf in bad)
            self._seen[call.number] = ReplayedResult(total, range_in(results[0]), results[0].dtype)

    def of(self, op: Op) -> ReplayedResult | None:
        """What an op had made."""
        number = self._number_at(op.seq)
        return self._seen.get(number) if number is not None else None
