"""Statistics and histograms of the sheets that are looked into."""

from __future__ import annotations

import math
from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from gradstep.app.inspector.grid import Layer
from gradstep.app.inspector.plane import index_of
from gradstep.app.inspector.sheet import Kind, Sheet
from gradstep.draw.statistics import LABEL, Column, beside, histogram_lines, statistics_lines
from gradstep.model.survey import size_of
from gradstep.model.tensor import SMALL

HEIGHT = 9
"""Lines: a head and eight statistics."""


class Band(Horizontal):
    """A table with a column for each sheet, and beside it their histograms."""

    DEFAULT_CSS = """
    Band { height: 9; padding: 0 1; }
    Band Static { width: 1fr; height: 1fr; text-wrap: nowrap; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._sheets: Sequence[Sheet] = ()

    def compose(self) -> ComposeResult:
        """Table and histograms."""
        yield Static(id="table")
        yield Static(id="bars")

    def show(self, sheets: Sequence[Sheet]) -> None:
        """Draw what is known of them, as soon as there is something to draw on."""
        self._sheets = sheets
        if self.is_mounted:
            self._draw(sheets)

    def on_mount(self) -> None:
        """Draw what was shown too early."""
        if self._sheets:
            self._draw(self._sheets)

    def _draw(self, sheets: Sequence[Sheet]) -> None:
        width = self.size.width
        left = LABEL + len(sheets) * min(28, (width - LABEL) // (2 if len(sheets) == 1 else 3))
        table, bars = self.query_one("#table", Static), self.query_one("#bars", Static)
        table.styles.width = left
        table.update(_joined(statistics_lines([column_of(sheet) for sheet in sheets], left - 2)))
        each = (width - left) // len(sheets)
        bars.update(_joined(beside([histogram_lines(s.survey, each - 2, HEIGHT, s.side) for s in sheets], each)))


def column_of(sheet: Sheet) -> Column:
    """Statistics of one sheet."""
    known, view = sheet.known, sheet.view
    shape = view.shape if view is not None else ()
    places = (known.min_at, known.max_at) if known is not None else (-1, -1)
    low, high = (", ".join(map(str, index_of(at, shape))) if at >= 0 else "" for at in places)
    why = sheet.problem or ("…" if "survey" in sheet.asked else "not kept")
    title = " · ".join(filter(None, [sheet.side, view.dtype if view is not None else "", sheet.layout]))
    return Column(title, known, low, high, view.size if view is not None else 0, why, sheet.earlier_norm)


def title_of(sheet: Sheet, kind: Kind) -> str:
    """`value`, `change of the value`."""
    return sheet.side if kind == "now" else f"change of the {sheet.side}"


def layer_of(sheet: Sheet, kind: Kind) -> Layer:
    """A sheet as a part of the grid. Numbers of large tensors get the room that any of them may need."""
    view = sheet.view
    width = 9 if view is not None and view.size > SMALL and "float" in view.dtype else 1
    if kind == "now":
        return Layer(title_of(sheet, kind), sheet.at, sheet.largest, width=width)
    changes = [size_of(change) for place in sheet.values if (change := sheet.change(place)) is not None]
    largest = max((size for size in changes if math.isfinite(size)), default=0.0)
    return Layer(title_of(sheet, kind), sheet.change, largest, True, width + (width > 1))


def _joined(lines: Sequence[Content]) -> Content:
    return Content("\n").join(lines)
