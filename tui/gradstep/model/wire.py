"""Stops as they are sent: without what the one before had, too. Told by identity, so that not a bit can differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from gradstep.model.autograd import Autograd
from gradstep.model.graph import Earlier, Graph
from gradstep.model.stop import EMPTY, Stop

V = TypeVar("V")


class KeptGraph(Struct, frozen=True, omit_defaults=True):
    """What a graph has of the one before."""

    nodes: int = 0
    """How many nodes it has; those that it carries belong where their ids say, the others are as they were."""
    edges: int = 0
    """So many edges are the first ones of the graph before; it carries those behind them."""
    modules: int = 0
    """The same of the modules."""
    locals: tuple[int, ...] | None = None
    """To which edges those that it carries belong; None if it carries all."""
    earlier: bool = False
    autograd: bool = False
    inner: bool = False
    """These are as they were."""


class Kept(Struct, frozen=True, omit_defaults=True):
    """What a stop has of the one before, and does not carry."""

    tensors: tuple[str, ...] | None = None
    """All its tensors by name, in their order; those that it does not carry are as before. None: it carries all."""
    gradients: tuple[str, ...] | None = None
    """The same of the gradients."""
    graph: KeptGraph | None = None


class Sender:
    """Shortens one stop after the other."""

    def __init__(self) -> None:
        self._before = EMPTY

    def shorten(self, stop: Stop) -> tuple[Stop, Kept]:
        """What is new in it, and what is not."""
        before, self._before = self._before, stop
        tensors, names = _new(stop.tensors, before.tensors)
        gradients, owners = _new(stop.gradients, before.gradients)
        graph, kept = _new_in_graph(stop.graph, before.graph)
        return replace(stop, tensors=tensors, gradients=gradients, graph=graph), Kept(names, owners, kept)


class Receiver:
    """Makes whole what a `Sender` has shortened."""

    def __init__(self) -> None:
        self._before = EMPTY

    def whole(self, stop: Stop, kept: Kept) -> Stop:
        """The stop as it was before it was shortened."""
        before = self._before
        self._before = replace(
            stop,
            tensors=_whole(stop.tensors, before.tensors, kept.tensors),
            gradients=_whole(stop.gradients, before.gradients, kept.gradients),
            graph=_whole_graph(stop.graph, before.graph, kept.graph),
        )
        return self._before


def _new(now: dict[str, V], before: Mapping[str, V]) -> tuple[dict[str, V], tuple[str, ...] | None]:
    new = {name: value for name, value in now.items() if before.get(name) is not value}
    return (now, None) if len(new) == len(now) else (new, tuple(now))


def _whole(new: dict[str, V], before: Mapping[str, V], names: tuple[str, ...] | None) -> dict[str, V]:
    return new if names is None else {name: new[name] if name in new else before[name] for name in names}


def _new_in_graph(now: Graph, before: Graph) -> tuple[Graph, KeptGraph | None]:
    nodes = [node for node, old in zip(now.nodes, before.nodes, strict=False) if node is not old]
    if len(nodes) == min(len(now.nodes), len(before.nodes)):
        return now, None
    nodes += now.nodes[len(before.nodes) :]
    edges = len(before.edges) if now.edges[: len(before.edges)] == before.edges else 0
    modules = len(before.modules) if now.modules[: len(before.modules)] == before.modules else 0
    places = None
    if before.locals and len(now.locals) >= len(before.locals):
        olds = (*before.locals, *(None for _ in range(len(now.locals) - len(before.locals))))
        places = tuple(place for place, local in enumerate(now.locals) if local is not olds[place])
    kept = KeptGraph(
        len(now.nodes), edges, modules, places, now.earlier is before.earlier, now.autograd is before.autograd,
        now.inner is before.inner,
    )  # fmt: skip
    return replace(
        now,
        nodes=tuple(nodes),
        edges=now.edges[edges:],
        modules=now.modules[modules:],
        locals=now.locals if places is None else tuple(now.locals[place] for place in places),
        earlier=Earlier() if kept.earlier else now.earlier,
        autograd=Autograd() if kept.autograd else now.autograd,
        inner={} if kept.inner else now.inner,
    ), kept


def _whole_graph(new: Graph, before: Graph, kept: KeptGraph | None) -> Graph:
    if kept is None:
        return new
    nodes = dict(enumerate(before.nodes[: kept.nodes])) | {node.id: node for node in new.nodes}
    edges = before.edges[: kept.edges] + new.edges
    found = new.locals
    if kept.locals is not None:
        places = dict(enumerate(before.locals)) | dict(zip(kept.locals, new.locals, strict=True))
        found = tuple(places[place] for place in range(len(places)))
    return replace(
        new,
        nodes=tuple(nodes[number] for number in range(kept.nodes)),
        edges=edges,
        modules=before.modules[: kept.modules] + new.modules,
        locals=found,
        earlier=before.earlier if kept.earlier else new.earlier,
        autograd=before.autograd if kept.autograd else new.autograd,
        inner=before.inner if kept.inner else new.inner,
    )
