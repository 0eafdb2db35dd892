"""Which part of a graph is drawn: all of a small one, the part nearest the root of a huge one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from heapq import heappop, heappush

from gradstep.model.graph import Graph

LIMIT = 200
"""How many boxes are laid out at most."""
SMALL_GRAPH = 8
"""Up to this many operations a leaf that is used a few times is one box; beyond, it stands beside each of its uses."""
FEW_USES = 3
"""What `a few times` is."""


@dataclass(frozen=True, slots=True)
class Part:
    """The boxes to draw and the edges between them."""

    boxes: tuple[tuple[int, ...], ...]
    """The nodes each box shows: one, or the parameters of one operation, or none for all that was left out."""
    edges: tuple[tuple[int, int], ...]
    """Pairs of positions in `boxes`, a box before what it feeds; two for `x * x`."""
    hidden: int = 0
    """How many operations were left out."""


def cut(graph: Graph, limit: int = LIMIT) -> Part:
    """The part of `graph` to draw, in time proportional to its size.

    Of a graph with more boxes than `limit`: the last operations that lead to the root, with their parameters.
    Everything that uses a kept node and leads to the root is then kept too, so the cut is one clean line.
    """
    if not graph.nodes:
        return Part((), ())
    feeds: list[list[int]] = [[] for _ in graph.nodes]
    for source, target in graph.edges:
        feeds[target].append(source)
    ops = [node.kind == "op" for node in graph.nodes]
    apart = _shared_leaves(graph, ops)
    groups = _groups(graph, feeds, ops, apart)
    kept = _whole(graph, feeds, ops, apart, limit) or _nearest(graph, feeds, ops, limit)
    return _assemble(feeds, ops, apart, groups, kept)


def _shared_leaves(graph: Graph, ops: list[bool]) -> set[int]:
    """Leaves and inputs that get a box beside each of their uses."""
    uses = Counter(source for source, _ in set(graph.edges) if not ops[source])
    most = FEW_USES if sum(ops) <= SMALL_GRAPH else 1
    return {source for source, count in uses.items() if count > most}


def _groups(graph: Graph, feeds: list[list[int]], ops: list[bool], apart: set[int]) -> dict[int, tuple[int, ...]]:
    """By operation the parameters of one module that stand in one box beside it: `fc1.weight` and `fc1.bias`.

    In a small graph only if they do not all show their values.
    """
    small = sum(ops) <= SMALL_GRAPH
    uses = Counter(source for source, _ in graph.edges if not ops[source])
    groups = {}
    for node, sources in enumerate(feeds):
        own = [s for s in dict.fromkeys(sources) if graph.nodes[s].kind == "leaf" and (s in apart or uses[s] == 1)]
        modules = {graph.nodes[source].name.rpartition(".")[0] for source in own}
        views = [graph.nodes[source].view for source in own]
        if small and all(view is not None and view.value is not None for view in views):
            continue
        if len(own) > 1 and len(modules) == 1 and "" not in modules:
            groups[node] = tuple(own)
    return groups


def _whole(graph: Graph, feeds: list[list[int]], ops: list[bool], apart: set[int], limit: int) -> list[int]:
    """Every node, if that makes few enough boxes; else nothing."""
    boxes = len(graph.nodes) - len(apart)
    if boxes > limit:
        return []
    boxes += sum(len({source for source in feeds[node] if source in apart}) for node in range(len(graph.nodes)))
    return list(range(len(graph.nodes))) if boxes <= limit else []


def _nearest(graph: Graph, feeds: list[list[int]], ops: list[bool], limit: int) -> list[int]:
    """The last nodes that lead to the root (to the last node, if there is none), within `limit` boxes."""
    start = graph.root if graph.root >= 0 else len(graph.nodes) - 1
    heap, seen, kept, boxes = [-start], {start}, set[int](), 1
    while heap:
        node = -heappop(heap)
        leaves = {source for source in feeds[node] if not ops[source]}
        boxes += 1 + len(leaves)
        if boxes > limit and kept:
            break
        kept |= {node, *leaves}
        for source in feeds[node]:
            if ops[source] and source not in seen:
                seen.add(source)
                heappush(heap, -source)
    return sorted(kept)


def _assemble(
    feeds: list[list[int]], ops: list[bool], apart: set[int], groups: dict[int, tuple[int, ...]], kept: list[int]
) -> Part:
    """Boxes and edges for the nodes in `kept`, with copies, groups and the box for the rest."""
    boxes: list[tuple[int, ...]] = []
    edges: list[tuple[int, int]] = []
    place: dict[int, int] = {}
    inside = set(kept)
    grouped = {source for node in kept for source in groups.get(node, ())}
    if any(source not in inside for node in kept for source in feeds[node]):
        boxes.append(())
    for node in kept:
        if node in apart or node in grouped:
            continue
        own: dict[int, int] = {}
        for source in feeds[node]:
            if source in own or source not in inside or (source not in apart and source not in grouped):
                continue
            members = groups[node] if source in groups.get(node, ()) else (source,)
            own |= dict.fromkeys(members, len(boxes))
            boxes.append(members)
        here = place[node] = len(boxes)
        boxes.append((node,))
        merged: set[int] = set()
        for source in feeds[node]:
            start = own[source] if source in own else place[source] if source in inside else 0
            if start not in merged:
                edges.append((start, here))
            if source not in inside or source in groups.get(node, ()):
                merged.add(start)
    hidden = sum(op and node not in inside for node, op in enumerate(ops))
    return Part(tuple(boxes), tuple(edges), hidden)
