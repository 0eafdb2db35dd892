"""How large gradients are from layer to layer: along leaves, and along the results of the ops that read them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import accumulate, pairwise

from gradstep.findings.reading import fresh_gradient, root_mean_square
from gradstep.findings.thresholds import LAYERS, ORDERS, ORDERS_SPREAD, ORDERS_UP, ORDERS_UP_SPREAD, UNDERFLOW, ZIGZAG
from gradstep.model.graph import GraphNode
from gradstep.model.stop import Gradient, Stop
from gradstep.model.tensor import TensorView, length

_LOOKED_UP = frozenset(("embedding", "embedding_bag", "__getitem__", "getitem", "gather", "index_select"))
"""Ops that read some rows of a leaf only: the gradient of the others is 0, which says nothing."""


@dataclass
class GradientLayer:
    """The leaves that lie equally deep in a graph."""

    leaves: list[str] = field(default_factory=list)
    gradient: float = 0.0
    """Size of a typical element of the largest gradient among its leaves."""
    arriving: float | None = None
    """Largest norm of a gradient that arrives at an op which reads them."""


@dataclass(frozen=True)
class Trend:
    """Gradients that fall or grow from the last layer to the first."""

    orders: float
    """Powers of ten from the last layer to the first: negative where they fall."""
    first: str
    last: str
    at_first: float
    at_last: float
    layers: int
    of_leaves: bool
    """Of the leaves' own gradients, else of those that arrive at their ops."""


def trend(stop: Stop) -> Trend | None:
    """The trend of a backward stop, if it is one of many orders and no single step."""
    layers = layers_of(stop)
    own = [(layer, layer.gradient) for layer in layers]
    arriving = [(layer, layer.arriving) for layer in layers if layer.arriving is not None]
    found = [item for item in (_trend(own, True), _trend(arriving, False)) if item is not None]
    return max(found, key=lambda item: abs(item.orders), default=None)


def layers_of(stop: Stop) -> list[GradientLayer]:
    """The layers, the first one first: each reads what the ones before it have made."""
    graph = stop.graph
    gradients = {name: view for name, entry in stop.gradients.items() if (view := fresh_gradient(entry)) is not None}
    counted = _counted(stop.gradients, gradients)
    sources: dict[int, list[GraphNode]] = defaultdict(list)
    for source, target in graph.edges:
        sources[target].append(graph.nodes[source])
    depth: dict[int, int] = {}
    met: set[str] = set()
    layers: dict[int, GradientLayer] = defaultdict(GradientLayer)
    for node in graph.nodes:
        if node.kind != "op":
            continue
        above = sources[node.id]
        level = max((depth.get(item.id, 0) for item in above), default=0)
        new = [item.name for item in above if item.kind == "leaf" and item.name in counted and item.name not in met]
        if new and node.op not in _LOOKED_UP:
            level += 1
            _add(layers[level], node, new, gradients)
        met.update(new)
        depth[node.id] = level
    return [layers[level] for level in sorted(layers)]


def _add(layer: GradientLayer, node: GraphNode, names: list[str], gradients: Mapping[str, TensorView]) -> None:
    layer.leaves += names
    layer.gradient = max(layer.gradient, *(root_mean_square(gradients[name]) or 0.0 for name in names))
    arriving = length(node.gradient)
    if arriving is not None:
        layer.arriving = max(layer.arriving or 0.0, arriving)


def _counted(entries: Mapping[str, Gradient], gradients: Mapping[str, TensorView]) -> set[str]:
    """The weight matrices, if there are enough of them; else all leaves that have a gradient."""
    matrices = {name for name, view in gradients.items() if len(view.shape) > 1}
    return matrices if len(matrices) >= LAYERS else set(gradients)


def _trend(sizes: list[tuple[GradientLayer, float]], of_leaves: bool) -> Trend | None:
    if not all(math.isfinite(size) for _, size in sizes):
        return None
    last_zero = max((at for at, (_, size) in enumerate(sizes) if size == 0), default=-1)
    rest = sizes[last_zero + 1 :]
    if len(sizes) < LAYERS or len(rest) < 2 or (last_zero >= 0 and rest[0][1] > UNDERFLOW):
        return None
    if len(rest) < LAYERS and last_zero < 0:
        return None
    logs = [math.log10(size) for _, size in rest]
    orders = logs[0] - logs[-1]
    steps = [one - other for one, other in pairwise(logs)]
    largest = max(steps) if orders > 0 else min(steps)
    total, spread = (ORDERS_UP, ORDERS_UP_SPREAD) if orders > 0 else (ORDERS, ORDERS_SPREAD)
    if abs(orders) < total or abs(orders) - abs(largest) < spread or _is_zigzag(logs):
        return None
    first, last = sizes[0], sizes[-1]
    return Trend(orders, first[0].leaves[0], last[0].leaves[0], first[1], last[1], len(sizes), of_leaves)


def _is_zigzag(logs: list[float]) -> bool:
    """Whether on the way from the small end to the large one sizes fall back by much of all that they rise by."""
    upwards = logs if logs[0] < logs[-1] else logs[::-1]
    back = max(most - size for most, size in zip(accumulate(upwards, max), upwards, strict=True))
    return back > ZIGZAG * (upwards[-1] - upwards[0])
