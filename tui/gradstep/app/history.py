"""The stops of one run, with their findings, and what the panes show of them."""

from __future__ import annotations

from msgspec.structs import replace

from gradstep.findings import Examiner
from gradstep.model.message import Exited, Statistics
from gradstep.model.moment import Moment, Point
from gradstep.model.stop import EMPTY, Fault, Stop
from gradstep.model.tensor import TensorView


class History:
    """Takes stops in their order; gives the newest as a `Moment`."""

    def __init__(self) -> None:
        self.stops: list[Stop] = []
        """All stops of the run."""
        self._examiner = Examiner()
        self._curves: dict[str, list[Point]] = {}
        self._known: dict[str, TensorView] = {}
        self._before = EMPTY
        self._full = EMPTY

    @property
    def last(self) -> Stop:
        """The newest stop; `EMPTY` before there is one."""
        return self.stops[-1] if self.stops else EMPTY

    def add(self, stop: Stop) -> None:
        """Take the next stop and attach its findings."""
        stop = self._examiner.examine(stop)
        self.stops.append(stop)
        loss = stop.loss
        if stop.phase == "forward" and stop.whole and loss is not None and loss.value is not None:
            rose = stop.finding("overshoot") is not None
            self._curves.setdefault(loss.name, []).append(Point(stop.index, stop.iteration, loss.value, rose))
        if not stop.light:
            self._before = replace(self._full, tensors=dict(self._known))
            self._known.update(stop.tensors)
            self._full = stop

    def complete(self, rest: Statistics) -> None:
        """Put what was left out of a stop into it."""
        for place in range(len(self.stops) - 1, -1, -1):
            stop = self.stops[place]
            if stop.index == rest.index:
                break
        else:
            return
        whole = replace(stop, tensors={**stop.tensors, **rest.tensors}, gradients={**stop.gradients, **rest.gradients})
        self.stops[place] = whole
        self._known.update(rest.tensors)
        if self._full is stop:
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
        return Moment(stop, self._before, tuple(self._curves.get(name, ())))
