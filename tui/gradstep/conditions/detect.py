"""Whether a condition holds at a stop. It is met when it becomes true: not again as long as it stays so."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Iterator
from functools import singledispatchmethod

from msgspec.structs import replace

from gradstep.conditions.condition import (
    Bound,
    Condition,
    ExpressionTrue,
    FindingMet,
    IterationBegun,
    LineReached,
    LossPasses,
    OpReached,
    PhaseEnded,
    Sign,
    Stalls,
    State,
    TensorPasses,
)
from gradstep.model.graph import plain
from gradstep.model.pattern import fits
from gradstep.model.stop import NOISE, ROUNDING, Loss, Step, Stop
from gradstep.model.tensor import Number, TensorView, length, not_finite, reals, statistic

_COMPARE: dict[Sign, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


class Detector:
    """Looks at the stops of one run, in their order."""

    def __init__(self, condition: Condition, known: Iterable[str] = ()) -> None:
        """`known`: the kinds of finding that are not new."""
        self.condition = condition
        self._known = set(known)
        self._held: set[str] = set()
        """Of what it held at the last look."""
        self._losses: dict[tuple[str, str], Loss] = {}
        """The latest of each name and site; of `Stalls` the best."""
        self._since = 0
        """Iterations without a better loss."""

    def begin(self, stop: Stop, expression: bool | None = None) -> None:
        """The program is let run from that stop: what holds there already is not waited for."""
        if not isinstance(self.condition.meaning, FindingMet):
            of_loss = isinstance(self.condition.meaning, LossPasses)
            self.look(replace(stop, phase="forward" if of_loss else stop.phase, reason="step"), expression)

    def look(self, stop: Stop, expression: bool | None = None) -> str:
        """Why the condition is met at this stop; empty if it is not. `expression`: what the program's Python gave."""
        meaning = self.condition.meaning
        if isinstance(meaning, ExpressionTrue):
            return next(self._anew({self.condition.text: self.condition.text} if expression else {}), "")
        return self._look(meaning, stop) if stop.whole or self.condition.is_inside else ""

    def _anew(self, holds: dict[str, str], of: Iterable[str] | None = None) -> Iterator[str]:
        """The words of what has become true; `of`: what was looked at, all else stays as it was."""
        before, looked = self._held, set(holds) if of is None else set(of)
        self._held = set(holds) | (before - looked if of is not None else set())
        return (words for name, words in holds.items() if name not in before)

    @singledispatchmethod
    def _look(self, meaning: object, stop: Stop) -> str:
        raise TypeError(meaning)

    @_look.register
    def _(self, meaning: FindingMet, stop: Stop) -> str:
        met = ""
        for found in stop.findings:
            if found.is_meant_by(meaning.kind) and found.kind not in self._known:
                self._known.add(found.kind)
                met = met or found.kind
        return met

    @_look.register
    def _(self, meaning: LossPasses, stop: Stop) -> str:
        loss = stop.loss
        if stop.phase != "forward" or loss is None or loss.value is None:
            return ""
        test = meaning.test
        if isinstance(test, Stalls):
            return self._stalls(test, loss)
        if test == "rises":
            return self._rises(loss)
        view = TensorView((), loss.dtype, "", value=loss.value)
        words = _words(loss.name, view, test)
        return next(self._anew({loss.name: words} if words else {}, [loss.name]), "")

    def _rises(self, loss: Loss) -> str:
        before = self._losses.get((loss.name, loss.site))
        self._losses[loss.name, loss.site] = loss
        if before is None or before.value is None or loss.value is None or not loss.value > before.value:
            return ""
        grain = ROUNDING.get(loss.coarsest or loss.dtype, 0.0) * max(abs(loss.value), abs(before.value))
        if loss.value - before.value <= NOISE * grain:
            return ""
        return f"{loss.name} rose from {_number(before.value)} to {_number(loss.value)}"

    def _stalls(self, test: Stalls, loss: Loss) -> str:
        key = (loss.name, "")
        best = self._losses.get(key)
        assert loss.value is not None
        if best is None or best.value is None or loss.value < best.value:
            self._losses[key], self._since = loss, 0
            return ""
        self._since += 1
        if self._since < test.iterations:
            return ""
        since, self._since = self._since, 0
        return f"{loss.name} has not been below {_number(best.value)} for {since:,} iterations"

    @_look.register
    def _(self, meaning: TensorPasses, stop: Stop) -> str:
        test = meaning.test
        if test in ("changes", "does not change"):
            return self._changes(meaning, stop, test == "changes")
        if isinstance(test, Bound) and test.quantity == "ratio":
            holds, looked = _ratios(meaning.pattern, test, stop)
        else:
            shown = dict(views(meaning.pattern, stop))
            looked = set(shown)
            holds = {name: words for name, view in shown.items() if (words := _words(name, view, test))}
        return _listed(self._anew(holds, looked))

    def _changes(self, meaning: TensorPasses, stop: Stop, wanted: bool) -> str:
        """A weight at an update, a gradient at a backward pass, a result at a forward pass."""
        named = [name for name in (*stop.tensors, *map(_of_gradient, stop.gradients)) if fits(name, meaning.pattern)]
        phase = {name: _phase_of(name, stop) for name in named}
        moved = [name for name in named if phase[name] == stop.phase]
        if stop.light or not moved:
            return ""
        if wanted:
            changed = [name for name in moved if name in stop.changed]
            return _listed(iter([f"{name} has changed" for name in changed]))
        same = {name: f"{name} has not changed" for name in moved if name not in stop.changed}
        return _listed(self._anew(same, moved))

    @_look.register
    def _(self, meaning: OpReached, stop: Stop) -> str:
        step, phase = stop.step, "backward" if meaning.backward else "forward"
        if step is None or stop.reason not in ("op", "node") or stop.phase != phase:
            return ""
        if meaning.backward or is_op(meaning.pattern, step.name, ()):
            return f"{step.name} has run" if is_op(meaning.pattern, step.name, ()) else ""
        inside = [path for path in _modules_of(stop, step) if is_op(meaning.pattern, "", [path])]
        return next(self._anew({path: f"{path} was reached" for path in inside}), "")

    @_look.register
    def _(self, meaning: LineReached, stop: Stop) -> str:
        return ""  # it is the line itself that stops the program

    @_look.register
    def _(self, meaning: PhaseEnded, stop: Stop) -> str:
        return f"the {stop.phase} phase ended" if stop.phase == meaning.phase else ""

    @_look.register
    def _(self, meaning: IterationBegun, stop: Stop) -> str:
        reached = {"": f"iteration {stop.iteration:,}"} if stop.iteration >= meaning.number else {}
        return next(self._anew(reached), "")


