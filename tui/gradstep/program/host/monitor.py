"""Stops a program that runs on where a condition holds."""

from __future__ import annotations

import math
from collections.abc import Sequence

from msgspec.structs import replace

from gradstep.conditions import Condition
from gradstep.conditions.condition import (
    Bound,
    ExpressionTrue,
    FindingMet,
    OpReached,
    TensorPasses,
)
from gradstep.conditions.detect import Detector
from gradstep.findings import Examiner
from gradstep.model.stop import Stop
from gradstep.program.host.watcher import Watcher

_LOOKED = 3
"""Iterations in a row that are looked at in full, where any new finding is waited for."""
_OFTEN = 128
"""So many iterations after the last such row the next one begins; before that after 8, 16, 32."""


class Monitor:
    """Knows what is waited for."""

    def __init__(self) -> None:
        self._detectors: list[Detector] = []
        self._examiner: Examiner | None = None
        """Where findings are waited for."""
        self._gap = False
        """A stop was passed that was not looked at."""
        self._from = 0
        """The iteration from which on it is waited."""
        self._whole = False
        """Every stop has to be looked at in full."""
        self._gradients: tuple[str, ...] = ()
        self._norms = True
        """No more of them is asked for than their norms."""
        self.ops: tuple[str, ...] = ()
        """Names of ops, or of modules, at which it is to stop."""
        self.nodes: tuple[str, ...] = ()
        """Names of autograd's nodes at which it is."""

    def wait_for(
        self, conditions: Sequence[Condition], known: Sequence[str], now: Stop, watcher: Watcher | None
    ) -> None:
        """From the stop `now` on; what holds there already is not waited for. `known`: kinds that are not new."""
        self._detectors = [Detector(condition, known) for condition in conditions]
        for detector in self._detectors:
            detector.begin(now, self._value(detector, watcher) is True)
        self._from, self._gap = now.iteration, False
        findings = any(isinstance(each.meaning, FindingMet) for each in conditions)
        self._examiner = Examiner() if findings else None
        self._whole = any(map(_needs_all, conditions))
        tensors = (each.meaning for each in conditions if isinstance(each.meaning, TensorPasses))
        grads = [meaning for meaning in tensors if meaning.pattern.endswith(".grad")]
        self._gradients = tuple(meaning.pattern for meaning in grads)
        bounds = [meaning.test for meaning in grads if isinstance(meaning.test, Bound)]
        self._norms = all(bound.quantity == "norm" for bound in bounds)
        reached = [each.meaning for each in conditions if isinstance(each.meaning, OpReached)]
        self.ops = tuple(meaning.pattern for meaning in reached if not meaning.backward)
        self.nodes = tuple(meaning.pattern for meaning in reached if meaning.backward)

    def looks(self, iteration: int) -> bool:
        """Whether the stops of that iteration are to be looked at in full."""
        return self._whole or (self._examiner is not None and _is_looked_at(iteration - self._from))

    def see(self, stop: Stop, watcher: Watcher) -> Stop:
        """The stop, with the conditions that are met there."""
        shown = watcher.gradients(stop, self._gradients, self._norms) if stop.light and self._gradients else stop
        if self._examiner is not None and stop.whole:
            shown = self._examine(shown, self._examiner)
        met = {each.condition.text: self._look(each, shown, watcher) for each in self._detectors}
        texts = tuple(text for text, words in met.items() if words)
        return replace(stop, met=met[texts[0]], met_by=texts) if texts else stop

    def _look(self, detector: Detector, stop: Stop, watcher: Watcher) -> str:
        found = self._value(detector, watcher) if stop.whole else None
        return found if isinstance(found, str) else detector.look(stop, found)

    @staticmethod
    def _value(detector: Detector, watcher: Watcher | None) -> bool | str | None:
        """Whether an expression is true, or why that cannot be told; None of other conditions, and without torch."""
        meaning = detector.condition.meaning
        return watcher.holds(meaning.source) if isinstance(meaning, ExpressionTrue) and watcher is not None else None

    def _examine(self, stop: Stop, examiner: Examiner) -> Stop:
        if stop.light and (stop.loss is None or stop.loss.value is None or math.isfinite(stop.loss.value)):
            self._gap = True
            return stop
        if self._gap:
            examiner.begin_anew()
            self._gap = False
        return examiner.examine(stop)


def _is_looked_at(after: int) -> bool:
    """Whether an iteration so many after the first belongs to a row that is looked at."""
    if after < _OFTEN:
        start = 8
        while start * 2 <= after:
            start *= 2
        return after < _LOOKED or start <= after < start + _LOOKED
    return after % _OFTEN < _LOOKED


def _needs_all(condition: Condition) -> bool:
    """Whether the condition can be judged only where a stop is looked at in full."""
    meaning = condition.meaning
    if isinstance(meaning, FindingMet):
        return meaning.kind not in ("warning", "error")
    if isinstance(meaning, TensorPasses):
        test = meaning.test
        whole = test in ("changes", "does not change") or (isinstance(test, Bound) and test.quantity == "ratio")
        return whole or not meaning.pattern.endswith(".grad")
    return isinstance(meaning, OpReached)
