"""Where a line of the joined source stands in its notebook: in which cell, and which line of that."""

from __future__ import annotations

import re
import sys
from bisect import bisect_right
from functools import cache

from gradstep.model.notebook import Cell, read_cells

_IN_TRACEBACK = re.compile(r'^([ |]*File "([^"\n]+\.ipynb)"), line (\d+)', re.MULTILINE)


@cache
def joined(path: str) -> tuple[list[Cell], str]:
    """The notebook as it was when it was read first: at the program's start."""
    return read_cells(path)


def cell_of(file: str, line: int) -> tuple[int, int]:
    """Number of the cell, and line within it, both from 1; zeros for what is no line of the notebook that runs."""
    if not file.endswith(".ipynb") or file != getattr(sys.modules.get("__main__"), "__file__", None):
        return 0, 0
    cells = joined(file)[0]
    at = bisect_right(cells, line, key=lambda cell: cell.first_line) - 1
    return (cells[at].number, line - cells[at].first_line + 1) if at >= 0 else (0, 0)


def name_cells(traceback: str) -> str:
    """The traceback with `cell 3, line 2` in the place of lines of the joined source."""

    def named(found: re.Match[str]) -> str:
        cell, line = cell_of(found[2], int(found[3]))
        return f"{found[1]}, cell {cell}, line {line}" if cell else found[0]

    return _IN_TRACEBACK.sub(named, traceback)