def is_op(pattern: str, name: str, modules: Iterable[str]) -> bool:
    """Whether an op, or one of the modules in which it runs, is meant: `model.blocks.3.attn` is by `blocks.3.*`."""
    if name and (fits(plain(name), pattern) or fits(name, pattern)):
        return True
    return any(fits(path, pattern) for path in modules)


def _modules_of(stop: Stop, step: Step) -> list[str]:
    """Paths of the module in which an op has run, and of those around it."""
    node = stop.graph.node(step.box)
    if node is None or node.module < 0:
        return []
    parts = stop.graph.modules[node.module].path.split(".")
    return [".".join(parts[: length + 1]) for length in range(len(parts))]


def views(pattern: str, stop: Stop) -> Iterator[tuple[str, TensorView]]:
    """The tensors and gradients of a stop whose names fit, as far as they are known."""
    for name, view in stop.tensors.items():
        if fits(name, pattern):
            yield name, view
    for leaf, gradient in stop.gradients.items():
        name = _of_gradient(leaf)
        if gradient.now is not None and fits(name, pattern):
            yield name, gradient.now


def _of_gradient(leaf: str) -> str:
    return f"{leaf}.grad"


def _phase_of(name: str, stop: Stop) -> str:
    """At which stops it is looked at whether that has changed."""
    if name in stop.leaves:
        return "update"
    return "backward" if name.endswith(".grad") and name.removesuffix(".grad") in stop.gradients else "forward"


def _ratios(pattern: str, test: Bound, stop: Stop) -> tuple[dict[str, str], set[str]]:
    """||Δw|| / ||w|| of the weights that fit, at an update."""
    known = {name: receipt for name, receipt in stop.receipts.items() if fits(name, pattern)}
    holds = {}
    for name, receipt in known.items():
        change, before = length(receipt.change), length(receipt.before)
        ratio = change / before if change is not None and before else math.nan
        if _COMPARE[test.sign](ratio, test.number):
            holds[name] = f"{name} moved by {ratio:.3g} of its norm"
    return holds, set(known)


def _words(name: str, view: TensorView, test: Bound | State | str) -> str:
    """What holds of a tensor; empty if it does not, or is not known."""
    if isinstance(test, Bound):
        found = _only(view) if test.quantity == "value" else statistic(view, test.quantity)
        if found is None or not _COMPARE[test.sign](float(found), test.number):
            return ""
        what = "" if test.quantity == "value" else f" {test.quantity}"
        return f"{name}{what} {_number(found)} {test.sign} {test.number:g}"
    nan, inf = not_finite(view) or (0, 0)
    holds = {
        "has nan": nan > 0,
        "has inf": inf > 0,
        "not finite": nan + inf > 0,
        "is zero": view.size > 0 and length(view) == 0,
    }
    said = {"has nan": "has NaN", "has inf": "has Inf", "not finite": "is not finite", "is zero": "is all zeros"}
    return f"{name} {said[test]}" if holds[test] else ""


def _only(view: TensorView) -> Number | None:
    """The element of a tensor that has one."""
    numbers = reals(view) if view.value is not None else None
    return numbers[0] if numbers is not None and len(numbers) == 1 else None


def _number(value: float) -> str:
    return f"{value:.6g}"


def _listed(words: Iterator[str]) -> str:
    """The first of them, and how many more there are."""
    first, *more = [*words] or [""]
    return f"{first}, and {len(more)} more" if more else first
