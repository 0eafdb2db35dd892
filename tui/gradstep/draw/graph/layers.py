"""Layered layout, first half: which row each box stands in, and the order within the rows.

A box feeds boxes in lower rows. Edges that share a source, or the target where very many meet, are drawn as one tree
(a net). Where a net passes a row it takes a column of its own (a lane), ordered among the boxes as if it were one.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass, field

Edge = tuple[int, int]

FAN_IN = 4
"""More different inputs than this may meet in one tree at their target."""
SWEEPS = 8
"""How often the order is improved, down and up."""


@dataclass(slots=True)
class Hop:
    """One net between two rows: it comes from `tops` and goes to `bottoms`, and one of the two is a single item."""

    net: int
    tops: list[int] = field(default_factory=list)
    bottoms: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Layers:
    """Items (boxes first, then lanes) in rows from top to bottom, and the hops below each row."""

    boxes: int
    """How many of the items are boxes."""
    rows: list[list[int]]
    hops: list[list[Hop]]
    spine: frozenset[Edge] = frozenset()
    """Edges that are on the longest way to their target from the inputs, and from their source to the loss."""


def layer(count: int, edges: Sequence[Edge]) -> Layers:
    """Rows and order for `count` boxes; edges go from lower to higher numbers."""
    depth, spine = _depths(count, edges)
    layers = _thread(count, edges, depth)
    layers.spine = spine
    above, below = neighbours(layers)
    _first_order(layers, above)
    _improve(layers, above, below)
    return layers


def _depths(count: int, edges: Sequence[Edge]) -> tuple[list[int], frozenset[Edge]]:
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


def _thread(count: int, edges: Sequence[Edge], depth: list[int]) -> Layers:
    """Put the edges into nets, and give every net a lane in each row it passes."""
    rows: list[list[int]] = [[] for _ in range(max(depth, default=-1) + 1)]
    for node in range(count):
        rows[depth[node]].append(node)
    hops: list[list[Hop]] = [[] for _ in rows]
    items = count
    for net, (at_source, hub, others) in enumerate(_nets(count, edges)):
        first = depth[hub] if at_source else min(depth[other] for other in others)
        last = max(depth[other] for other in others) if at_source else depth[hub]
        lane = -1
        for row in range(first, last):
            hop = Hop(net)
            if at_source:
                hop.tops = [hub if row == first else lane]
                hop.bottoms = [other for other in others if depth[other] == row + 1]
            else:
                hop.tops = [other for other in others if depth[other] == row]
                hop.tops += [lane] if row > first else []
                hop.bottoms = [hub] if row + 1 == last else []
            if row + 1 < last:
                lane, items = items, items + 1
                rows[row + 1].append(lane)
                hop.bottoms.append(lane)
            hops[row].append(hop)
    return Layers(count, rows, hops)


def _nets(count: int, edges: Sequence[Edge]) -> list[tuple[bool, int, list[int]]]:
    """Whether a net starts at one box (else it ends at one), that box, and those at the other ends."""
    fan_in, fan_out = [0] * count, [0] * count
    for source, target in set(edges):
        fan_out[source] += 1
        fan_in[target] += 1
    from_source: dict[int, list[int]] = {}
    to_target: dict[int, list[int]] = {}
    for source, target in edges:
        if fan_in[target] > FAN_IN and fan_in[target] > fan_out[source]:
            if source not in to_target.setdefault(target, []):
                to_target[target].append(source)
        else:
            from_source.setdefault(source, []).append(target)
    return [(True, *net) for net in from_source.items()] + [(False, *net) for net in to_target.items()]


def neighbours(layers: Layers) -> tuple[list[list[int]], list[list[int]]]:
    """For every item the items it is joined to in the row above, and in the row below."""
    count = sum(len(row) for row in layers.rows)
    above: list[list[int]] = [[] for _ in range(count)]
    below: list[list[int]] = [[] for _ in range(count)]
    for hops in layers.hops:
        for hop in hops:
            for top in hop.tops:
                for bottom in hop.bottoms:
                    above[bottom].append(top)
                    below[top].append(bottom)
    return above, below


def _first_order(layers: Layers, above: list[list[int]]) -> None:
    """Order by a walk from the bottom up, which draws trees without a crossing."""
    rank: dict[int, int] = {}
    for row in reversed(layers.rows):
        for start in row:
            stack = [start]
            while stack:
                item = stack.pop()
                if item in rank:
                    continue
                rank[item] = len(rank)
                stack.extend(reversed(_spine_in_the_middle(above[item], above)))
    for row in layers.rows:
        row.sort(key=rank.__getitem__)


def _spine_in_the_middle(inputs: list[int], above: list[list[int]]) -> list[int]:
    """Inputs in their order, but with leaves half to the left and half to the right of the operations."""
    spine = [item for item in inputs if above[item]]
    leaves = [item for item in inputs if not above[item]]
    if not spine:
        return inputs
    half = len(leaves) // 2
    return leaves[:half] + spine + leaves[half:]


def _improve(layers: Layers, above: list[list[int]], below: list[list[int]]) -> None:
    """Sort rows by the mean place of their neighbours, to and fro, and keep the order with the fewest crossings."""
    best, fewest = [list(row) for row in layers.rows], _crossings(layers)
    idle = 0
    for sweep in range(SWEEPS):
        if not fewest or idle > 2:
            break
        down = sweep % 2 == 0
        rows = range(1, len(layers.rows)) if down else range(len(layers.rows) - 2, -1, -1)
        for index in rows:
            _sort(layers.rows, index, index - 1 if down else index + 1, above if down else below)
        crossings = _crossings(layers)
        idle += 1
        if crossings < fewest:
            best, fewest, idle = [list(row) for row in layers.rows], crossings, 0
    layers.rows[:] = best


def _sort(rows: list[list[int]], index: int, fixed: int, joined: list[list[int]]) -> None:
    """Order one row by the mean place of the neighbours in the fixed row; what has none stays where it is."""
    place = {item: number for number, item in enumerate(rows[fixed])}
    row = rows[index]
    key = {item: sum(place[other] for other in joined[item]) / len(joined[item]) for item in row if joined[item]}
    moving = iter(sorted(key, key=key.__getitem__))
    rows[index] = [next(moving) if item in key else item for item in row]


def _crossings(layers: Layers) -> int:
    """How many pairs of edges cross, by counting inversions."""
    total = 0
    for row, (hops, lower) in enumerate(zip(layers.hops, layers.rows[1:], strict=False)):
        top = {item: number for number, item in enumerate(layers.rows[row])}
        bottom = {item: number for number, item in enumerate(lower)}
        pairs = sorted((top[a], bottom[b]) for hop in hops for a in hop.tops for b in hop.bottoms)
        ends: list[int] = []
        for _, end in pairs:
            total += len(ends) - bisect_right(ends, end)
            insort(ends, end)
    return total
