"""Routes nets through the channel between two rows of boxes, in cells: a vertical, one horizontal, verticals again.

Correct by construction: two nets never share a cell except where one crosses the other at a right angle, and no net
has a place with four arms, so `┼` always is a crossing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

MANY = 80
"""Beyond this many bent nets the order of tracks is no longer tuned for few crossings."""


@dataclass(frozen=True, slots=True)
class RoutedEdge:
    """A straight piece of a net, both ends included. Vertical if `x0 == x1`."""

    net: int
    x0: int
    y0: int
    x1: int
    y1: int
    up: bool = False
    """A vertical piece goes on above its upper end."""
    down: bool = False
    """And below its lower end."""


@dataclass(slots=True, eq=False)
class Wire:
    """What takes one track: the columns in which it comes from above and leaves below."""

    net: int
    tops: list[int]
    bottoms: list[int]
    under: Wire | None = None
    """The wire from which it comes, for the second half of a detour, and the column that joins them."""
    joint: int = -1
    low: int = field(init=False)
    high: int = field(init=False)

    def __post_init__(self) -> None:
        columns = [*self.tops, *self.bottoms, *([self.joint] if self.joint >= 0 else [])]
        self.low, self.high = min(columns), max(columns)


def route(nets: Iterable[tuple[int, list[int], list[int]]]) -> tuple[int, list[RoutedEdge]]:
    """Number of tracks and all lines for nets given as (net, columns above, columns below).

    Rows count from 0, the first track; lines begin and end there or at the last track.
    """
    wires: list[Wire] = []
    straight: list[tuple[int, int]] = []
    taken: set[int] = set()
    for net, tops, bottoms in nets:
        taken.update(tops, bottoms)
        if tops == bottoms and len(tops) == 1:
            straight.append((net, tops[0]))
        else:
            wires += _without_four_arms(Wire(net, tops, bottoms))
    wires = _without_cycles(wires, taken)
    tracks = _tracks(wires)
    height = max(tracks, default=-1) + 1
    lines = [RoutedEdge(net, column, 0, column, height - 1, True, True) for net, column in straight if height]
    for wire, track in zip(wires, tracks, strict=True):
        if wire.under is not None:
            over = tracks[next(n for n, other in enumerate(wires) if other is wire.under)]
            lines.append(RoutedEdge(wire.net, wire.joint, over, wire.joint, track))
        lines += [RoutedEdge(wire.net, column, 0, column, track, up=True) for column in wire.tops]
        lines += [RoutedEdge(wire.net, column, track, column, height - 1, down=True) for column in wire.bottoms]
        lines.append(RoutedEdge(wire.net, wire.low, track, wire.high, track))
    return height, lines


def _without_four_arms(wire: Wire) -> list[Wire]:
    """Where a net goes straight on and also to both sides, a track for each side."""
    for column in set(wire.tops) & set(wire.bottoms):
        if wire.low < column < wire.high:
            left = [[c for c in ends if c <= column] for ends in (wire.tops, wire.bottoms)]
            right = [[c for c in ends if c >= column] for ends in (wire.tops, wire.bottoms)]
            parts = Wire(wire.net, left[0], left[1]), Wire(wire.net, right[0], right[1])
            return [piece for part in parts for piece in _without_four_arms(part)]
    return [wire]


def _below(wires: list[Wire]) -> list[set[int]]:
    """For every wire those that must run below it: they leave below in a column in which it comes from above."""
    leaving: dict[int, list[int]] = {}
    for number, wire in enumerate(wires):
        for column in wire.bottoms:
            leaving.setdefault(column, []).append(number)
    below = [
        {other for column in wire.tops for other in leaving.get(column, ()) if wires[other].net != wire.net}
        for wire in wires
    ]
    for number, wire in enumerate(wires):
        if wire.under is not None:
            below[next(n for n, other in enumerate(wires) if other is wire.under)].add(number)
    return below


def _without_cycles(wires: list[Wire], taken: set[int]) -> list[Wire]:
    """Where nets must run below each other in a circle, one of them takes a detour through a free column."""
    while True:
        below = _below(wires)
        waiting = [0] * len(wires)
        for others in below:
            for other in others:
                waiting[other] += 1
        ready = [number for number, count in enumerate(waiting) if not count]
        left = set(range(len(wires)))
        while ready:
            number = ready.pop()
            left.discard(number)
            for other in below[number]:
                waiting[other] -= 1
                if not waiting[other]:
                    ready.append(other)
        stuck = _in_a_circle(left, below)
        if stuck < 0:
            return wires
        wire = wires[stuck]
        free = _free_column((wire.low + wire.high) // 2, taken)
        both = [column for column in wire.tops if column in wire.bottoms]
        first = Wire(wire.net, wire.tops, both, joint=free)
        second = Wire(wire.net, [], [c for c in wire.bottoms if c not in both], under=first, joint=free)
        wires[stuck : stuck + 1] = [first, second]


def _in_a_circle(left: set[int], below: list[set[int]]) -> int:
    """One wire of a circle among those that are left; -1 if none are."""
    if not left:
        return -1
    over = {other: number for number in sorted(left, reverse=True) for other in below[number] if other in left}
    number, seen = min(left), set[int]()
    while number not in seen:
        seen.add(number)
        number = over[number]
    return number


def _free_column(near: int, taken: set[int]) -> int:
    """The nearest column in which nothing begins or ends; it is taken from now on."""
    distance = 0
    while True:
        for column in (near + distance, near - distance):
            if column >= 0 and column not in taken:
                taken.add(column)
                return column
        distance += 1


def _tracks(wires: list[Wire]) -> list[int]:
    """The track of every wire, from 0: wires that overlap get different ones, in an order with few crossings."""
    track = [0] * len(wires)
    done: list[int] = []
    for number in _order(wires):
        wire = wires[number]
        for other in done:
            if wires[other].low <= wire.high + 1 and wire.low <= wires[other].high + 1:
                track[number] = max(track[number], track[other] + 1)
        done.append(number)
    return track


def _order(wires: list[Wire]) -> list[int]:
    """From top to bottom: what must be above comes first, of the others the one that causes the fewest crossings."""
    below = _below(wires)
    waiting = [0] * len(wires)
    for others in below:
        for other in others:
            waiting[other] += 1
    cost = [0] * len(wires)
    gain: list[list[int]] = []
    if len(wires) <= MANY:
        gain = [[_crossings(upper, lower) - _crossings(lower, upper) for lower in wires] for upper in wires]
        cost = [sum(row) for row in gain]
    open_ = set(range(len(wires)))
    order = []
    while open_:
        number = min((n for n in open_ if not waiting[n]), key=lambda n: (cost[n], wires[n].low, n))
        open_.discard(number)
        order.append(number)
        for other in below[number]:
            waiting[other] -= 1
        if gain:
            for other in open_:
                cost[other] -= gain[other][number]
    return order


def _crossings(upper: Wire, lower: Wire) -> int:
    """How often the two cross if the one runs above the other."""
    return sum(upper.low < column < upper.high for column in lower.tops) + sum(
        lower.low < column < lower.high for column in upper.bottoms
    )
