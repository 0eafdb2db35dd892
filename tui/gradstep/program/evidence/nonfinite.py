"""Where NaN or Inf came from: looked for only where a loss, a gradient or a weight is not finite for the first time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from gradstep.model.evidence import NotFinite
from gradstep.model.place import Place
from gradstep.model.stop import Stop
from gradstep.model.tensor import TensorView, reals
from gradstep.program.evidence.again import ReplayedResults
from gradstep.program.evidence.numbers import range_of
from gradstep.program.evidence.saved import Saved
from gradstep.program.evidence.trail import Trail
from gradstep.program.leaves.leaves import Leaf, Leaves
from gradstep.program.leaves.scaling import Scaling
from gradstep.program.stops.describe import Describer


class FirstNonFinite:
    """Remembers whether numbers have been finite so far: only the first that is not is looked into."""

    def __init__(
        self, leaves: Leaves, describer: Describer, scaling: Scaling, again: Callable[[], ReplayedResults]
    ) -> None:
        self._leaves = leaves
        self._describer = describer
        self._scaling = scaling
        self._again = again
        """Runs the pass at which the program waits again."""
        self._met = False

    def look(self, stop: Stop, saved: Saved | None) -> NotFinite | None:
        """What has made the first number that is not finite; None if all are, or if it was known before."""
        loss = stop.loss.value if stop.loss is not None and stop.phase == "forward" else None
        weight = next((leaf for leaf in self._leaves if bad_in(leaf.view) and self._has_part(leaf, stop)), None)
        gradient = next(self._bad_gradients(), None) if stop.phase in ("backward", "update") else None
        if (loss is None or math.isfinite(loss)) and weight is None and gradient is None:
            self._met &= stop.phase != "forward"
            return None
        if self._met:
            return None
        found = None
        if loss is not None and not math.isfinite(loss) and saved is not None:
            found = Trail(self._describer.drawn, saved, self._again()).first()
        elif gradient is not None and stop.phase == "backward":
            found = self._in_backward(gradient)
        elif weight is not None and stop.phase == "update":
            found = self._in_update(stop, weight)
        elif weight is not None:
            found = NotFinite(
                kind_in(weight.view), weight.name, place=stop.place, count=bad_in(weight.view), given=True
            )
        self._met = found is not None
        return found

    def _has_part(self, leaf: Leaf, stop: Stop) -> bool:
        """Whether that leaf has fed this forward pass, or was moved by this update."""
        if stop.phase == "update":
            return stop.update is not None and leaf.name in stop.update.leaves
        return leaf in self._describer.drawn.leaf_of

    def _bad_gradients(self) -> Iterator[Leaf]:
        """Leaves with a gradient that is not finite, in the order of the graph from the loss back.

        While a GradScaler's factor is on them it is expected: the scaler skips that step.
        """
        if self._scaling.factor() is not None:
            return
        order = self._describer.drawn.leaf_of
        for leaf in sorted(self._leaves, key=lambda item: -order.get(item, -1)):
            if bad_in(leaf.now) or bad_in(leaf.returned):
                yield leaf

    def _in_backward(self, leaf: Leaf) -> NotFinite:
        """The first node of backward to which a finite gradient came and from which one left that is not."""
        describer = self._describer
        graph, drawn = describer.graph, describer.drawn
        shown = leaf.now if bad_in(leaf.now) else leaf.returned
        what, count = kind_in(shown), bad_in(shown)
        leaving: dict[int, TensorView] = {}
        for (_, target), local in zip(graph.edges, graph.locals, strict=False):
            if local.flow is not None and bad_in(local.flow):
                leaving.setdefault(target, local.flow)
        for box in sorted(leaving, reverse=True):
            node = graph.nodes[box]
            if node.gradient is not None and not bad_in(node.gradient):
                op = next((item for item in drawn.ops if drawn.box_of.get(item.seq) == box), None)
                inputs = "" if op is None else Trail(drawn, None).inputs(op)
                where = op.place if op is not None else Place()
                what = kind_in(leaving[box])
                chosen = any(item.op == "where" for item in graph.nodes[box:])
                name = f"{leaf.name}.grad"
                return NotFinite(what, name, node.op, inputs, where, count, backward=True, chosen=chosen)
        where = Place()
        return NotFinite(what, f"{leaf.name}.grad", "", "", where, count, backward=True)

    def _in_update(self, stop: Stop, leaf: Leaf) -> NotFinite:
        """The update that made a weight so."""
        made = stop.update.optimizer if stop.update is not None else ""
        gradient = range_of(leaf.now, f"{leaf.name}.grad") if leaf.now is not None else ""
        what, kind = kind_in(leaf.view), leaf.view.dtype if leaf.view is not None else ""
        return NotFinite(what, leaf.name, made or "update", gradient, stop.place, bad_in(leaf.view), dtype=kind)


def bad_in(shown: TensorView | None) -> int:
    """How many elements are not finite; 1 where only the norm says that there are some."""
    if shown is None:
        return 0
    if shown.value is not None:
        numbers = reals(shown) or ()
        return 0 if math.isfinite(sum(numbers)) else sum(not math.isfinite(part) for part in numbers)
    if shown.nan is not None or shown.inf is not None:
        return (shown.nan or 0) + (shown.inf or 0)
    return int(shown.norm is not None and not math.isfinite(shown.norm))


def kind_in(shown: TensorView | None) -> str:
    """`NaN` if there is one, else `Inf`."""
    if shown is None:
        return "NaN"
    numbers = reals(shown) or [] if shown.value is not None else [float(shown.norm or 0)]
    nan = bool(shown.nan) if shown.nan is not None else any(math.isnan(item) for item in numbers)
    return "NaN" if nan else "Inf"
