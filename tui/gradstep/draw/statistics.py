"""What is known of all elements of a tensor: a table of statistics, and a histogram."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content

from gradstep.draw.numbers import align, number
from gradstep.draw.text import ERROR, MUTED, STRONG, Piece, fit, line
from gradstep.model.survey import Survey
from gradstep.model.tensor import Value

ROWS = ("min", "max", "mean", "std", "norm", "zeros", "NaN", "Inf")
BARS = " ▁▂▃▄▅▆▇█"
LABEL = 7
"""Cells of the column of words."""


@dataclass(frozen=True)
class Column:
    """Statistics of one tensor."""

    title: str
    survey: Survey | None
    low_at: str = ""
    """Index of the smallest element, as it is written in Python."""
    high_at: str = ""
    size: int = 0
    """Number of elements."""
    why: str = ""
    """Instead of the numbers."""
    norm_before: float | None = None


def statistics_lines(columns: Sequence[Column], width: int) -> list[Content]:
    """A head and a row for each statistic."""
    room = max(12, (width - LABEL) // max(1, len(columns)))
    head: list[Piece] = [" " * LABEL]
    head += [(fit(column.title, room), STRONG) for column in columns]
    lines = [line(*head)]
    texts = [_texts(column) for column in columns]
    for at, word in enumerate(ROWS):
        pieces: list[Piece] = [(f"{word:<{LABEL}}", MUTED)]
        for column, rows in zip(columns, texts, strict=True):
            text, note, alarm = rows[at]
            if column.survey is None:
                pieces.append((fit(column.why if at == 0 else "", room), MUTED))
                continue
            left = max(0, room - len(text) - 1)
            pieces += [(text, ERROR if alarm else ""), (fit(f" {note}", left) if left else "", MUTED), " "]
        lines.append(line(*pieces))
    return lines


def _texts(column: Column) -> list[tuple[str, str, bool]]:
    """Number, remark and whether it is an alarm, by row."""
    survey = column.survey
    if survey is None:
        return [("", "", False)] * len(ROWS)
    shown: list[Value | None] = [survey.min, survey.max, survey.mean, survey.std, survey.norm]
    texts = align([number(value) if value is not None else "" for value in shown])
    share = f"{100 * survey.zeros / column.size:.3g} %" if survey.zeros and column.size else ""
    finite = "of the finite" if survey.nan or survey.inf else ""
    notes = [f"at {column.low_at}" if column.low_at else "", f"at {column.high_at}" if column.high_at else "", finite]
    before = f"before {number(column.norm_before)}" if column.norm_before is not None else finite
    rows = [(text, note, False) for text, note in zip(texts, [*notes, finite, before], strict=True)]
    head = max(0, *(text.find(".") if "." in text else len(text.rstrip()) for text in texts))
    counts = (survey.zeros, survey.nan, survey.inf)
    zeros, nan, inf = (f"{many:>{head},}" if many is not None else "" for many in counts)
    rows = [row if row[0].strip() else ("", _absent(column, survey, at), False) for at, row in enumerate(rows)]
    return [*rows, (zeros, share if zeros else "not kept", False), (nan, "", survey.nan > 0), (inf, "", survey.inf > 0)]


def _absent(column: Column, survey: Survey, row: int) -> str:
    """Why there is no number."""
    if survey.min is None and (survey.nan or survey.inf):
        return "none is finite"
    return "of one element" if column.size == 1 and ROWS[row] == "std" else "not kept"


def histogram_lines(survey: Survey | None, width: int, height: int, title: str) -> list[Content]:
    """Bars over the range, the ends of the range under them; `height` counts all lines."""
    counts = _merged(survey.bins, width) if survey is not None else []
    if survey is None or not counts or height < 3:
        return []
    bar = max(1, min(width // len(counts), 6))
    most = max(counts)
    bars = height - 2
    rows = []
    for row in range(bars, 0, -1):
        text = "".join(_part(many / most, row, bars) * bar for many in counts)
        rows.append(line((text, "$text-primary")))
    low, high = number(survey.low), number(survey.high) if survey.high > survey.low else ""
    wide = max(bar * len(counts), len(low) + len(high) + 1)
    words = f"{title}: up to {most:,}"
    head = line((fit(words, width), MUTED))
    return [head, *rows, line((low + " " * (wide - len(low) - len(high)) + high, MUTED))]


def beside(blocks: Sequence[Sequence[Content]], width: int) -> list[Content]:
    """Blocks of lines next to each other, each that many cells wide."""
    height = max(map(len, blocks), default=0)
    rows = []
    for at in range(height):
        parts = [block[at] if at < len(block) else Content("") for block in blocks]
        rows.append(line(*(part.pad_right(max(0, width - part.cell_length)) for part in parts)))
    return rows


def _merged(bins: Sequence[int], width: int) -> list[int]:
    """Neighbours together until they fit."""
    counts = list(bins)
    while len(counts) > max(1, width):
        counts = [sum(counts[at : at + 2]) for at in range(0, len(counts), 2)]
    return counts


def _part(share: float, row: int, rows: int) -> str:
    """The part of a bar that is in one row, counted from below; what is not empty has a foot."""
    eighths = share * rows * 8 - (row - 1) * 8
    if row == 1 and share > 0:
        eighths = max(1.0, eighths)
    return BARS[max(0, min(8, round(eighths)))]
