"""The stops of one run, with their findings, and what the panes show of them."""

from __future__ import annotations

from collections import deque

from msgspec.structs import replace

from gradstep.findings import Examiner
from gradstep.model.message import Exited, Statistics
from gradstep.model.moment import Met, Moment, Point
from gradstep.model.stop import EMPTY, Fault, Finding, Stop
from gradstep.model.tensor import TensorView

KEPT = 50_000
"""Nodes, tensors and gradients that are kept in all, the oldest stops forgotten first: some 50 MB."""


class History:
    """Takes stops in their order; gives the newest as a `Moment`."""

    def __init__(self) -> None:
        self.stops: deque[Stop] = deque()
        """The newest stops of the run, as many as there is room for."""
        self._kept = 0
        self._examiner = Examiner()
        self._curves: dict[str, list[Point]] = {}
        self._known: dict[str, TensorView] = {}
        self._met: dict[str, Met] = {}
        self._passed = 0
        self._before = EMPTY
        self._full = EMPTY

    @property
    def last(self) -> Stop:
        """The newest stop; `EMPTY` before there is one."""
        return self.stops[-1] if self.stops else EMPTY

    def add(self, stop: Stop) -> None:
        """Take the next stop and attach its findings."""
        stop = self._examiner.examine(stop)
        self._keep(stop)
        self._meet(stop, ())
        self._passed += stop.light and stop.phase != "end"
        loss = stop.loss
        if stop.phase == "forward" and stop.whole and loss is not None and loss.value is not None:
            rose = stop.finding("overshoot") is not None
            self._curves.setdefault(loss.name, []).append(Point(stop.index, stop.iteration, loss.value, rose))
        if not stop.light:
            self._before = replace(self._full, tensors=dict(self._known))
            self._known.update(stop.tensors)
            self._full = stop

    def _keep(self, stop: Stop) -> None:
        """Take the newest stop, and forget the oldest ones beyond the budget."""
        self.stops.append(stop)
        self._kept += _weight(stop)
        while self._kept > KEPT and len(self.stops) > 1:
            self._kept -= _weight(self.stops.popleft())

    def _meet(self, stop: Stop, known: tuple[Finding, ...]) -> None:
        """Count the findings of a stop that were not known of it before."""
        kinds = {found.kind for found in known}
        for found in stop.findings:
            if found.kind not in kinds:
                met = self._met.get(found.kind, Met(found, stop.index, stop.iteration, 0))
                self._met[found.kind] = replace(met, count=met.count + 1)

    def complete(self, rest: Statistics) -> None:
        """Put what was left out of a stop into it."""
        for place in range(len(self.stops) - 1, -1, -1):
            stop = self.stops[place]
            if stop.index <= rest.index:
                break
        else:
            return
        if stop.index != rest.index:
            return
        whole = self._examiner.examine_again(rest.put_into(stop))
        self.stops[place] = whole
        self._meet(whole, stop.findings)
        self._kept += _weight(whole) - _weight(stop)
        self._known.update(rest.tensors)
        if self._full is stop:
            self._full = whole

    def amend(self, stop: Stop) -> None:
        """A stop that was edited: it is like that now."""
        for place, known in enumerate(self.stops):
            if known.index == stop.index:
                whole = self.stops[place] = self._examiner.examine_again(stop)
                self._kept += _weight(whole) - _weight(known)
                self._known.update(stop.tensors)
                if self._full is known:
                    self._full = whole

    def cut_off(self, exited: Exited) -> None:
        """Add the end stop that a killed program could not make."""
        if self.last.phase == "end":
            return
        fault = None
        if exited.signal:
            fault = Fault(exited.signal, f"the program was ended by {exited.signal}")
        self.fail(fault, exited.code)

    def refuse(self, text: str) -> None:
        """The program was never started."""
        self.fail(Fault("not started", text), None)

    def fail(self, fault: Fault | None, code: int | None) -> None:
        """Add an end stop of our own."""
        last = self.last
        end = Stop(
            index=last.index + 1, phase="end", reason="killed", iteration=last.iteration, loss=last.loss,
            place=last.place, leaves=last.leaves, fault=fault, exit_code=code,
        )  # fmt: skip
        self.add(end)

    def moment(self) -> Moment:
        """What the panes show now."""
        stop = self.last
        name = stop.loss.name if stop.loss is not None else ""
        curve = tuple(self._curves.get(name, ()))
        return Moment(stop, self._before, curve, tuple(self._met.values()), self._passed)


def _weight(stop: Stop) -> int:
    """How much a stop takes to keep, in nodes, tensors and gradients."""
    return 1 + len(stop.graph.nodes) + len(stop.tensors) + len(stop.gradients)
