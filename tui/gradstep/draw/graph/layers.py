"""Layered layout, first half: which row each box stands in, and the order within the rows.

A box feeds boxes in lower rows. Edges that share a source, or the target where very many meet, are drawn as one tree
(a net). Where a net passes a row it takes a column of its own (a lane), ordered among the boxes as if it were one.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass, field

from gradstep.draw.graph.rows import HEADER, Edge, depths, depths_in_order

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


@dataclass(frozen=True, slots=True)
class Guide:
    """How a graph of which parts are closed is arranged, so that it looks the same when one of them is opened."""

    bars: tuple[int, ...]
    """For every box how it stands to those before it: `PLAIN`, `AFTER`, `HEADER` or `LEAF`."""
    ranks: tuple[int, ...] = ()
    """For every box its place from left to right among those of its row; -1 where any will do."""


@dataclass(slots=True)
class Layers:
    """Items (boxes first, then lanes) in rows from top to bottom, and the hops below each row."""

    boxes: int
    """How many of the items are boxes."""
    rows: list[list[int]]
    hops: list[list[Hop]]
    spine: frozenset[Edge] = frozenset()
    """Edges that are on the longest way to their target from the inputs, and from their source to the loss."""


def layer(count: int, edges: Sequence[Edge], guide: Guide | None = None) -> Layers:
    """Rows and order for `count` boxes; edges go from lower to higher numbers."""
    depth, spine = depths(count, edges) if guide is None else depths_in_order(count, edges, guide.bars)
    layers = _thread(count, edges, depth)
    layers.spine = spine
    above, below = neighbours(layers)
    _first_order(layers, above)
    pins = _Pins(guide) if guide is not None else None
    if pins is not None:
        for row in layers.rows:
            pins.keep(row)
    _improve(layers, above, below, pins)
    return layers


class _Pins:
    """What of the order within a row is given."""

    def __init__(self, guide: Guide) -> None:
        self._ranks = {box: rank for box, rank in enumerate(guide.ranks) if rank >= 0}
        self._headers = {box for box, bar in enumerate(guide.bars) if bar == HEADER}

    def keep(self, row: list[int]) -> None:
        """Put the boxes that have ranks in their order, in the places that they have together; headers first."""
        places = [at for at, item in enumerate(row) if item in self._ranks]
        for at, item in zip(places, sorted((row[at] for at in places), key=self._ranks.__getitem__), strict=True):
            row[at] = item
        if not self._headers.isdisjoint(row):
            row.sort(key=lambda item: item not in self._headers)


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


def _improve(layers: Layers, above: list[list[int]], below: list[list[int]], pins: _Pins | None) -> None:
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
            if pins is not None:
                pins.keep(layers.rows[index])
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
