"""A run that is repeated up to one of its stops, and compared with what it was the first time."""

from __future__ import annotations

import math
from collections.abc import Iterator

from gradstep.app.runs.history import History
from gradstep.app.runs.runs import MadeEdit, Run
from gradstep.draw.numbers import number
from gradstep.model.message import Clear, Command, Edit, Evaluated, Go, Statistics, Until
from gradstep.model.stop import Gradient, Loss, Stop
from gradstep.model.tensor import TensorView, same

LOOKED = 2
"""Iterations before a stop that was passed which are looked at with it."""
NEAR = 1e-6
"""Relative difference that sums of many elements may have: they may be added in another order."""


class Again:
    """Says what to send at each stop of the second run; `problem` as soon as it is not the same as the first."""

    def __init__(self, of: Run, target: Stop, then: Edit | None = None, until: Until | None = None) -> None:
        self.of = of
        """The run that is repeated."""
        self.target = target
        """The stop up to which it is."""
        self.then = then
        """What is changed there."""
        self.until = until
        """How far it goes on from there."""
        self.edits = [made for made in of.edits if made.index <= target.index]
        """What was changed up to there."""
        at_target = next((made.before for made in self.edits if made.phases == target.phases), None)
        self._wanted = at_target or target
        self._due = list(self.edits)
        self.done: list[MadeEdit] = []
        """What has been changed again."""
        self._unanswered: list[MadeEdit] = []
        self.now = Stop()
        """The newest stop of the second run."""
        self.problem = ""
        """Why it is not the same run; empty as long as it is."""
        self.cancelled = False
        """The user does not want it any more."""
        self.reached = False
        """It waits at the target."""
        self.waited = False
        """No more is to be waited for."""

    def take(self, stop: Stop, waiting: bool, history: History) -> Iterator[Command]:
        """Compare the next stop of the second run, whose history has it already; what to send."""
        self.now = stop
        self.problem = self.problem or self._loss_differs(stop, history) or self._missed(stop, waiting)
        if self.problem or not waiting:
            return
        if stop.phases == self.target.phases:
            self.problem = differs(self._wanted, stop, self.target.index)
            self.reached = not self.problem
        if self.problem:
            return
        while self._due and self._due[0].phases == stop.phases:
            made = self._due.pop(0)
            self.done.append(made)
            self._unanswered += [] if isinstance(made.edit, Clear) else [made]
            yield made.edit
        if not self.reached:
            look = max(1, self.target.iteration - LOOKED) if self.target.light else 0
            yield Go("stop", to=self._due[0].phases if self._due else self.target.phases, look=look)

    @property
    def is_due(self) -> bool:
        """Whether all is done and compared, but for a checksum that may be late."""
        return self.reached and not self.problem and not self._unanswered

    @property
    def lacks_bits(self) -> bool:
        """Whether a checksum of the target is still to come."""
        late = self.now.bits is None and not self.now.complete and not self._is_edited
        return late and self._wanted.bits is not None

    @property
    def _is_edited(self) -> bool:
        return any(made.phases == self.target.phases and not isinstance(made.edit, Clear) for made in self.done)

    def complete(self, rest: Statistics) -> None:
        """Compare what comes late of the target."""
        if rest.index == self.now.index:
            self.now = rest.put_into(self.now)
            if self.reached:
                self.problem = self.problem or differs(self._wanted, self.now, self.target.index)

    def answered(self, answer: Evaluated) -> None:
        """An edit was made again."""
        made = self._unanswered.pop(0) if self._unanswered else None
        if made is not None and answer.error and not made.failed:
            self.problem = f"stop {made.index:,}: {answer.text}"
        if answer.stop is not None:
            self.now = answer.stop

    def _loss_differs(self, stop: Stop, history: History) -> str:
        """Every loss is compared with that of the first run, also where only its curve is kept."""
        loss = stop.loss
        if stop.phase != "forward" or not stop.whole or loss is None or loss.value is None:
            return ""
        at = len(history.curve(loss.name)) - 1
        first = self.of.history.curve(loss.name)
        if at >= len(first):
            return f"{loss.name} was computed {at + 1:,} times, and {len(first):,} times before"
        if same(first[at].value, loss.value):
            return ""
        return f"stop {first[at].stop:,}: {loss.name} {_two(first[at].value, loss.value)} this time"

    def _missed(self, stop: Stop, waiting: bool) -> str:
        """It stands where it should not."""
        if stop.phase == "end":
            return f"the program ended after {stop.phases:,} of {self.target.phases:,} phases"
        if waiting and stop.reason == "pause":
            return f"the program was paused after {stop.phases:,} of {self.target.phases:,} phases"
        if stop.phases > self.target.phases:
            return f"the program went past stop {self.target.index:,}"
        return ""


def differs(first: Stop, then: Stop, index: int) -> str:
    """What is not the same at two stops, as far as both know it: `stop 7: w[0] 0.25 is 0.26 this time`."""
    where = f"stop {index:,}: "
    if (first.phase, first.iteration) != (then.phase, then.iteration):
        return f"{where}{first.phase} of iteration {first.iteration} is {then.phase} of iteration {then.iteration}"
    if not _same_loss(first.loss, then.loss):
        return f"{where}the loss is not the same this time"
    if first.light or then.light:
        return ""
    for name, view in then.tensors.items():
        if name in first.tensors and (wrong := view_differs(first.tensors[name], view)):
            return f"{where}{name}{wrong}"
    for name, ledger in then.gradients.items():
        if name in first.gradients and (wrong := _ledger_differs(first.gradients[name], ledger)):
            return f"{where}{name}.grad{wrong}"
    if first.bits is not None and then.bits is not None and first.bits != then.bits:
        return f"{where}the bits of leaves or gradients are not the same this time"
    return ""


def view_differs(first: TensorView, then: TensorView) -> str:
    """How two tensors differ, as far as both are known; empty if they do not."""
    if (first.shape, first.dtype) != (then.shape, then.dtype):
        return " has another shape or dtype this time"
    pairs = list(zip(first.flat(), then.flat(), strict=False))
    at = next((at for at, (one, two) in enumerate(pairs) if not same(one, two)), -1)
    if at >= 0:
        place = f"[{at}]" if first.shape else ""
        return f"{place} {_two(*pairs[at])} this time"
    for name in ("min", "max", "nan", "inf", "mean", "norm"):
        one, two = getattr(first, name), getattr(then, name)
        if one is None or two is None or same(one, two):
            continue
        if name in ("mean", "norm") and math.isclose(one, two, rel_tol=NEAR, abs_tol=1e-30):
            continue
        return f": {name} {_two(one, two)} this time"
    return ""


def _same_loss(one: Loss | None, two: Loss | None) -> bool:
    if one is None or two is None:
        return one is two
    return one.name == two.name and same(one.value, two.value)


def _ledger_differs(first: Gradient, then: Gradient) -> str:
    if first.stale != then.stale:
        return " is stale in one of them only"
    for name in ("held", "fresh", "now", "returned"):
        one, two = getattr(first, name), getattr(then, name)
        if one is not None and two is not None and (wrong := view_differs(one, two)):
            return wrong
    return "" if (first.now is None) == (then.now is None) else " is there in one of them only"


def _two(one: object, two: object) -> str:
    """`0.91 is 0.93`, in as many digits as tell them apart."""
    if isinstance(one, (int, float)) and isinstance(two, (int, float)):
        short = number(one), number(two)
        return f"{short[0]} is {short[1]}" if short[0] != short[1] else f"{one!r} is {two!r}"
    return f"{one} is {two}"
