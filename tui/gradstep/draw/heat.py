"""A grid of numbers with heat colours. The sign is in the number and in the hue, the size in both as well."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content

from gradstep.draw.text import ERROR, MUTED, STRONG, line
from gradstep.model.survey import size_of
from gradstep.model.tensor import Value

UNKNOWN = "·"
"""Stands where an element is not known (yet)."""
LEVELS = 6
"""Steps of heat."""
STRENGTH = 11
"""Opacity of one step, in percent."""
POSITIVE, NEGATIVE = "$primary", "$accent"
BETWEEN = " │ "


@dataclass(frozen=True)
class Block:
    """One of the grids that stand side by side; all have the same rows and columns."""

    title: str
    cells: Sequence[Sequence[Value | None]]
    """By row, of which the last may be shorter; None is not known."""
    largest: float
    """The size that is hottest."""
    signed: bool = False
    """Differences: written with a plus."""


@dataclass(frozen=True)
class HeatGrid:
    """What is around the blocks."""

    rows: Sequence[str]
    """Labels."""
    columns: Sequence[str]
    gutter: int
    """Cells of the rows' labels."""
    cell: int
    """Cells of a number, without the one that stands before it."""
    row: int
    """Where the cursor is, in what is shown; -1 if outside."""
    column: int


Pieces = list[tuple[str, str]]
"""One line: texts and their styles. A grid has too many cells for more than that."""


def grid_lines(grid: HeatGrid, blocks: Sequence[Block]) -> list[Pieces]:
    """Titles if there are several blocks, the columns' labels, and the rows."""
    wide = (grid.cell + 1) * len(grid.columns)
    lines: list[Pieces] = []
    if len(blocks) > 1:
        titles = BETWEEN.join(f"{block.title:^{wide}}" for block in blocks)
        lines.append([(" " * (grid.gutter + 1) + titles, MUTED)])
    head: Pieces = [(" " * (grid.gutter + 1), "")]
    for number in range(len(blocks)):
        head += [(BETWEEN, MUTED)] if number else []
        head += [
            (f"{label:>{grid.cell + 1}}", STRONG if at == grid.column else MUTED)
            for at, label in enumerate(grid.columns)
        ]
    lines.append(head)
    for at, label in enumerate(grid.rows):
        here = at == grid.row
        pieces: Pieces = [("▶" if here else " ", STRONG), (f"{label:>{grid.gutter}}", STRONG if here else MUTED)]
        for number, block in enumerate(blocks):
            pieces += [(BETWEEN, MUTED)] if number else []
            pieces += [
                _cell(value, block, grid.cell, here and column == grid.column)
                for column, value in enumerate(block.cells[at])
            ]
            pieces.append((" " * (grid.cell + 1) * (len(grid.columns) - len(block.cells[at])), ""))
        lines.append(pieces)
    return lines


def cell_text(value: Value | None, signed: bool = False) -> str:
    """A number in few cells: four decimals where that says enough, else three digits and an exponent."""
    if value is None:
        return UNKNOWN
    if isinstance(value, list):
        real, imaginary = (cell_text(float(part), at == 1 or signed) for at, part in enumerate(value))
        return f"{real}{imaginary}j"
    plus = "+" if signed and not isinstance(value, bool) and value > 0 else ""
    if not isinstance(value, float):
        return f"{plus}{value}"
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else f"{plus}Inf" if value > 0 else "-Inf"
    if value == 0:
        return "-0" if math.copysign(1, value) < 0 and not signed else "0"
    return f"{plus}{value:.4f}" if 1e-3 <= abs(value) < 1e3 else f"{plus}{value:.2e}"


def cell_width(values: Sequence[Value | None], signed: bool = False) -> int:
    """Cells that the longest of them takes."""
    return max((cell_len(cell_text(value, signed)) for value in values), default=1)


def heat(value: Value | None, largest: float) -> str:
    """The background of a number: its hue tells the sign, its strength the root of the share of the largest."""
    if value is None or (isinstance(value, bool) and not value):
        return ""
    size = size_of(value)
    if not math.isfinite(size):
        return ERROR
    if not largest or not math.isfinite(largest):
        return ""
    level = round(LEVELS * math.sqrt(min(1.0, size / largest)))
    negative = not isinstance(value, list) and value < 0
    return f"on {NEGATIVE if negative else POSITIVE} {level * STRENGTH}%" if level else ""


def legend(largest: float, signed: bool = True) -> Content:
    """What the colours mean, from the most negative to the largest."""
    steps = [level / LEVELS for level in range(-LEVELS if signed else 0, LEVELS + 1, 2)]
    scale = [(" " * 2, heat(math.copysign(share * share, share), 1.0)) for share in steps]
    low = f"{cell_text(-largest)} " if signed else "0 "
    return line((low, MUTED), *scale, (f" {cell_text(largest)}", MUTED))


def _cell(value: Value | None, block: Block, width: int, chosen: bool) -> tuple[str, str]:
    text = f" {cell_text(value, block.signed):>{width}}"
    if value is None:
        return text, f"{MUTED} reverse" if chosen else MUTED
    style = heat(value, block.largest)
    return text, f"{style} bold reverse".strip() if chosen else style
