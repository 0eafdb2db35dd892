"""What the inspector knows of one tensor at one stop: its value or its gradient, and what it was before."""

from __future__ import annotations

import math
from typing import Literal

from msgspec.structs import replace

from gradstep.app.inspector.plane import positions
from gradstep.model.message import Fetched
from gradstep.model.moment import Moment
from gradstep.model.stop import Stop
from gradstep.model.survey import Side, Survey, size_of, survey_of
from gradstep.model.tensor import TensorView, Value, length

MOST = 200_000
"""Elements that are remembered; with more the oldest windows are asked for again."""
Kind = Literal["now", "change"]
"""What is shown of a sheet."""


class Sheet:
    """One side. Small tensors are known from the stop itself; of large ones what has been fetched."""

    def __init__(self, side: Side) -> None:
        self.side: Side = side
        self.run = 0
        """Number of the run that this is of."""
        self.stop = -1
        """Index of the stop that this is of."""
        self.view: TensorView | None = None
        """Shape, dtype and device; None if there is no such tensor."""
        self.values: dict[int, Value] = {}
        """Elements by their row-major position."""
        self.survey: Survey | None = None
        self.problem = ""
        """Why nothing is to be seen."""
        self.note = self.layout = ""
        self.earlier: dict[int, Value] = {}
        """Elements as they were before."""
        self.earlier_stop = -1
        """When that was; -1 if nothing is known of it."""
        self._earlier_norm: float | None = None
        self.forgotten = False
        """What it was at the stop before is not to be had."""
        self.asked: set[str] = set()
        """What has been asked for at this stop, and not answered."""

    def follow(self, moment: Moment, view: TensorView | None, before: TensorView | None) -> None:
        """Go to a stop; `view`: what it has kept of the tensor, `before`: what the stop before it has kept."""
        stop = moment.stop
        if (moment.run, stop.index) != (self.run, self.stop):
            later = moment.run == self.run and stop.index > self.stop
            same = later and view is not None and self.view is not None and self.view.shape == view.shape
            self.earlier, self.earlier_stop = (self.values, self.stop) if same and self.values else ({}, -1)
            self.values, self.survey, self.asked = {}, None, set()
            self.problem = self.note = self.layout = ""
            self.run, self.stop, self._earlier_norm, self.forgotten = moment.run, stop.index, None, False
        self.view = view or self.view if self.asked or self.values else view
        if view is None:
            self.problem = self.problem or "nothing was kept of it at this stop"
        elif view.freed:
            self.problem = "freed before it could be read"
        elif is_whole(view):
            self.values = dict(enumerate(view.flat()))
            self.survey = survey_of(view)
        self._keep_before(moment.before, view, before)

    def _keep_before(self, stop: Stop, view: TensorView | None, before: TensorView | None) -> None:
        if view is None or before is None or before.shape != view.shape:
            return
        norm = length(before)
        self._earlier_norm = norm if norm is not None and math.isfinite(norm) else None
        if is_whole(before):
            self.earlier, self.earlier_stop = dict(enumerate(before.flat())), stop.index

    @property
    def earlier_norm(self) -> float | None:
        """The norm at the stop before, as exact as the one that is shown: sums in float32 are off alike at both."""
        exact, ours = self.survey.norm if self.survey is not None else None, length(self.view)
        if self._earlier_norm is None or not exact or not ours or not math.isfinite(ours):
            return self._earlier_norm
        return self._earlier_norm * (exact / ours)

    @property
    def known(self) -> Survey | None:
        """The statistics: all of them, or what the stop has kept."""
        view = self.view
        if self.survey is not None or view is None or view.norm is None:
            return self.survey
        return Survey(
            min=view.min, max=view.max, mean=view.mean, norm=float(view.norm), nan=view.nan or 0, inf=view.inf or 0,
            zeros=None,
        )  # fmt: skip

    @property
    def largest(self) -> float:
        """The size that is hottest."""
        known = self.known
        return known.largest if known is not None else 0.0

    def at(self, position: int | None) -> Value | None:
        """An element; None where it is not known."""
        return None if position is None else self.values.get(position)

    def earlier_at(self, position: int | None) -> Value | None:
        """An element as it was before; None where it is not known."""
        return None if position is None else self.earlier.get(position)

    def change(self, position: int | None) -> Value | None:
        """How much an element has changed; None where that is not known."""
        if position is None or position not in self.values or position not in self.earlier:
            return None
        return minus(self.values[position], self.earlier[position])

    def next_bad(self, after: int) -> int:
        """Position of the next NaN or Inf behind `after`, then from the beginning; -1 if none is known."""
        places = [at for at, value in self.values.items() if not math.isfinite(size_of(value))]
        return next((at for at in places if at > after), places[0] if places else -1)

    def take(self, answer: Fetched) -> None:
        """Take what the program has told."""
        self.asked.discard(answer.of.want)
        if answer.view is not None:
            self.view = replace(answer.view, norm=self.view.norm if self.view is not None else None)
        self.problem, self.note, self.layout = answer.problem, answer.note, answer.layout
        if answer.values and answer.view is not None:
            if len(self.values) > MOST:
                self.values.clear()
            self.values.update(zip(positions(answer.of.window, answer.view.shape), answer.values, strict=False))
        if answer.survey is not None:
            self.survey = answer.survey

    def take_earlier(self, answer: Fetched) -> None:
        """Take what the program tells of the stop before."""
        self.asked.discard("earlier")
        self.forgotten = bool(answer.problem)
        if answer.view is None or self.view is None or answer.view.shape != self.view.shape:
            self.forgotten = True
        elif not self.forgotten:
            if self.earlier_stop != answer.of.stop or len(self.earlier) > MOST:
                self.earlier, self.earlier_stop = {}, answer.of.stop
            self.earlier.update(zip(positions(answer.of.window, answer.view.shape), answer.values, strict=False))


def is_whole(view: TensorView) -> bool:
    """Whether all elements were kept."""
    return view.value is not None or view.size == 0


def minus(now: Value, before: Value) -> Value:
    """Their difference, of complex numbers part by part."""
    if isinstance(now, list) and isinstance(before, list):
        return [float(one) - float(two) for one, two in zip(now, before, strict=True)]
    if isinstance(now, list) or isinstance(before, list):
        return float("nan")
    if now == before:
        return 0 if isinstance(now, int) else 0.0
    return now - before


def kept(stop: Stop, name: str, node: int, side: Side) -> TensorView | None:
    """What a stop has kept of a tensor, by its name and, unless it is a leaf, its box."""
    box = stop.graph.node(node)
    if side == "value":
        return stop.tensors.get(name) if box is None or name in stop.tensors else box.view
    ledger = stop.gradients.get(name)
    if ledger is not None and box is None:
        return ledger.now or ledger.returned
    return box.gradient if box is not None else None


def box_of(stop: Stop, name: str, node: int = -1) -> int:
    """The box of a tensor in the stop's graph; -1 for a leaf, and where there is none."""
    if name in stop.leaves:
        return -1
    known = stop.graph.node(node)
    if known is not None and known.name == name:
        return node if known.kind != "leaf" else -1
    nodes = (*stop.graph.nodes, *stop.graph.earlier.nodes)
    return next((box.id for box in nodes if box.name == name and box.kind != "leaf"), -1)
