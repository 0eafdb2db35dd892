"""The graph as it is at one stop: the newest content of leaves, their gradients, and what the phase has changed."""

from __future__ import annotations

from msgspec.structs import replace

from gradstep.model.graph import Graph, GraphNode
from gradstep.model.stop import Stop
from gradstep.model.tensor import TensorView


def graph_at(stop: Stop) -> Graph:
    """The stop's graph, with leaves as they are at that stop and not as they were when the forward pass read them."""
    nodes = tuple(_current(node, stop) if node.kind == "leaf" else node for node in stop.graph.nodes)
    return replace(stop.graph, nodes=nodes)


def _current(node: GraphNode, stop: Stop) -> GraphNode:
    view = stop.tensors.get(node.name, node.view)
    gradient = _fresh(node.name, stop) or node.gradient
    return node if view is node.view and gradient is node.gradient else replace(node, view=view, gradient=gradient)


def _fresh(name: str, stop: Stop) -> TensorView | None:
    """What the last backward pass made for that leaf, once it has run on this graph."""
    ledger = stop.gradients.get(name)
    if ledger is None or stop.phase not in ("backward", "update"):
        return None
    return ledger.fresh or ledger.returned


def touched_nodes(stop: Stop) -> frozenset[int]:
    """Ids of the nodes that the stop's phase has changed: operations run, gradients made, leaves updated."""
    changed = set(stop.changed)
    nodes = stop.graph.nodes
    if stop.step is not None:
        return frozenset({stop.step.box, *(flow.box for flow in stop.step.leaving)} - {-1})
    if stop.phase == "forward":
        return frozenset(node.id for node in nodes if node.kind == "op" or node.name in changed)
    if stop.phase == "backward":
        return frozenset(n.id for n in nodes if n.gradient is not None or f"{n.name}.grad" in changed)
    if stop.phase == "update":
        return frozenset(node.id for node in nodes if node.kind == "leaf" and node.name in changed)
    return frozenset()
