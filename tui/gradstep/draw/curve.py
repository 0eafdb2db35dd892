"""The loss against the iteration, in cells: of the run that is shown up to its stop, then muted, and of other runs."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content

from gradstep.draw.canvas import Canvas
from gradstep.draw.numbers import signed
from gradstep.draw.scale import Scale, linear_scale, log_scale
from gradstep.draw.text import ERROR, MUTED, Piece, line, shorten
from gradstep.model.moment import Line, Point

LINE = "$text-primary"
SIGNS = "◯◇□+*x"
"""Of the other runs, in their order."""
SPREAD = 6
"""How often the sign of a run with many points stands on its curve, about."""
Spot = tuple[int, int]
"""Column and row: of a dot in the curve, of a cell in the marks."""
Curve = list[tuple[Point, Spot]]
Marks = dict[Spot, tuple[str, str]]


@dataclass(frozen=True)
class Curves:
    """What is drawn in one plot."""

    main: Sequence[Point]
    """The losses of the run that is shown, up to its stop."""
    later: Sequence[Point] = ()
    """What came after it."""
    others: Sequence[Line] = ()
    name: str = ""
    """Of the run that is shown."""
    chosen: int = -1
    """The stop whose point is chosen; -1 for none."""

    def without_what_has_no_logarithm(self) -> Curves:
        """The points that a logarithmic axis can show."""
        others = tuple(Line(other.name, tuple(_logarithmic(other.curve))) for other in self.others)
        return Curves(_logarithmic(self.main), _logarithmic(self.later), others, self.name, self.chosen)

    @property
    def longest(self) -> Sequence[Point]:
        """Whose iterations stand at the axis."""
        return max([[*self.main, *self.later], *(other.curve for other in self.others)], key=len)


@dataclass(frozen=True)
class Plot:
    """The lines, and where in them the points are."""

    lines: list[Content]
    left: int
    """Cells before the first column."""
    columns: int
    points: Sequence[Point]
    """Of the run that is shown, those after its stop included."""
    count: int
    """Of the longest curve."""

    def nearest(self, x: int) -> Point | None:
        """The point of the shown run in or near a column of cells."""
        spots = (
            (abs(_dot_column(at, self.count, self.columns) // 2 + self.left - x), at) for at in range(len(self.points))
        )
        return self.points[min(spots)[1]] if self.points else None


def curve_lines(points: Sequence[Point], width: int, height: int, log: bool = False) -> list[Content]:
    """The plot of one curve with its axes, exactly `height` lines."""
    return plot(Curves(points), width, height, log).lines


def plot(curves: Curves, width: int, height: int, log: bool = False) -> Plot:
    """All curves with their axes, exactly `height` lines."""
    curves = curves.without_what_has_no_logarithm() if log else curves
    rows = max(2, height - 2 - bool(curves.others))
    most, main = 4 * width, len(curves.main)
    few = thin(curves.main, most)
    later = [(main + at, point) for at, point in thin(curves.later, most)]
    others = [thin(other.curve, most) for other in curves.others]
    finite = [point.value for part in (few, later, *others) for _, point in part if math.isfinite(point.value)]
    scale = log_scale(finite, rows) if log and finite else linear_scale(finite, rows)
    labels = {_dot_row(rows, scale.share_of(tick)) // 4: text for tick, text in scale.ticks}
    margin = max(map(len, labels.values()), default=0)
    columns = max(4, width - margin - 2)
    grid = _Grid(columns, rows, len(curves.longest), scale)
    rear, marks = grid.rear(few[-1:] + later, others)
    canvas = Canvas(columns, rows)
    curve = grid.spots(few)
    _trace(canvas, curve)
    marks |= _marks(curve, grid.count, canvas)
    marks |= grid.chosen(few + later, curves.chosen)
    lines = [legend(curves, width)] if curves.others else []
    for row in range(rows):
        label = labels.get(row, "")
        axis = (f"{label:>{margin}}{'┤' if label else '│'}", MUTED)
        lines.append(line(axis, *_with_marks(canvas.row(row), rear.row(row), row, marks)))
    lines.append(line((" " * margin + "└" + "─" * columns, MUTED)))
    lines.append(line((" " * (margin + 1) + _iterations(curves.longest, columns), MUTED)))
    return Plot(lines, margin + 1, columns, [*curves.main, *curves.later], grid.count)


def legend(curves: Curves, width: int) -> Content:
    """`● lr ×2 at stop 5   ◯ run 1   ◇ cleared`; what there is no room for is counted."""
    names = [(f"● {curves.name}", LINE)]
    names += [(f"{sign_of(at)} {other.name}", MUTED) for at, other in enumerate(curves.others)]
    pieces: list[Piece] = [" "]
    room = width - 1
    for at, (text, style) in enumerate(names):
        rest = f"+ {len(names) - at} more"
        keep = len(rest) + 3 if at < len(names) - 1 else 0
        if cell_len(text) + keep > room and at:
            return line(*pieces, (rest, MUTED))
        pieces += [(shorten(text, max(8, room - keep)), style), "   "]
        room -= cell_len(text) + 3
    return line(*pieces[:-1])


def sign_of(at: int) -> str:
    """The sign of another run."""
    return SIGNS[at % len(SIGNS)]


@dataclass(frozen=True)
class _Grid:
    """Where points stand."""

    columns: int
    rows: int
    count: int
    """Points of the longest curve."""
    scale: Scale

    def spots(self, points: Sequence[tuple[int, Point]]) -> Curve:
        """Dots of points with their positions."""
        return [
            (point, (_dot_column(at, self.count, self.columns), _dot_row(self.rows, self.scale.share(point.value))))
            for at, point in points
        ]

    def cell(self, spot: Spot) -> Spot:
        """The cell of a dot."""
        return min(spot[0] // 2, self.columns - 1), min(max(spot[1] // 4, 0), self.rows - 1)

    def rear(
        self, later: Sequence[tuple[int, Point]], others: Sequence[Sequence[tuple[int, Point]]]
    ) -> tuple[Canvas, Marks]:
        """What stands behind the curve: the other runs with their signs, and what comes later of this one."""
        canvas, marks = Canvas(self.columns, self.rows), Marks()
        few = self.count * 3 <= self.columns
        for number, points in enumerate(others):
            curve = self.spots(points)
            _trace(canvas, curve)
            each = 1 if few else max(1, len(curve) // SPREAD)
            marks |= {self.cell(spot): (sign_of(number), MUTED) for _, spot in [*curve[::each], *curve[-1:]]}
        curve = self.spots(later)
        _trace(canvas, curve)
        marks |= {self.cell(spot): ("·", MUTED) for _, spot in curve[1:] if few}
        return canvas, marks

    def chosen(self, points: Sequence[tuple[int, Point]], stop: int) -> Marks:
        """The sign on the chosen point."""
        found = self.spots([(at, point) for at, point in points if point.stop == stop])
        return {self.cell(spot): ("◎", "bold") for _, spot in found}


def _logarithmic(points: Sequence[Point]) -> Sequence[Point]:
    return [point for point in points if point.value > 0 or not math.isfinite(point.value)]


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
    left = max(0, min(x // 2 - len(word) // 2, canvas.width - len(word)))
    near = (row for row in (y // 4 - 1, y // 4 + 1, y // 4 - 2, y // 4 + 2) if 0 <= row < canvas.height)
    free = (row for row in near if all((column, row) not in marks for column in range(left, left + len(word))))
    row = next(free, None) if len(word) < canvas.width else None
    if row is not None:
        marks |= {(left + offset, row): (sign, ERROR) for offset, sign in enumerate(word)}


def _with_marks(text: str, rear: str, row: int, marks: Marks) -> list[tuple[str, str]]:
    """A row of both canvases with the signs laid over it; blanks apart, so that a picture keeps every run in place."""
    pieces: list[tuple[str, str]] = []
    at = 0
    for column in [*sorted(x for x, y in marks if y == row), len(text)]:
        pieces += _pieces(text[at:column], rear[at:column])
        if column < len(text):
            pieces.append(marks[column, row])
        at = column + 1
    return pieces


def _pieces(text: str, rear: str) -> list[tuple[str, str]]:
    """Cells of the curve, and where it has none those behind it."""
    layers = "".join(
        "f" if front != " " else "r" if behind != " " else " " for front, behind in zip(text, rear, strict=True)
    )
    found = re.finditer("f+|r+| +", layers)
    styles = {"f": (text, LINE), "r": (rear, MUTED), " ": (text, "")}
    return [(styles[part[0][0]][0][part.start() : part.end()], styles[part[0][0]][1]) for part in found]


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
