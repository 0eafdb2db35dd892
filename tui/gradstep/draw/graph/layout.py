"""Places boxes and lines in whole cells: the one function behind which the layout can be swapped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from gradstep.draw.graph.layers import Guide, Hop, Layers, layer
from gradstep.draw.graph.place import place, spread
from gradstep.draw.graph.route import RoutedEdge, route
from gradstep.draw.graph.rows import HEADER, Edge

Size = tuple[int, int]

NARROW = 20
"""Cells that a header is sure to get."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of cells, borders included."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class LayerBand:
    """Some rows of the drawing, top to bottom: either a row of boxes or the channel below it."""

    y: int
    height: int
    boxes: tuple[int, ...]
    lines: tuple[RoutedEdge, ...]
    """In the drawing's coordinates; never on a box."""
    arrows: frozenset[int] = frozenset()
    """Columns in which the last row has the head of an arrow, above the top border of a box."""
    notes: tuple[tuple[int, str], ...] = ()
    """Columns and texts of the first row, beside the lines in it."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything is."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    ports: tuple[tuple[int, ...], ...]
    """For every box the columns in which lines leave its lower border."""
    bands: tuple[LayerBand, ...]


@lru_cache(maxsize=32)
def arrange(
    sizes: tuple[Size, ...], edges: tuple[Edge, ...], guide: Guide | None = None, notes: tuple[str, ...] = ()
) -> Layout:
    """Lay out boxes of these sizes (at least 3 × 2 cells); edges go from lower to higher numbers.

    The same structure has the same order whatever the sizes; boxes grow where they need room for ports.
    `notes`: for every box what stands beside the line that leaves it.
    """
    layers = _layers(len(sizes), edges, guide)
    headers = [box for box, bar in enumerate(guide.bars if guide is not None else ()) if bar == HEADER]
    wanted = {box: sizes[box][0] for box in headers}
    sizes = tuple(
        (min(width, NARROW), height) if box in wanted else (width, height) for box, (width, height) in enumerate(sizes)
    )
    widths = _wide_enough(layers, sizes)
    left = place(layers, widths)
    if headers:
        left = _headers_left(layers, widths, left, set(headers))
    outs, ins = _ports(layers, widths, left)
    real = [(width, height) for width, (_, height) in zip(widths, sizes, strict=True)]
    return _widened(_stack(layers, real, left, outs, ins, notes), wanted)


@lru_cache(maxsize=32)
def _layers(count: int, edges: tuple[Edge, ...], guide: Guide | None) -> Layers:
    return layer(count, edges, guide)


def moved(layout: Layout, by: int) -> Layout:
    """The same, so many columns to the right."""
    boxes = tuple(replace(box, x=box.x + by) for box in layout.boxes)
    ports = tuple(tuple(column + by for column in columns) for columns in layout.ports)
    bands = tuple(
        replace(
            band,
            lines=tuple(replace(line, x0=line.x0 + by, x1=line.x1 + by) for line in band.lines),
            arrows=frozenset(column + by for column in band.arrows),
            notes=tuple((column + by, text) for column, text in band.notes),
        )
        for band in layout.bands
    )
    return Layout(layout.width + by, layout.height, boxes, ports, bands)


def _headers_left(layers: Layers, widths: Sequence[int], left: list[int], headers: set[int]) -> list[int]:
    """Headers at the left edge, all else as far to the left as that allows."""
    shifts = [left[item] - widths[row[0]] - 1 for row in layers.rows for item in row[1:2] if row[0] in headers]
    shifts += [column for item, column in enumerate(left) if item not in headers]
    shift = min(shifts, default=0)
    return [0 if item in headers else column - shift for item, column in enumerate(left)]


def _widened(layout: Layout, wanted: Mapping[int, int]) -> Layout:
    """Headers as wide as they want to be, as far as there is room in their rows."""
    boxes = list(layout.boxes)
    rows = {band.y: band for band in layout.bands}
    for box, width in wanted.items():
        here = boxes[box]
        end = min((line.x0 for line in rows[here.y].lines), default=here.x + width + 1)
        boxes[box] = replace(here, width=max(here.width, min(width, end - 1 - here.x)))
    right = max((box.x + box.width for box in boxes), default=0)
    return replace(layout, boxes=tuple(boxes), width=max(layout.width, right))


def _wide_enough(layers: Layers, sizes: Sequence[Size]) -> list[int]:
    outs, ins = [0] * len(sizes), [0] * len(sizes)
    for hops in layers.hops:
        for hop in hops:
            for item in hop.tops:
                if item < layers.boxes:
                    outs[item] += 1
            for item in hop.bottoms:
                if item < layers.boxes:
                    ins[item] += 1
    return [max(width, 2 * max(out, in_) + 1) for (width, _), out, in_ in zip(sizes, outs, ins, strict=True)]


Ends = dict[int, dict[int, list[int]]]
"""By item and net the columns of the ends there; more than one only for parallel edges."""


def _ports(layers: Layers, widths: Sequence[int], left: list[int]) -> tuple[Ends, Ends]:
    """Columns in which nets leave items below, and in which they enter items from above."""
    outs: Ends = {item: {} for row in layers.rows for item in row}
    ins: Ends = {item: {} for row in layers.rows for item in row}

    def centre(item: int) -> int:
        return left[item] + (widths[item] - 1) // 2 if item < layers.boxes else left[item]

    def assign(ends: Ends, item: int, wishes: list[tuple[int, int]]) -> None:
        wishes.sort()
        low, high = left[item], left[item]
        if item < layers.boxes:
            low, high = low + 1, low + widths[item] - 2
        for (_, net), column in zip(wishes, spread([wish for wish, _ in wishes], low, high), strict=True):
            ends[item].setdefault(net, []).append(column)

    for hops in layers.hops:
        leaving: dict[int, list[tuple[int, int]]] = {}
        entering: dict[int, list[tuple[int, int]]] = {}
        for hop in hops:
            for item in hop.tops:
                aims = [centre(bottom) for bottom in hop.bottoms]
                leaving.setdefault(item, []).append((sum(aims) // len(aims), hop.net))
        for item, wishes in leaving.items():
            middle = centre(item)
            assign(outs, item, wishes if len(wishes) > 1 else [(middle, wishes[0][1])])
        for hop in hops:
            for item in hop.bottoms:
                froms = [outs[top][hop.net][0] for top in hop.tops]
                entering.setdefault(item, []).append((sum(froms) // len(froms), hop.net))
        for item, wishes in entering.items():
            assign(ins, item, wishes)
        _straighten(layers, hops, widths, left, outs, ins)
    return outs, ins


def _straighten(layers: Layers, hops: list[Hop], widths: Sequence[int], left: list[int], outs: Ends, ins: Ends) -> None:
    """Move the only port of a box along its lower border to where it is right above its target."""
    for hop in hops:
        if len(hop.tops) == len(hop.bottoms) == 1 and hop.tops[0] < layers.boxes:
            top = hop.tops[0]
            (aim,) = ins[hop.bottoms[0]][hop.net]
            if len(outs[top]) == 1 and left[top] < aim < left[top] + widths[top] - 1:
                outs[top][hop.net] = [aim]


def _stack(
    layers: Layers, sizes: Sequence[Size], left: list[int], outs: Ends, ins: Ends, notes: Sequence[str]
) -> Layout:
    """Stack rows and channels from top to bottom."""
    boxes: list[Box] = [Box(0, 0, 0, 0)] * layers.boxes
    bands: list[LayerBand] = []
    y = 0
    for row, hops in zip(layers.rows, layers.hops, strict=True):
        tall = max((sizes[item][1] for item in row if item < layers.boxes), default=0)
        stubs = []
        for item in row:
            if item >= layers.boxes:
                stubs += [
                    RoutedEdge(net, left[item], y, left[item], y + tall - 1, True, True) for net in outs[item] if tall
                ]
                continue
            width, height = sizes[item]
            top = y if ins[item] else y + tall - height
            boxes[item] = Box(left[item], top, width, height)
            if top + height < y + tall:
                columns = [(net, column) for net, ends in outs[item].items() for column in ends]
                stubs += [
                    RoutedEdge(net, column, top + height, column, y + tall - 1, True, True) for net, column in columns
                ]
        bands.append(LayerBand(y, tall, tuple(item for item in row if item < layers.boxes), tuple(stubs)))
        y += tall
        if hops:
            written = _written(layers, row, left, sizes, outs, notes) if notes else []
            if written:
                down = [
                    RoutedEdge(net, c, y, c, y, True, True)
                    for item in row
                    for net, ends in outs[item].items()
                    for c in ends
                ]
                bands.append(LayerBand(y, 1, (), tuple(down), notes=tuple(written)))
                y += 1
            channel = _channel(layers, hops, outs, ins, y)
            bands.append(channel)
            y += channel.height
    right = [line.x1 + 1 for band in bands for line in band.lines]
    right += [column + len(text) for band in bands for column, text in band.notes]
    right += [box.x + box.width for box in boxes]
    ports = tuple(tuple(sorted(c for ends in outs[box].values() for c in ends)) for box in range(layers.boxes))
    return Layout(max(right, default=0), y, tuple(boxes), ports, tuple(bands))


def _written(
    layers: Layers, row: list[int], left: list[int], sizes: Sequence[Size], outs: Ends, notes: Sequence[str]
) -> list[tuple[int, str]]:
    """Columns and texts of what stands below a row: right of the line of a box, or left of it if there is room."""
    taken = sorted(column for item in row for ends in outs[item].values() for column in ends)
    found: list[tuple[int, str]] = []
    free = 0
    for item in sorted(
        (item for item in row if item < layers.boxes and notes[item] and outs[item]), key=left.__getitem__
    ):
        text = notes[item]
        column = max(column for ends in outs[item].values() for column in ends)
        following = next((other for other in taken if other > column), column + len(text) + 2)
        before = max([free, *(other + 1 for other in taken if other < column)])
        if column + 1 + len(text) <= following:
            found.append((column + 1, text))
        elif before + len(text) <= column:
            found.append((column - len(text), text))
        free = found[-1][0] + len(found[-1][1]) if found else free
    return found


def _channel(layers: Layers, hops: list[Hop], outs: Ends, ins: Ends, y: int) -> LayerBand:
    """The lines of one channel; its last row holds the heads of the arrows."""
    nets = []
    arrows: set[int] = set()
    for hop in hops:
        tops = [column for item in hop.tops for column in outs[item][hop.net]]
        bottoms = sorted({column for item in hop.bottoms for column in ins[item][hop.net]})
        arrows.update(c for item in hop.bottoms if item < layers.boxes for c in ins[item][hop.net])
        nets.append((hop.net, tops, bottoms))
    height, lines = route(nets)
    moved = [replace(line, y0=line.y0 + y, y1=line.y1 + y) for line in lines]
    last = y + height
    moved += [
        RoutedEdge(net, c, last, c, last, True, True) for net, _, bottoms in nets for c in bottoms if c not in arrows
    ]
    return LayerBand(y, height + 1, (), tuple(moved), frozenset(arrows))
