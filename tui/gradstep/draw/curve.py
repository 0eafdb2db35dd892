"""The loss against the iteration, in cells. The axis is never cut: it begins at zero, or is logarithmic."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content

from gradstep.draw.canvas import Canvas
from gradstep.draw.numbers import signed
from gradstep.draw.text import ERROR, MUTED, line
from gradstep.model.moment import Point

LINE = "$text-primary"
Spot = tuple[int, int]
"""Column and row: of a dot in the curve, of a cell in the marks."""
Curve = list[tuple[Point, Spot]]
Marks = dict[Spot, tuple[str, str]]


@dataclass(frozen=True)
class Scale:
    """The vertical axis: which value is at which height, and where its labels stand."""

    low: float
    high: float
    """In the units of the axis: values, or their log10."""
    ticks: tuple[tuple[float, str], ...]
    log: bool = False

    def share(self, value: float) -> float:
        """Height between 0 and 1 of a value."""
        if not math.isfinite(value):
            return 1.0
        return self.share_of(math.log10(value) if self.log else value)

    def share_of(self, position: float) -> float:
        """The same of a position in the units of the axis."""
        return (position - self.low) / (self.high - self.low)


def curve_lines(points: Sequence[Point], width: int, height: int, log: bool = False) -> list[Content]:
    """The plot with its axes, exactly `height` lines."""
    shown = [point for point in points if point.value > 0 or not math.isfinite(point.value)] if log else points
    rows = max(2, height - 2)
    few = thin(shown, 4 * width)
    finite = [point.value for _, point in few if math.isfinite(point.value)]
    scale = log_scale(finite, rows) if log and finite else linear_scale(finite, rows)
    labels = {_dot_row(rows, scale.share_of(tick)) // 4: text for tick, text in scale.ticks}
    margin = max(map(len, labels.values()), default=0)
    columns = max(4, width - margin - 2)
    canvas = Canvas(columns, rows)
    spots = [(_dot_column(at, len(shown), columns), _dot_row(rows, scale.share(point.value))) for at, point in few]
    curve = [(point, spot) for (_, point), spot in zip(few, spots, strict=True)]
    _trace(canvas, curve)
    marks = _marks(curve, len(shown), canvas)
    lines = []
    for row in range(rows):
        label = labels.get(row, "")
        axis = (f"{label:>{margin}}{'┤' if label else '│'}", MUTED)
        lines.append(line(axis, *_with_marks(canvas.row(row), row, marks)))
    lines.append(line((" " * margin + "└" + "─" * columns, MUTED)))
    lines.append(line((" " * (margin + 1) + _iterations(shown, columns), MUTED)))
    return lines


def thin(points: Sequence[Point], most: int) -> list[tuple[int, Point]]:
    """Points with their positions; of very many only what shows: lows, highs, rises, what is not finite, the ends."""
    count = len(points)
    if count <= 4 * most:
        return list(enumerate(points))
    kept = {0, count - 1}
    values = [point.value for point in points]
    for part in range(most):
        span = range(part * count // most, (part + 1) * count // most)
        finite = (
            span if math.isfinite(sum(values[span.start : span.stop])) else [at for at in span if _finite(points[at])]
        )
        if len(finite) < len(span):
            kept.add(next(at for at in span if not _finite(points[at])))
        if finite:
            kept |= {min(finite, key=values.__getitem__), max(finite, key=values.__getitem__)}
    rises = [at for at, point in enumerate(points) if point.rose]
    kept |= {*rises[:: len(rises) // most + 1], *rises[-1:]}
    return [(at, points[at]) for at in sorted(kept)]


def _finite(point: Point) -> bool:
    return math.isfinite(point.value)


def linear_scale(values: Sequence[float], rows: int = 9) -> Scale:
    """From zero, or from the smallest if there are negative values, to the largest; labels at least two rows apart."""
    low, high = min(0.0, *values, 0.0), max(0.0, *values, 0.0)
    if low == high:
        high = 1.0
    step = _round_step((high - low) / max(1, min(4, (rows - 1) // 2)))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    ticks = [number * step for number in range(first, last + 1)]
    if len(ticks) < 2:
        ticks = [low, high]
    return Scale(low, high, tuple((tick, _tick(tick, step)) for tick in ticks))


def log_scale(values: Sequence[float], rows: int = 9) -> Scale:
    """From the smallest to the largest, labels at powers of ten, or at 1, 2 and 5 times those in a narrow range."""
    low, high = math.log10(min(values)), math.log10(max(values))
    if high - low < 1e-3:
        middle = ((low + high) / 2, f"{values[-1]:.4g}")
        return Scale(low - 0.1, high + 0.1, (middle,), log=True)
    powers = range(math.floor(low), math.ceil(high) + 1)
    factors = (1.0, 2.0, 5.0) if high - low < 2 else (1.0,)
    every = math.ceil(len(powers) * 2 / rows) if len(factors) == 1 else 1
    positions = [(power + math.log10(factor), factor * 10.0**power) for power in powers[::every] for factor in factors]
    inside = [(at, f"{value:g}") for at, value in positions if low - 1e-9 <= at <= high + 1e-9]
    ends = [(low, f"{min(values):.4g}"), (high, f"{max(values):.4g}")]
    return Scale(low, high, tuple(inside if len(inside) > 1 else ends), log=True)


def _round_step(step: float) -> float:
    """1, 2, 2.5, 4, 5 or 8 times a power of ten, at least `step`."""
    unit = 10.0 ** math.floor(math.log10(step))
    return next(unit * factor for factor in (1.0, 2.0, 2.5, 4.0, 5.0, 8.0, 10.0) if unit * factor >= step * (1 - 1e-9))


def _tick(value: float, step: float) -> str:
    value = 0.0 if abs(value) < step * 1e-6 else value
    return f"{value:.6g}" if 1e-4 <= step < 1e6 or value == 0 else f"{value:.1e}"


def _dot_row(rows: int, share: float) -> int:
    """Row of dots at a height between 0 and 1; half a cell is left free above and below."""
    return 2 + round((4 * rows - 4) * (1 - share)) - (share < 0.5)


def _dot_column(position: int, count: int, columns: int) -> int:
    """Column of dots of a point; the first and the last stand in the first and the last cell."""
    return 1 + (round((2 * columns - 3) * position / (count - 1)) if count > 1 else 0)


def _trace(canvas: Canvas, curve: Curve) -> None:
    """Join the points; where many fall on a column of dots, draw the column from the lowest to the highest."""
    group: list[Spot] = []
    last: Spot | None = None
    for point, spot in curve:
        if not _finite(point):
            continue
        if group and spot[0] != group[0][0]:
            last = _column(canvas, group, last)
            group = []
        group.append(spot)
    if group:
        _column(canvas, group, last)


def _column(canvas: Canvas, group: Sequence[Spot], last: Spot | None) -> Spot:
    """Draw the dots of one column, joined to the column before it."""
    if last is not None:
        canvas.stroke(last, group[0])
    heights = [y for _, y in group]
    canvas.stroke((group[0][0], min(heights)), (group[0][0], max(heights)))
    return group[-1]


def _marks(curve: Curve, count: int, canvas: Canvas) -> Marks:
    """Cell -> sign and style: the points if they are few, what rose, what is not finite, the newest."""
    marks: Marks = {}
    few = count * 3 <= canvas.width
    for point, (x, y) in curve:
        newest = point is curve[-1][0]
        cell = (min(x // 2, canvas.width - 1), min(max(y // 4, 0), canvas.height - 1))
        if not _finite(point):
            marks[cell] = ("×", ERROR)
        elif point.rose:
            marks[cell] = ("▲", ERROR)
        elif (few or newest) and marks.get(cell, ("", ""))[0] != "▲":
            marks[cell] = ("●", f"bold {LINE}" if newest else LINE)
    _say_rise(curve, marks, canvas)
    return marks


def _say_rise(curve: Curve, marks: Marks, canvas: Canvas) -> None:
    """The newest rise in words beside its sign, and by how much."""
    at = next((at for at in range(len(curve) - 1, 0, -1) if curve[at][0].rose), 0)
    if not at or not _finite(curve[at][0]):
        return
    point, (x, y) = curve[at]
    word = f"rose {signed(point.value - curve[at - 1][0].value)}"
    row = y // 4 - 1 if y // 4 > 0 else y // 4 + 1
    left = max(0, min(x // 2 - len(word) // 2, canvas.width - len(word)))
    if row < canvas.height and len(word) < canvas.width:
        for offset, sign in enumerate(word):
            marks.setdefault((left + offset, row), (sign, ERROR))


def _with_marks(text: str, row: int, marks: Marks) -> list[tuple[str, str]]:
    """A row of the canvas with its signs laid over it; blanks apart, so that a picture keeps every run in its place."""
    pieces: list[tuple[str, str]] = []
    at = 0
    for column in [*sorted(x for x, y in marks if y == row), len(text)]:
        pieces += [(part, "" if part.isspace() else LINE) for part in re.split("( +)", text[at:column]) if part]
        if column < len(text):
            pieces.append(marks[column, row])
        at = column + 1
    return pieces


def _iterations(points: Sequence[Point], columns: int) -> str:
    """The iterations under the first of their points, as many as there is room for; the first and the last always."""
    cells = [" "] * columns
    count = len(points)
    between = range(1, count - 1) if count <= 24 else (count // 4, count // 2, 3 * count // 4)
    wanted = [0, count - 1, *between] if count else []
    for position in dict.fromkeys(_first_of(points, position) for position in wanted):
        text = str(points[position].iteration)
        centre = _dot_column(position, count, columns) // 2
        left = max(0, min(centre - len(text) // 2, columns - len(text)))
        if all(cell == " " for cell in cells[max(0, left - 1) : left + len(text) + 1]):
            cells[left : left + len(text)] = text
    return "".join(cells).rstrip()


def _first_of(points: Sequence[Point], position: int) -> int:
    """The first point of the same iteration, which may have several losses."""
    while position and points[position - 1].iteration == points[position].iteration:
        position -= 1
    return position
