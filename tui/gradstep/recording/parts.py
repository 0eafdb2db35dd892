"""A stop cut into parts, so that what stays the same from stop to stop is a content that is kept once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from gradstep.model.autograd import Autograd
from gradstep.model.graph import Earlier, Graph
from gradstep.model.stop import EMPTY, Stop

_AT_ONCE = (
    "index phase reason iteration phases rank place frame loss fault exit_code seconds bits complete met light findings"
).split()
_MAPS = "gradients receipts facts".split()
_OWN = {*_AT_ONCE, *_MAPS, "tensors", "graph"}
_REST = [name for name in Stop.__struct_fields__ if name not in _OWN]


def summary(stop: Stop) -> Stop:
    """What is known of a stop at once."""
    return Stop(**{name: getattr(stop, name) for name in _AT_ONCE})


def cut(stop: Stop) -> Iterator[Stop]:
    """The rest of a stop, as stops in which one part is set."""
    rest = {name: getattr(stop, name) for name in _REST}
    yield Stop(**{name: value for name, value in rest.items() if value != getattr(EMPTY, name)})
    leaves = {name: stop.tensors[name] for name in stop.leaves if name in stop.tensors}
    yield Stop(tensors=leaves)
    yield Stop(tensors={name: view for name, view in stop.tensors.items() if name not in leaves})
    yield from (Stop(**{name: getattr(stop, name)}) for name in _MAPS)
    graph = stop.graph
    yield Stop(graph=Graph(nodes=graph.nodes, locals=graph.locals, inner=graph.inner))
    yield Stop(graph=Graph(earlier=graph.earlier))
    yield Stop(graph=Graph(autograd=graph.autograd))
    yield Stop(graph=replace(graph, nodes=(), locals=(), inner={}, earlier=Earlier(), autograd=Autograd()))


def joined(stop: Stop, parts: Iterable[Stop]) -> Stop:
    """The stop of which these are the summary and the parts."""
    for part in parts:
        changes = {name: getattr(part, name) for name in _REST if getattr(part, name) != getattr(EMPTY, name)}
        changes |= {name: getattr(part, name) for name in _MAPS if getattr(part, name)}
        stop = replace(stop, tensors={**stop.tensors, **part.tensors}, graph=_with(stop.graph, part.graph), **changes)
    return stop


def _with(graph: Graph, more: Graph) -> Graph:
    empty = Graph()
    found = {name: getattr(more, name) for name in Graph.__struct_fields__}
    return replace(graph, **{name: value for name, value in found.items() if value != getattr(empty, name)})
