"""The stops of one run, with their findings, and what the panes show of each."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

from msgspec.structs import replace

from gradstep.app.runs.budget import Budget, shared_by, size_of
from gradstep.app.runs.met import MetKinds
from gradstep.app.runs.sharing import Sharing
from gradstep.findings import Examiner
from gradstep.model.ending import cut_off, not_started
from gradstep.model.message import Exited, Statistics
from gradstep.model.moment import Moment, Point
from gradstep.model.stop import EMPTY, Stop
from gradstep.model.tensor import TensorView

LOOKED_BACK = 200
"""Stops that are examined again where a run branches off, so that findings know what was before."""


@dataclass(frozen=True, slots=True, eq=False)
class KeptStop:
    """One stop, and what is shown with it."""

    stop: Stop
    before: Stop
    """The latest earlier stop that was kept in full, with the latest known value of every tensor."""
    passed: int
    """Phases that had been run through."""
    printed: int
    """Lines that had been printed."""
    size: int
    """Bytes."""


class History:
    """Takes stops in their order; gives any that is kept as a `Moment`."""

    def __init__(self, budget: Budget | None = None) -> None:
        self.budget = budget or Budget()
        """What all runs share."""
        self._kept: deque[KeptStop] = deque()
        self._examiner = Examiner()
        self._sharing = Sharing()
        self._curves: dict[str, list[Point]] = {}
        self._known: dict[str, TensorView] = {}
        self._met = MetKinds()
        self._passed = 0
        self._full = EMPTY

    @property
    def stops(self) -> list[Stop]:
        """The stops that are kept, the oldest first."""
        return [kept.stop for kept in self._kept]

    @property
    def outlines(self) -> list[Stop]:
        """The same, of a long recording without their tensors."""
        return self.stops

    @property
    def last(self) -> Stop:
        """The newest stop; `EMPTY` before there is one."""
        return self._kept[-1].stop if self._kept else EMPTY

    @property
    def first(self) -> Stop:
        """The oldest that is kept; `EMPTY` before there is one."""
        return self._kept[0].stop if self._kept else EMPTY

    def __len__(self) -> int:
        return len(self._kept)

    # What comes

    def add(self, stop: Stop, printed: int = 0) -> None:
        """Take the next stop and attach its findings; `printed`: lines printed up to it."""
        stop = self._examiner.examine(self._sharing.take(self._sharing.fill(stop)))
        self._passed += stop.light and stop.phase != "end"
        before = self._kept[-1].before if self._kept and self._kept[-1].stop.light else self._before()
        self._append(KeptStop(stop, before, self._passed, printed, size_of(stop)))
        self._met.count(stop)
        self._mark(stop)
        self._know(stop)

    def complete(self, rest: Statistics) -> None:
        """Put what was left out of a stop into it."""
        kept = self.find(rest.index)
        if kept is None:
            return
        stop = rest.put_into(kept.stop)
        if rest.graph is not None and (rest.graph.earlier or rest.graph.autograd):
            self._grow(stop)
        else:
            self.put(stop)

    def _grow(self, stop: Stop) -> None:
        """More of a graph has come; the stops before that show the same graph get all of it, too."""
        at = self._place(stop.index)
        self._replace(at, self._sharing.take(stop))
        for before in range(at - 1, -1, -1):
            other = self._kept[before].stop
            if not other.light and other.graph.number != stop.graph.number:
                return
            filled = self._sharing.fill(other)
            if filled is not other:
                self._replace(before, filled)

    def put(self, stop: Stop) -> None:
        """Replace the stop of that index: more is known of it, or it was changed."""
        at = self._place(stop.index)
        if at < 0:
            return
        known = self._kept[at].stop.findings
        stop = self._examiner.examine_again(stop)
        self._replace(at, stop)
        self._met.count(stop, known)
        self._mark(stop)
        if self._full.index <= stop.index:
            self._know(stop)

    def adopt(self, stops: Sequence[Stop]) -> None:
        """Keep those, which are examined, in place of the same ones that were passed."""
        places = {at: stop for stop in stops if (at := self._place(stop.index)) >= 0 and self._kept[at].stop.light}
        before = EMPTY
        for at, found in places.items():
            old = self._kept[at]
            stop = self._sharing.take(replace(found, met=old.stop.met, met_by=old.stop.met_by))
            self._replace(at, stop, before if before.index >= 0 else old.before)
            self._met.count(stop, old.stop.findings)
            self._mark(stop)
            self._examiner.take(stop)
            self._know(stop)
            before = self._before()

    def forget_oldest(self) -> bool:
        """Make room; False if nothing is left to forget but the newest stop."""
        if len(self._kept) < 2:
            return False
        oldest = self._kept.popleft()
        self._give(oldest)
        return True

    def forget(self) -> None:
        """Keep nothing any more."""
        while self._kept:
            self._give(self._kept.pop())

    def upto(self, index: int) -> History:
        """The same run up to a stop, to go on from there in another way."""
        twin = History(self.budget)
        for kept in islice(self._kept, self._place(index) + 1):
            twin._append(kept)
        twin._passed = twin._kept[-1].passed
        twin._full = twin._kept[-1].before
        twin._known = dict(twin._full.tensors)
        twin._know(twin.last)
        twin._curves = {name: points[: _upto(points, index)] for name, points in self._curves.items()}
        twin._met = self._met.upto(index)
        for stop in twin.stops[-LOOKED_BACK:]:
            twin._examiner.examine(twin._sharing.take(stop))
        return twin

    def cut_off(self, exited: Exited) -> None:
        """Add the end stop that a killed program could not make."""
        if self.last.phase == "end":
            return
        self._add_end(cut_off(self.last, exited))

    def refuse(self, text: str) -> None:
        """The program was never started."""
        self._add_end(not_started(self.last, text))

    def _add_end(self, end: Stop) -> None:
        self.add(end, self._kept[-1].printed if self._kept else 0)

    # What is asked

    def moment(self, index: int | None = None) -> Moment:
        """What the panes show at the newest stop, or at that one; of one that is not kept, at the oldest."""
        kept = self._shown(index)
        if kept is None:
            return Moment()
        stop = kept.stop
        points = self.curve(self.name_of(stop))
        now = _upto(points, stop.index)
        return Moment(
            stop, kept.before, tuple(points[:now]), self._met.at(stop.index), kept.passed,
            later=tuple(points[now:]), oldest=self.first.index, newest=self.last.index,
        )  # fmt: skip

    def _shown(self, index: int | None) -> KeptStop | None:
        kept = self.find(index) if index is not None else None
        if kept is None and self._kept:
            kept = self._kept[-1 if index is None else 0]
        return kept

    def name_of(self, stop: Stop) -> str:
        """Which loss is drawn at a stop: its own, or before there was any the first that came."""
        return stop.loss.name if stop.loss is not None else next(iter(self._curves), "")

    def curve(self, name: str) -> list[Point]:
        """The values of one loss."""
        return self._curves.get(name, [])

    def curves(self) -> dict[str, list[Point]]:
        """The values of all losses, by name."""
        return self._curves

    def find(self, index: int) -> KeptStop | None:
        """A stop that is kept."""
        at = self._place(index)
        return self._kept[at] if at >= 0 else None

    def beside(self, index: int, step: int) -> Stop:
        """The stop so many places further; at the ends, the outermost that is kept."""
        at = max(0, min(self._place(index) + step, len(self._kept) - 1))
        return self._kept[at].stop

    def after(self, index: int, fits: Callable[[Stop], bool]) -> Stop | None:
        """The first later stop that fits."""
        later = islice(self._kept, self._place(index) + 1, None)
        return next((kept.stop for kept in later if fits(kept.stop)), None)

    def of_phase(self, phases: int) -> KeptStop | None:
        """The stop with which that many phases had ended."""
        at = bisect_left(self._kept, phases, key=lambda kept: kept.stop.phases)
        kept = self._kept[at] if at < len(self._kept) else None
        return kept if kept is not None and kept.stop.phases == phases and kept.stop.whole else None

    # How it is kept

    def _append(self, kept: KeptStop) -> None:
        self._kept.append(kept)
        self._take(kept)

    def _replace(self, at: int, stop: Stop, before: Stop | None = None) -> None:
        """Keep another stop in that place; `before`: the one that it is compared with, if that is another, too."""
        old = self._kept[at]
        new = KeptStop(stop, before or old.before, old.passed, old.printed, size_of(stop))
        self._take(new)
        self._give(old)
        self._kept[at] = new
        if self._full.index == stop.index:
            self._full = stop

    def _take(self, kept: KeptStop) -> None:
        for what, size in ((kept, kept.size), *shared_by(kept.stop)):
            self.budget.take(what, size)

    def _give(self, kept: KeptStop) -> None:
        for what, size in ((kept, kept.size), *shared_by(kept.stop)):
            self.budget.give(what, size)

    def _place(self, index: int) -> int:
        """Where a stop is; -1 if it is not kept."""
        at = bisect_left(self._kept, index, key=lambda kept: kept.stop.index)
        return at if at < len(self._kept) and self._kept[at].stop.index == index else -1

    def _before(self) -> Stop:
        return replace(self._full, tensors=dict(self._known)) if self._known else self._full

    def _know(self, stop: Stop) -> None:
        """What the next stop is compared with."""
        if not stop.light:
            self._known.update(stop.tensors)
            self._full = stop

    def _mark(self, stop: Stop) -> None:
        """Put the loss of a forward stop on its curve."""
        loss = stop.loss
        if stop.phase != "forward" or not stop.whole or loss is None or loss.value is None:
            return
        points = self._curves.setdefault(loss.name, [])
        point = Point(stop.index, stop.iteration, loss.value, stop.finding("overshoot") is not None)
        at = bisect_left(points, stop.index, key=lambda other: other.stop)
        if at == len(points):
            points.append(point)
        elif points[at].stop == stop.index:
            points[at] = point


def _upto(points: list[Point], index: int) -> int:
    """How many points there are up to a stop."""
    return bisect_right(points, index, key=lambda point: point.stop)
