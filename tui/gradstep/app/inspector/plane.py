"""The part of a tensor that lies on the screen as rows and columns, and what its cells are in the tensor."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import product

from gradstep.app.inspector.slices import Axis, write_slice
from gradstep.model.survey import Span


@dataclass(frozen=True)
class Plane:
    """The last two axes that are left are rows and columns; those before them are stepped through.

    A single axis is folded into rows of `fold` elements.
    """

    shape: tuple[int, ...] = ()
    axes: tuple[Axis, ...] = ()
    """What a slice leaves of each axis."""
    lead: tuple[int, ...] = ()
    """Where the axes before rows and columns stand, counted in what is left of them."""
    fold: int = 1

    @staticmethod
    def of(shape: tuple[int, ...], axes: tuple[Axis, ...] | None = None) -> Plane:
        """The first plane of a tensor."""
        chosen = tuple(range(size) for size in shape) if axes is None else axes
        ranges = sum(isinstance(axis, range) for axis in chosen)
        return Plane(shape, chosen, (0,) * max(0, ranges - 2))

    @property
    def _free(self) -> list[int]:
        return [number for number, axis in enumerate(self.axes) if isinstance(axis, range)]

    @property
    def is_folded(self) -> bool:
        """There is a single axis, in as many rows as it needs."""
        return len(self._free) == 1

    @property
    def empty(self) -> bool:
        """The tensor has no elements."""
        return 0 in self.shape

    def _left(self, number: int) -> range:
        axis = self.axes[number]
        assert isinstance(axis, range)
        return axis

    @property
    def columns(self) -> int:
        """How many."""
        if self.is_folded:
            return min(self.fold, len(self._left(self._free[0])))
        return len(self._left(self._free[-1])) if self._free else 1

    @property
    def rows(self) -> int:
        """How many."""
        if self.is_folded:
            return math.ceil(len(self._left(self._free[0])) / self.fold)
        return len(self._left(self._free[-2])) if self._free else 1

    def index(self, row: int, column: int) -> tuple[int, ...] | None:
        """The element of a cell; None behind the end of a folded axis."""
        if not (0 <= row < self.rows and 0 <= column < self.columns):
            return None
        places = dict(zip(self._free, (*self.lead, row, column), strict=False))
        if self.is_folded:
            places = {self._free[0]: row * self.fold + column}
            if places[self._free[0]] >= len(self._left(self._free[0])):
                return None
        return tuple(axis if isinstance(axis, int) else axis[places[number]] for number, axis in enumerate(self.axes))

    def position(self, row: int, column: int) -> int | None:
        """The same as one number, in row-major order."""
        index = self.index(row, column)
        return None if index is None else position_of(index, self.shape)

    def positions(self, rows: range, columns: range) -> list[list[int]]:
        """The positions of many cells, by row; of a folded axis the last row may be shorter."""
        if self.empty or not rows or not columns:
            return [[] for _ in rows]
        ragged = self.is_folded and rows.stop * self.fold > len(self._left(self._free[0]))
        whole = range(rows.start, rows.stop - 1) if ragged else rows
        last = [[self.position(row, column) for column in columns] for row in rows[len(whole) :]]
        return self._regular(whole, columns) + [[place for place in row if place is not None] for row in last]

    def _regular(self, rows: range, columns: range) -> list[list[int]]:
        """Rows and columns are evenly spaced."""
        if not rows:
            return []
        first = self.position(rows.start, columns.start) or 0
        down, right = self.position(rows.start + 1, columns.start), self.position(rows.start, columns.start + 1)
        height = down - first if down is not None else 0
        width = right - first if right is not None else 0
        return [[first + row * height + column * width for column in range(len(columns))] for row in range(len(rows))]

    def row_label(self, row: int) -> str:
        """Index of a row in the tensor; of a folded one that of its first element."""
        if not self._free:
            return ""
        left = self._left(self._free[0] if self.is_folded else self._free[-2])
        return str(left[row * self.fold if self.is_folded else row])

    def column_label(self, column: int) -> str:
        """Index of a column in the tensor; of a folded axis what is to be added to the row's."""
        if not self._free:
            return ""
        left = self._left(self._free[-1])
        return f"+{column * left.step}" if self.is_folded and left.step > 0 else str(left[column])

    def spans(self, rows: range, columns: range) -> tuple[Span, ...]:
        """The window of those cells, for the program; a folded axis in full rows."""
        parts = [range(place, place + 1) for place in self.lead] + [rows, columns]
        if self.is_folded:
            parts = [range(rows.start * self.fold, rows.stop * self.fold)]
        wanted = dict(zip(self._free, parts, strict=False))
        spans = []
        for number, axis in enumerate(self.axes):
            left = range(axis, axis + 1) if isinstance(axis, int) else axis[wanted[number].start : wanted[number].stop]
            spans.append((left.start, len(left), left.step))
        return tuple(spans)

    @property
    def planes(self) -> int:
        """How many there are to step through."""
        return math.prod(len(self._left(number)) for number in self._free[: len(self.lead)])

    def step(self, by: int, axis: int = -1) -> Plane:
        """Another plane: `by` steps along one of the leading axes, on to the next where that is at its end."""
        sizes = [len(self._left(number)) for number in self._free[: len(self.lead)]]
        if not sizes or self.empty:
            return self
        if not -len(sizes) <= axis:
            axis = -len(sizes)
        weight = math.prod(sizes[len(sizes) + axis + 1 :])
        number = (position_of(self.lead, tuple(sizes)) + by * weight) % math.prod(sizes)
        return replace(self, lead=index_of(number, tuple(sizes)))

    def find(self, position: int) -> tuple[Plane, int, int] | None:
        """The plane, row and column of an element; None if the slice has left it out."""
        places = []
        for at, axis in zip(index_of(position, self.shape), self.axes, strict=True):
            if isinstance(axis, range):
                if at not in axis:
                    return None
                places.append(axis.index(at))
            elif at != axis:
                return None
        if self.is_folded:
            return self, *divmod(places[0], self.fold)
        row, column = places[-2:] if places else (0, 0)
        return replace(self, lead=tuple(places[:-2])), row, column

    def words(self) -> str:
        """What is seen, as it would be written in Python: `3, 0, :, 0:50`."""
        fixed = dict(zip(self._free, self.lead, strict=False))
        axes = [
            self._left(number)[fixed[number]] if number in fixed and not self.empty else axis
            for number, axis in enumerate(self.axes)
        ]
        return write_slice(axes, self.shape)


def index_of(position: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The index of the element at a row-major position."""
    index: list[int] = []
    for size in reversed(shape):
        position, place = divmod(position, size)
        index.insert(0, place)
    return tuple(index)


def position_of(index: tuple[int, ...], shape: tuple[int, ...]) -> int:
    """Row-major position of an element."""
    position = 0
    for place, size in zip(index, shape, strict=True):
        position = position * size + place
    return position


def positions(spans: tuple[Span, ...], shape: tuple[int, ...]) -> list[int]:
    """Row-major positions of the elements of a window, in its order."""
    axes = [range(first, first + count * step, step) for first, count, step in spans]
    return [position_of(index, shape) for index in product(*axes)]
