"""A grid of numbers of any size: only what is seen is asked for and drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Self

from rich.segment import Segment
from rich.style import Style as RichStyle
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.style import Style
from textual.widget import Widget

from gradstep.app.inspector.plane import Plane
from gradstep.draw.heat import BETWEEN, Block, HeatGrid, Pieces, cell_width, grid_lines
from gradstep.draw.text import MUTED, middle
from gradstep.model.survey import Span
from gradstep.model.tensor import Value

FOLDS = (1, 2, 4, 5, 8, 10, 16, 20, 25, 32, 40, 50)
"""Into how many columns a single axis may be folded."""


@dataclass(frozen=True)
class Layer:
    """One of the grids that stand side by side."""

    title: str
    value: Callable[[int | None], Value | None]
    """The element at a row-major position; None where it is not known."""
    largest: float
    signed: bool = False
    width: int = 6
    """Cells that a number takes at least."""


class TensorGrid(Widget, can_focus=True):
    """Shows a plane of a tensor, or a few lines instead; arrow keys move the cursor from element to element."""

    HELP: ClassVar[str] = (
        "The elements in rows and columns, with their index at the borders. The background is the stronger the larger "
        "the number is against the largest, in one hue for positive and another for negative ones. Arrow keys, page "
        "and home and end move the cursor (with ctrl to the corners). · is not known (yet)."
    )
    ALLOW_SELECT: ClassVar[bool] = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1, 0)", show=False),
        Binding("down", "move(1, 0)", show=False),
        Binding("left", "move(0, -1)", show=False),
        Binding("right", "move(0, 1)", show=False),
        Binding("pageup", "page(-1, 0)", show=False),
        Binding("pagedown", "page(1, 0)", show=False),
        Binding("ctrl+pageup,ctrl+left", "page(0, -1)", show=False),
        Binding("ctrl+pagedown,ctrl+right", "page(0, 1)", show=False),
        Binding("home", "move(0, -1000000000000)", show=False),
        Binding("end", "move(0, 1000000000000)", show=False),
        Binding("ctrl+home", "move(-1000000000000, -1000000000000)", show=False),
        Binding("ctrl+end", "move(1000000000000, 1000000000000)", show=False),
    ]
    DEFAULT_CSS = """
    TensorGrid {
        border: round $foreground 25%;
        border-title-color: $foreground;
        border-subtitle-color: $text-muted;
        background: $background;
        &:focus { border: round $primary; }
    }
    """

    @dataclass
    class Moved(Message):
        """The cursor, or what is seen, is another."""

    def __init__(self, *, id: str | None = None) -> None:
        self._lines: list[Pieces] | None = None
        self._styles: dict[str, RichStyle] = {}
        super().__init__(id=id)
        self.plane = Plane()
        """What is shown."""
        self.row = self.column = 0
        """The cursor."""
        self._top = self._left = 0
        self._layers: Sequence[Layer] = ()
        self._instead: tuple[str, ...] = ()
        self._cell = 6
        self._places: tuple[object, list[list[int]]] = (None, [])

    def show(self, plane: Plane, layers: Sequence[Layer], instead: tuple[str, ...] = ()) -> None:
        """Show a plane, or some lines instead."""
        titles = [[layer.title for layer in some] for some in (layers, self._layers)]
        if titles[0] != titles[1] or plane.shape != self.plane.shape:
            self._cell = 1
        self._layers, self._instead = layers, instead
        self.plane = replace(plane, fold=self.plane.fold)
        self._fit()
        self.refresh()

    def go(self, row: int, column: int) -> None:
        """Put the cursor on a cell."""
        self.row, self.column = row, column
        self._fit()
        self.refresh()
        self.post_message(self.Moved())

    @property
    def position(self) -> int | None:
        """Row-major position of the element under the cursor."""
        return None if self.plane.empty else self.plane.position(self.row, self.column)

    @property
    def is_shown(self) -> bool:
        """Elements are shown, and not lines instead."""
        return bool(self._layers) and not self.plane.empty

    @property
    def seen(self) -> tuple[range, range]:
        """Rows and columns that are on the screen."""
        rows, columns = self._room()
        plane = self.plane
        return (
            range(self._top, min(plane.rows, self._top + rows)),
            range(self._left, min(plane.columns, self._left + columns)),
        )

    def window(self) -> tuple[Span, ...]:
        """The window of what is seen, and as much again on every side, so that the next keys need not wait."""
        rows, columns = self.seen
        high, wide = max(1, len(rows)), max(1, len(columns))
        return self.plane.spans(
            range(max(0, rows.start - high), min(self.plane.rows, rows.stop + high)),
            range(max(0, columns.start - wide), min(self.plane.columns, columns.stop + wide)),
        )

    def _seen_places(self) -> list[list[int]]:
        """Row-major positions of what is on the screen, by row."""
        key = (self.plane, *self.seen)
        if self._places[0] != key:
            self._places = (key, self.plane.positions(*self.seen))
        return self._places[1]

    def missing(self, value: Callable[[int | None], Value | None]) -> bool:
        """Whether something that is seen is not known."""
        if not self.is_shown or not self.size.area:
            return False
        return any(value(place) is None for row in self._seen_places() for place in row)

    # Cells

    def _gutter(self) -> int:
        rows = self.plane.rows
        return max(len(self.plane.row_label(at)) for at in (0, max(0, rows - 1))) if not self.plane.empty else 1

    def _room(self) -> tuple[int, int]:
        """How many rows and columns there is room for."""
        width, height = self.size
        count = max(1, len(self._layers))
        wide = (width - 1 - self._gutter() - len(BETWEEN) * (count - 1)) // count
        return max(1, height - 1 - (count > 1)), max(1, wide // (self._cell + 1))

    def _fit(self) -> None:
        """Fold a single axis, keep the cursor inside, and what is seen around it."""
        if not self.is_shown or not self.size.area:
            return
        for _ in range(3):
            if self.plane.is_folded:
                self._fold()
            before, self._cell = self._cell, max(self._cell, *map(self._wide, self._layers))
            if before == self._cell:
                break
        rows, columns = self._room()
        plane = self.plane
        self.row = max(0, min(self.row, plane.rows - 1))
        self.column = max(0, min(self.column, plane.columns - 1))
        if plane.index(self.row, self.column) is None:
            self.column = max(at for at in range(plane.columns) if plane.index(self.row, at) is not None)
        self._top = _scrolled(self._top, self.row, rows, plane.rows)
        self._left = _scrolled(self._left, self.column, columns, plane.columns)

    def _fold(self) -> None:
        """Into as many columns as there is room for; the cursor stays on its element."""
        plane = replace(self.plane, fold=10**9)
        room = self._room()[1]
        fold = max(fold for fold in FOLDS if fold <= max(1, room))
        fold = min(fold, max(1, plane.columns))
        place = self.row * self.plane.fold + self.column
        self.plane = replace(self.plane, fold=fold)
        self.row, self.column = divmod(place, fold)

    def _wide(self, layer: Layer) -> int:
        """Cells that the longest number on the screen takes."""
        values = [layer.value(place) for row in self._seen_places() for place in row]
        return max(layer.width, cell_width(values, layer.signed))

    def on_resize(self) -> None:
        """Show as much as there is room for."""
        self._fit()
        self.post_message(self.Moved())

    def render_line(self, y: int) -> Strip:
        """One line."""
        width, height = self.size
        if self._lines is None:
            self._lines = self._draw(width, height)
        pieces = self._lines[y] if y < len(self._lines) else []
        segments = [Segment(text, self._style(style)) for text, style in pieces]
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    def _draw(self, width: int, height: int) -> list[Pieces]:
        """The grid, or some lines in the middle instead."""
        if self.is_shown:
            return grid_lines(self._grid(), [self._block(layer) for layer in self._layers])
        words = self._instead or ("The tensor has no elements.",)
        return [[(row.plain, MUTED)] for row in middle(words, height, width)]

    def _style(self, style: str) -> RichStyle:
        """A style in the colours of the theme."""
        if style not in self._styles:
            own = Style.parse(style, self.app.theme_variables) if style else Style()
            self._styles[style] = (self.visual_style + own).rich_style
        return self._styles[style]

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Draw anew."""
        self._lines = None
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def notify_style_update(self) -> None:
        """Other colours."""
        self._styles.clear()
        super().notify_style_update()

    def _grid(self) -> HeatGrid:
        rows, columns = self.seen
        plane = self.plane
        return HeatGrid(
            [plane.row_label(row) for row in rows],
            [plane.column_label(column) for column in columns],
            self._gutter(),
            self._cell,
            self.row - rows.start,
            self.column - columns.start,
        )

    def _block(self, layer: Layer) -> Block:
        cells = [[layer.value(place) for place in row] for row in self._seen_places()]
        return Block(layer.title, cells, layer.largest, layer.signed)

    # The user

    def action_move(self, down: int, right: int) -> None:
        """Move the cursor; on a folded axis from the end of a row to the next."""
        plane = self.plane
        row, column = self.row + down, self.column + right
        if plane.is_folded and abs(right) == 1:
            row, column = divmod(max(0, self.row * plane.fold + self.column + right), plane.fold)
        self.go(row, column)

    def action_page(self, down: int, right: int) -> None:
        """Move by what is seen."""
        rows, columns = self.seen
        self._top += down * len(rows)
        self._left += right * len(columns)
        self.go(self.row + down * len(rows), self.column + right * len(columns))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Three rows on."""
        self.action_move(3, 0)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Three rows back."""
        self.action_move(-3, 0)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor under the mouse."""
        spot = event.get_content_offset(self)
        rows, columns = self.seen
        if spot is None or not self._layers:
            return
        row = spot.y - 1 - (len(self._layers) > 1)
        wide = len(columns) * (self._cell + 1) + len(BETWEEN)
        column = (spot.x - self._gutter() - 1) % wide // (self._cell + 1)
        if 0 <= row < len(rows) and 0 <= column < len(columns):
            self.go(rows[row], columns[column])


def _scrolled(first: int, cursor: int, room: int, size: int) -> int:
    """What is to be seen first, so that the cursor is seen and no room is wasted behind the end."""
    return max(0, min(max(first, cursor - room + 1), cursor, max(0, size - room)))
