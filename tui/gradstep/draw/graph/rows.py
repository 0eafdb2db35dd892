"""Layered layout: the row of every box."""

from __future__ import annotations

from collections.abc import Sequence

Edge = tuple[int, int]

PLAIN, AFTER, HEADER, LEAF = 0, 1, 2, 3
"""How a box stands to those before it: as its edges ask for; below them; in a row of its own, with its fold below.

A leaf or an input stands above the first that uses it.
"""
MOST_ABREAST = 4
"""Boxes in a row of a graph that is drawn in its order."""


def depths(count: int, edges: Sequence[Edge]) -> tuple[list[int], frozenset[Edge]]:
    """The row of every box, and the edges of the spine.

    Operations stand as high as they can, leaves and what hangs on nothing else as low as their uses let them.
    """
    inputs: list[set[int]] = [set() for _ in range(count)]
    outputs: list[set[int]] = [set() for _ in range(count)]
    for source, target in edges:
        inputs[target].add(source)
        outputs[source].add(target)
    depth, to_go = [0] * count, [0] * count
    loose = [False] * count
    for node in range(count):
        depth[node] = max((depth[source] + 1 for source in inputs[node]), default=0)
        loose[node] = all(loose[source] and len(outputs[source]) == 1 for source in inputs[node])
    for node in reversed(range(count)):
        to_go[node] = max((to_go[target] + 1 for target in outputs[node]), default=0)
    spine = frozenset((a, b) for a, b in edges if depth[a] + 1 == depth[b] and to_go[a] == to_go[b] + 1)
    for node in reversed(range(count)):
        held = sum(not (loose[source] and len(outputs[source]) == 1) for source in inputs[node])
        if outputs[node] and (loose[node] or len(outputs[node]) > held):
            depth[node] = min(depth[target] for target in outputs[node]) - 1
    return depth, spine


def depths_in_order(count: int, edges: Sequence[Edge], bars: Sequence[int]) -> tuple[list[int], frozenset[Edge]]:
    """The same for boxes that keep their order: none stands above one that comes before it, leaves excepted.

    Whatever is opened or closed, other boxes never change places then.
    """
    inputs: list[set[int]] = [set() for _ in range(count)]
    outputs: list[set[int]] = [set() for _ in range(count)]
    for source, target in edges:
        inputs[target].add(source)
        outputs[source].add(target)
    depth, to_go = [0] * count, [0] * count
    row, bar, abreast = 0, -1, 0
    for node in range(count):
        if bars[node] == LEAF:
            continue
        before = row
        if bars[node] == HEADER:
            row = bar = row + (abreast > 0)
        else:
            bar = row if bars[node] == AFTER else bar
            beside = any(bars[source] == LEAF for source in inputs[node])
            above = max((depth[source] + 1 for source in inputs[node] if bars[source] != LEAF), default=0)
            row = max(above, bar + 1 + beside, row + (abreast >= MOST_ABREAST))
        abreast = abreast + 1 if row == before else 1
        depth[node] = row
    for node in reversed(range(count)):
        if bars[node] == LEAF:
            depth[node] = min((depth[target] for target in outputs[node]), default=1) - 1
        to_go[node] = max((to_go[target] + 1 for target in outputs[node]), default=0)
    spine = frozenset((a, b) for a, b in edges if depth[a] + 1 == depth[b] and to_go[a] == to_go[b] + 1)
    return depth, spine
