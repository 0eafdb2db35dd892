"""What a view shows of a graph, as a smaller graph: operations, closed folds, and the leaves and inputs beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from gradstep.draw.graph.fold import Fold, Folding
from gradstep.draw.graph.rows import AFTER, HEADER, PLAIN
from gradstep.draw.graph.view import View, op_key
from gradstep.model.graph import Graph, GraphNode
from gradstep.model.tensor import TensorView

FEW_INPUTS = 4
"""A closed fold shows its inputs beside it if they are no more than this."""
NAMELESS = ("constant", "earlier result")
"""Names of inputs that the user did not give."""


@dataclass(frozen=True, slots=True)
class Inside:
    """What a closed fold hides."""

    fold: Fold
    ops: tuple[int, ...]
    """Ids of its operations."""
    leaves: tuple[int, ...]
    """Ids of the leaves that its operations use."""
    inputs: int
    """How many inputs it uses that are neither shown nor its own."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A graph to draw."""

    graph: Graph
    """Its nodes stand for operations, folds, leaves and inputs of the whole graph."""
    origin: tuple[int, ...]
    """For each the node it shows, of a fold the operation whose result it hands on."""
    keys: tuple[str, ...]
    """For each what it is called from stop to stop."""
    inside: dict[int, Inside] = field(default_factory=dict)
    """Of the nodes that are closed folds."""
    headers: dict[int, int] = field(default_factory=dict)
    """Nodes that stand above an open fold, and for each the last node in it."""
    flows: dict[int, tuple[TensorView, ...]] = field(default_factory=dict)
    """By node the tensors that leave it, where its edges shall be written on."""
    bars: dict[int, int] = field(default_factory=dict)
    """`AFTER` or `HEADER`; `PLAIN` for all others."""
    boxes: int = 0
    """How many operations and folds there are without the filter of the neighbours."""


@dataclass(slots=True)
class _Item:
    """An operation (its place), a closed fold, or the header of an open one."""

    what: Fold | int
    key: str
    name: str = ""
    """Of a fold, as it is called in the open one around it."""
    bar: int = PLAIN
    end: int = -1
    """Of a header the item behind its last."""
    sources: dict[int, int] = field(default_factory=dict)
    """Items that feed it, and the node through which they do first; leaves and inputs as `-1 - node`."""
    flows: dict[int, None] = field(default_factory=dict)
    """Nodes whose results leave it."""


def whole(graph: Graph) -> Shown:
    """All of a small graph."""
    keys = tuple(op_key(at) if node.kind == "op" else f"leaf:{at}" for at, node in enumerate(graph.nodes))
    ops = sum(node.kind == "op" for node in graph.nodes)
    return Shown(graph, tuple(range(len(graph.nodes))), keys, boxes=ops)


def show(graph: Graph, folding: Folding, view: View) -> Shown:
    """What the view shows; at the level of operations a graph in which nothing is closed is drawn as it is."""
    if view.level == "op" and not view.near and len(folding.folds) == len(view.open & folding.folds.keys()):
        return whole(graph)
    items: list[_Item] = []
    _walk(folding.root, "", view, folding.ops, items)
    _connect(graph, folding, items)
    kept = _near(items, view) or None if view.near else None
    return _Small(graph, folding, items, kept).shown()


def _walk(fold: Fold, path: str, view: View, ops: Sequence[int], items: list[_Item]) -> None:
    """The items of an open fold, in their order; `path`: of the open module around them."""
    bar = PLAIN
    for part in fold.parts:
        if not isinstance(part, Fold):
            items.append(_Item(part, op_key(ops[part]), bar=bar))
            bar = PLAIN
            continue
        name = part.title.removeprefix(f"{path}.") if path else part.title
        if part.key in view.open:
            header = _Item(part, part.key, name, HEADER)
            items.append(header)
            _walk(part, part.path if part.kind == "module" else path, view, ops, items)
            header.end = len(items)
            bar = AFTER
        else:
            items.append(_Item(part, part.key, name, bar))
            bar = PLAIN


def _connect(graph: Graph, folding: Folding, items: list[_Item]) -> None:
    """Find the edges between items."""
    owner = [0] * len(folding.ops)
    for number, item in enumerate(items):
        if isinstance(item.what, Fold):
            if item.bar != HEADER:
                owner[item.what.first : item.what.last] = [number] * item.what.size
        else:
            owner[item.what] = number
    place = folding.place
    for source, target in graph.edges:
        at = place[source]
        end = owner[place[target]]
        start = owner[at] if at >= 0 else -1 - source
        if start != end:
            items[end].sources.setdefault(start, source)
            if start >= 0:
                items[start].flows[source] = None


