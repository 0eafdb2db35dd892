"""The loss along a step: where it began, where it landed, where it would have been lowest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from textual.content import Content

from gradstep.draw.canvas import Canvas
from gradstep.draw.numbers import number
from gradstep.draw.scale import Scale, linear_scale
from gradstep.draw.text import ACCENT, ERROR, MUTED, STRONG, line
from gradstep.model.proof import Proof

STEP, FRESH = ACCENT["update"], ACCENT["backward"]
"""Styles of the two curves; that of the fresh step is broken too."""

HEADROOM = 1.25
"""The axis ends at this times the largest loss up to where the step landed; beyond it a curve leaves the plot."""

FEW = 4
"""Fewer rows have a label at the top and the bottom only."""

_DASH, _GAP = 4, 4
"""Columns of dots of a broken line that are drawn, and that are not."""


def proof_lines(proof: Proof, width: int, height: int) -> list[Content]:
    """The plot, exactly `height` lines of at most `width` cells: the step from 0 to 2 times its length."""
    rows = max(2, height - 2)
    landed = [value for at, value in (*proof.along, *proof.fresh) if at <= 1.0 and math.isfinite(value)]
    scale = linear_scale([HEADROOM * max(landed, default=1.0), min(0.0, *landed, 0.0)], rows)
    labels = {_row(rows, scale.share_of(tick)) // 4: text for tick, text in scale.ticks}
    if rows < FEW:
        labels = {0: f"{scale.high:.2g}", rows - 1: f"{scale.low:.2g}"}
    margin = max(map(len, labels.values()), default=0)
    columns = max(8, width - margin - 1)
    whole, fresh = Canvas(columns, rows), Canvas(columns, rows)
    _trace(whole, [(_column(at, columns), _row(rows, scale.share(value))) for at, value in proof.along])
    _trace(fresh, [(_column(at, columns), _row(rows, scale.share(value))) for at, value in proof.fresh], broken=True)
    marks = _marks(proof, columns, rows, scale)
    lines = []
    for row in range(rows):
        label = labels.get(row, "")
        axis = (f"{label:>{margin}}{'┤' if label else '│'}", MUTED)
        lines.append(line(axis, *_row_of(whole.row(row), fresh.row(row), row, marks)))
    ticks = {_column(at, columns) // 2: sign for at, sign in ((0, "0"), (0.5, "┴"), (1, "1"), (1.5, "┴"), (2, "2"))}
    lines.append(line((" " * margin + "└" + "".join(ticks.get(at, "─") for at in range(columns)), MUTED)))
    lines.append(line(" " * (margin + 1), *_legend(proof, columns)))
    return lines


def beside(left: Sequence[Content], right: Sequence[Content], at: int) -> list[Content]:
    """Two blocks of lines side by side, the right one beginning at a column."""
    rows = max(len(left), len(right))
    blank = Content("")
    return [
        _padded(left[row] if row < len(left) else blank, at) + (right[row] if row < len(right) else blank)
        for row in range(rows)
    ]


def _padded(content: Content, width: int) -> Content:
    return content + Content(" " * max(0, width - content.cell_length))


def _column(at: float, columns: int) -> int:
    """Column of dots of a fraction of the step, 0 to 2."""
    return 1 + round((2 * columns - 3) * at / 2)


def _row(rows: int, share: float) -> int:
    """Row of dots at a height between 0 and 1."""
    return round((4 * rows - 1) * (1 - share))


def _trace(canvas: Canvas, spots: Sequence[tuple[int, int]], broken: bool = False) -> None:
    """Join the points; what is above the plot is left out."""
    far = -8 * canvas.height
    held = [(x, max(far, y)) for x, y in spots]
    for (x, y), (right, below) in pairwise(held):
        if not broken:
            canvas.stroke((x, y), (right, below))
            continue
        for begin in range(x - x % (_DASH + _GAP), right + 1, _DASH + _GAP):
            ends = (max(x, begin), min(right, begin + _DASH - 1))
            if ends[0] <= ends[1]:
                canvas.stroke(*((at, round(y + (below - y) * (at - x) / max(1, right - x))) for at in ends))


Marks = dict[tuple[int, int], tuple[str, str]]


def _marks(proof: Proof, columns: int, rows: int, scale: Scale) -> Marks:
    """Cell -> sign and style: where the step began, where it is lowest, where it landed."""
    values = dict(proof.along)
    marks: Marks = {}
    points = [(0.0, "◯", STRONG), (proof.lowest, "◆", STEP), (1.0, "●", ERROR)]
    alone = dict(proof.fresh)
    if 1.0 in alone:
        values[1.0 + 1e-9] = alone[1.0]
        points.insert(0, (1.0 + 1e-9, "◇", FRESH))
    for at, sign, style in points:
        if at is not None and at in values and math.isfinite(values[at]):
            row = min(rows - 1, max(0, _row(rows, scale.share(values[at])) // 4))
            marks[_column(at, columns) // 2, row] = (sign, style)
    return marks


def _row_of(whole: str, fresh: str, row: int, marks: Marks) -> list[tuple[str, str]]:
    """One row of both curves with the signs laid over them."""
    pieces: list[tuple[str, str]] = []
    for column, (one, two) in enumerate(zip(whole, fresh, strict=True)):
        mark = marks.get((column, row))
        sign, style = mark or ((one, STEP) if one != " " else (two, FRESH if two != " " else ""))
        if pieces and pieces[-1][1] == style and mark is None:
            pieces[-1] = (pieces[-1][0] + sign, style)
        else:
            pieces.append((sign, style))
    return pieces


def _legend(proof: Proof, columns: int) -> list[tuple[str, str]]:
    """What the signs are, in the order of the step; in words where there is room."""
    values, alone = dict(proof.along), dict(proof.fresh)
    known = [("◯", "before", proof.before, STRONG)]
    if proof.lowest:
        known.append(("◆", "lowest", values.get(proof.lowest, math.nan), STEP))
    known.append(("●", "landed", proof.after, ERROR))
    if 1.0 in alone:
        known.append(("◇", "fresh only", alone[1.0], FRESH))
    for words in (True, False):
        texts = [f"{sign} {word + ' ' if words else ''}{number(value)}" for sign, word, value, _ in known]
        if sum(map(len, texts)) + 2 * len(texts) <= columns + 2:
            break
    gap = "   " if sum(map(len, texts)) + 3 * len(texts) <= columns + 3 else "  "
    styles = [style for *_, style in known]
    return [piece for text, style in zip(texts, styles, strict=True) for piece in ((text, style), (gap, ""))][:-1]
