"""The graph as it is at one stop, of operations or of autograd's nodes, and what of it the phase has changed.

Its nodes stand in the order in which they ran, not by their ids: `id` is that of the box in the stop's own graph.
"""

from __future__ import annotations

from msgspec.structs import replace

from gradstep.model.autograd import AutogradNode
from gradstep.model.graph import Graph, GraphNode, plain
from gradstep.model.stop import Stop
from gradstep.model.tensor import TensorView

NODE = GraphNode(-1, "op", "")
"""What is known of a node of autograd that belongs to no operation."""
PART = "part of "
"""Before the name of an operation of which a node is not the last."""


def graph_at(stop: Stop, autograd: bool = False) -> Graph:
    """The stop's graph, with leaves as they are at that stop and not as they were when the forward pass read them.

    `autograd`: the graph of autograd's nodes instead, which must be known.
    """
    if autograd:
        return _autograd_at(stop)
    graph = stop.graph if stop.graph.awaited else _in_order(stop.graph)
    return replace(graph, nodes=tuple(_current(node, stop) for node in graph.nodes))


def _in_order(graph: Graph) -> Graph:
    """The graph with its earlier operations before those that they feed."""
    if not graph.earlier.nodes:
        return graph
    first, late = len(graph.nodes), graph.earlier
    used = sorted({source for source, _ in late.edges if source < first})
    elsewhere = {number for number, _ in late.same}.union(used)
    order = [*used, *range(first, first + len(late.nodes)), *(at for at in range(first) if at not in elsewhere)]
    joined = graph.joined()
    place = [-1] * len(joined.nodes)
    for at, number in enumerate(order):
        place[number] = at
    edges = sorted(((place[source], place[to]) for source, to in joined.edges), key=_target)
    nodes = tuple([joined.nodes[number] for number in order])
    return replace(joined, nodes=nodes, edges=tuple(edges), root=place[graph.root] if graph.root >= 0 else -1)


def _target(edge: tuple[int, int]) -> int:
    return edge[1]


def _autograd_at(stop: Stop) -> Graph:
    """Autograd's nodes as a graph: what a node does is its class, its name tells the operation or the leaf."""
    graph, autograd = stop.graph, stop.graph.autograd
    last = {node.box: place for place, node in enumerate(autograd.nodes)}
    nodes = tuple(_autograd_node(stop, place, last[node.box] == place) for place, node in enumerate(autograd.nodes))
    edges = tuple((to, place) for place, node in enumerate(autograd.nodes) for to in node.to)
    root = len(nodes) - 1 if graph.root >= 0 else -1
    return Graph(nodes, edges, root, modules=graph.modules + graph.earlier.modules)


def _autograd_node(stop: Stop, place: int, last: bool) -> GraphNode:
    """One node. `last`: the operation's result is its, and with it the gradient that arrives."""
    node: AutogradNode = stop.graph.autograd.nodes[place]
    box = stop.graph.node(node.box) or NODE
    what = stop.graph.autograd.name(place)
    if box.kind == "leaf":
        return replace(_current(box, stop), op=what)
    name = box.name if box.name.rstrip("0123456789").rstrip("_") == plain(box.op) else f"{box.name} = {plain(box.op)}"
    inner = stop.graph.inner.get(node.seq) if node.seq is not None else None
    gradient = box.gradient if last else inner
    step = stop.step
    if gradient is None and step is not None and stop.phase == "backward" and step.seq == node.seq is not None:
        gradient = step.arriving
    if box is NODE or not last:
        name = "" if box is NODE else PART + box.name
    view = _frame(box.view) if last else None
    return replace(box, name=name, op=what, view=view, gradient=gradient, kind="op", unexplained=None)


def _frame(view: TensorView | None) -> TensorView | None:
    """Its shape alone: the value is the tensor's, not the node's."""
    return None if view is None else TensorView(view.shape, view.dtype, view.device)


def _current(node: GraphNode, stop: Stop) -> GraphNode:
    if node.kind != "leaf":
        return node
    view = stop.tensors.get(node.name, node.view)
    gradient = _fresh(node.name, stop) or node.gradient
    return node if view is node.view and gradient is node.gradient else replace(node, view=view, gradient=gradient)


def _fresh(name: str, stop: Stop) -> TensorView | None:
    """What the last backward pass made for that leaf, once it has run on this graph."""
    ledger = stop.gradients.get(name)
    if ledger is None or stop.phase not in ("backward", "update"):
        return None
    return ledger.fresh or ledger.returned


def touched_nodes(stop: Stop, graph: Graph, autograd: bool = False) -> frozenset[int]:
    """Places in `graph_at` of what the stop's phase has changed: operations run, gradients made, leaves updated."""
    nodes, changed = graph.nodes, set(stop.changed)
    if stop.step is not None:
        if autograd:
            return frozenset({current_node(stop, graph, autograd)} - {-1})
        ids = {stop.step.box, *(flow.box for flow in stop.step.leaving)} - {-1}
        return frozenset(place for place, node in enumerate(nodes) if node.id in ids)
    if stop.phase == "forward":
        return frozenset(place for place, node in enumerate(nodes) if node.kind == "op" or node.name in changed)
    if stop.phase == "backward":
        with_gradient = {node.id for node in nodes if node.gradient is not None or f"{node.name}.grad" in changed}
        return frozenset(place for place, node in enumerate(nodes) if node.id in with_gradient)
    if stop.phase == "update":
        return frozenset(place for place, node in enumerate(nodes) if node.kind == "leaf" and node.name in changed)
    return guilty_nodes(stop, graph)


def guilty_nodes(stop: Stop, graph: Graph) -> frozenset[int]:
    """Places in `graph_at` of what has a part in the exception that has ended the program at this stop."""
    guilty = stop.guilty
    return frozenset(place for place, node in enumerate(graph.nodes) if guilty and node.id in guilty)


def current_node(stop: Stop, graph: Graph, autograd: bool = False) -> int:
    """Place in `graph_at` of what the step was, inside a phase; -1 if it is not there."""
    step = stop.step
    if step is None:
        return -1
    if autograd and stop.phase == "backward":
        return stop.graph.autograd.find(step.seq, step.box)
    return max((place for place, node in enumerate(graph.nodes) if node.id == step.box >= 0), default=-1)