def _near(items: list[_Item], view: View) -> set[int]:
    """The items at most `hops` edges from the chosen box, of a leaf from those that use it; none if it is not there."""
    kind, _, number = view.near.partition("@")[0].partition(":")
    leaf = -1 - int(number) if kind == "leaf" else None
    reached = {
        at for at, item in enumerate(items) if item.key == view.near or (leaf is not None and leaf in item.sources)
    }
    for at in [at for at in reached if items[at].bar == HEADER]:
        reached |= set(range(at + 1, items[at].end))
    joined: list[list[int]] = [[] for _ in items]
    for at, item in enumerate(items):
        for source in item.sources:
            if source >= 0:
                joined[source].append(at)
                joined[at].append(source)
    edge = reached
    for _ in range(view.hops):
        edge = {other for at in edge for other in joined[at]} - reached
        reached = reached | edge
    return {at for at in reached if items[at].bar != HEADER}


class _Small:
    """Makes the smaller graph."""

    def __init__(self, graph: Graph, folding: Folding, items: list[_Item], kept: set[int] | None) -> None:
        self._graph, self._folding, self._items, self._kept = graph, folding, items, kept
        self._nodes: list[GraphNode] = []
        self._edges: list[tuple[int, int]] = []
        self._origin: list[int] = []
        self._keys: list[str] = []
        self._leaf_at: dict[int, int] = {}
        self._at: dict[int, int] = {}
        self._inside: dict[int, Inside] = {}
        self._flows: dict[int, tuple[TensorView, ...]] = {}
        self._bars: dict[int, int] = {}

    def shown(self) -> Shown:
        for number, item in enumerate(self._items):
            if self._kept is None or number in self._kept:
                self._item(number, item)
        root = self._folding.place[self._graph.root] if self._graph.root >= 0 else -1
        boxes = sum(item.bar != HEADER for item in self._items)
        small = Graph(tuple(self._nodes), tuple(self._edges), self._holding(root), self._graph.omitted)
        return Shown(
            small, tuple(self._origin), tuple(self._keys), self._inside, self._headers(), self._flows, self._bars, boxes
        )

    def _holding(self, place: int) -> int:
        """The node that stands for an operation; -1 if none does."""
        for number, node in self._at.items():
            what = self._items[number].what
            if self._items[number].bar == HEADER:
                continue
            if place == what or (isinstance(what, Fold) and what.first <= place < what.last):
                return node
        return -1

    def _headers(self) -> dict[int, int]:
        found = {}
        for number, item in enumerate(self._items):
            if item.bar == HEADER and number in self._at:
                found[self._at[number]] = self._at[item.end - 1]
        return found

    def _add(self, node: GraphNode, origin: int, key: str) -> int:
        number = len(self._nodes)
        self._nodes.append(replace(node, id=number))
        self._origin.append(origin)
        self._keys.append(key)
        return number

    def _item(self, number: int, item: _Item) -> None:
        """One item, with the leaves and inputs beside it."""
        hidden = self._hidden(item, item.what) if isinstance(item.what, Fold) else frozenset()
        for source in item.sources:
            node = -1 - source
            if source < 0 and node not in self._leaf_at and node not in hidden:
                self._leaf_at[node] = self._add(self._graph.nodes[node], node, f"leaf:{node}")
        here = self._at[number] = self._add(self._box(item), self._result(item), item.key)
        if item.bar and self._kept is None:
            self._bars[here] = item.bar
        if item.bar == HEADER:
            return
        if isinstance(item.what, Fold):
            ops = self._folding.ops[item.what.first : item.what.last]
            leaves = [-1 - s for s in item.sources if s < 0 and self._graph.nodes[-1 - s].kind == "leaf"]
            own = f"{item.what.path}."
            among = [self._graph.nodes[node] for node in hidden]
            inputs = sum(node.kind == "input" and not node.name.startswith(own) for node in among)
            self._inside[here] = Inside(item.what, ops, tuple(leaves), inputs)
        self._flows[here] = tuple(view for node in item.flows if (view := self._graph.nodes[node].view) is not None)
        for source in item.sources:
            if source >= 0 and source in self._at:
                self._edges.append((self._at[source], here))
            elif source < 0 and -1 - source not in hidden:
                self._edges.append((self._leaf_at[-1 - source], here))

    def _hidden(self, item: _Item, fold: Fold) -> frozenset[int]:
        """Leaves that a closed fold uses, and inputs that are its own, have no name, or are too many."""
        nodes = [-1 - source for source in item.sources if source < 0]
        own = fold.path + "."
        names = {node: self._graph.nodes[node].name for node in nodes if self._graph.nodes[node].kind == "input"}
        named = [node for node, name in names.items() if name not in NAMELESS and not name.startswith(own)]
        return frozenset(nodes) - frozenset(named if len(named) <= FEW_INPUTS else ())

    def _result(self, item: _Item) -> int:
        """The operation whose result an item hands on: the last that leaves it, else its last."""
        if not isinstance(item.what, Fold):
            return self._folding.ops[item.what]
        return max(item.flows, default=self._folding.ops[item.what.last - 1])

    def _box(self, item: _Item) -> GraphNode:
        result = self._graph.nodes[self._result(item)]
        if not isinstance(item.what, Fold):
            return result
        return replace(result, name=item.name, op=item.what.text)
