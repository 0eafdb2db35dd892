"""Layered layout, second half: the column of every box, lane and port, in whole cells."""

from __future__ import annotations

from collections.abc import Sequence

from gradstep.draw.graph.layers import Layers, neighbours

SWEEPS = 5
"""How often rows are moved under the rows above and over those below; odd: the last looks up."""
LANE, SPINE, BEND, LEAF = 8.0, 4.0, 2.0, 1.0
"""How much a straight line is worth: through a lane, along the spine, to other operations, from a leaf."""
STAY = 0.01
"""And not to move without a reason."""
FIXED = 1000.0
"""And not to move at all, while leaves move up to their uses."""

Wishes = list[tuple[int, float]]
"""Columns, each with its weight."""


def place(layers: Layers, widths: Sequence[int]) -> list[int]:
    """Left column of every item, none below 0; items of a row keep their order and a gap."""
    above, below = neighbours(layers)
    wide = [*widths, *[1] * (len(above) - len(widths))]
    left = [0] * len(wide)

    def wish(item: int, joined: list[int]) -> Wishes:
        half = (wide[item] - 1) // 2
        return [(left[other] + (wide[other] - 1) // 2 - half, _weight(layers, item, other, above)) for other in joined]

    for row in layers.rows:
        _settle(layers, row, wide, left, [[] for _ in row])
    for sweep in range(SWEEPS):
        joined = below if sweep % 2 else above
        for row in reversed(layers.rows) if sweep % 2 else layers.rows:
            _settle(layers, row, wide, left, [wish(item, joined[item]) for item in row])
    for row in layers.rows:
        wishes = [[(left[item], FIXED)] if above[item] else wish(item, below[item]) for item in row]
        _settle(layers, row, wide, left, wishes)
    least = min(left, default=0)
    return [column - least for column in left]


def _weight(layers: Layers, item: int, other: int, above: list[list[int]]) -> float:
    """What it is worth that the two stand above each other."""
    if item >= layers.boxes and other >= layers.boxes:
        return LANE
    if not above[item] or not above[other]:
        return LEAF
    return SPINE if (item, other) in layers.spine or (other, item) in layers.spine else BEND


def _gap(layers: Layers, first: int, second: int) -> int:
    """Empty cells between two neighbours of a row."""
    return 2 if first < layers.boxes and second < layers.boxes else 1


def _settle(
    layers: Layers,
    row: list[int],
    wide: list[int],
    left: list[int],
    wishes: Sequence[Wishes],
) -> None:
    """Move one row to the columns of least total distance from what is wished for (isotonic median regression)."""
    offset = 0
    blocks: list[tuple[Wishes, int, int]] = []
    offsets = []
    for number, item in enumerate(row):
        if number:
            offset += wide[row[number - 1]] + _gap(layers, row[number - 1], item)
        offsets.append(offset)
        points = sorted((column - offset, weight) for column, weight in wishes[number] or [(left[item], STAY)])
        median, size = _median(points), 1
        while blocks and blocks[-1][1] > median:
            earlier, _, count = blocks.pop()
            points = sorted(earlier + points)
            median, size = _median(points), size + count
        blocks.append((points, median, size))
    medians = [median for _, median, size in blocks for _ in range(size)]
    for item, median, shift in zip(row, medians, offsets, strict=True):
        left[item] = median + shift


def _median(points: Wishes) -> int:
    """Weighted median of sorted points; of two candidates the mean."""
    half = sum(weight for _, weight in points) / 2
    total = 0.0
    for number, (column, weight) in enumerate(points):
        total += weight
        if total > half + 1e-9:
            return column
        if abs(total - half) <= 1e-9 and number + 1 < len(points):
            return (column + points[number + 1][0]) // 2
    return points[-1][0]


def spread(wishes: Sequence[int], low: int, high: int) -> list[int]:
    """Different columns between `low` and `high`, in order and near the wishes, with a gap where there is room."""
    count = len(wishes)
    step = 2 if high - low >= 2 * (count - 1) else 1
    blocks: list[tuple[int, int]] = []
    for number, wish in enumerate(wishes):
        total, size = wish - number * step, 1
        while blocks and blocks[-1][0] * size > total * blocks[-1][1]:
            earlier, count_before = blocks.pop()
            total, size = total + earlier, size + count_before
        blocks.append((total, size))
    starts = [total // size for total, size in blocks for _ in range(size)]
    last = high - step * (count - 1)
    return [max(low, min(start, last)) + number * step for number, start in enumerate(starts)]
