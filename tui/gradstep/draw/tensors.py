"""The tensors of a stop: what changed as before → now. A tensor takes the same form at every stop."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from textual.content import Content

from gradstep.draw.numbers import align, count, length, number, numbers, shape
from gradstep.draw.text import ACCENT, ERROR, MUTED, STRONG, cells, fit, line, short_names
from gradstep.model.moment import Moment
from gradstep.model.tensor import TensorView

FEW = 8
"""Of tensors of up to this many elements all are shown, of larger ones the norm, and rows of those that changed."""
CROWD = 16
"""With more leaves than this every leaf gets one line, and so with the other tensors."""


@dataclass(frozen=True)
class Row:
    """One line of the table, before it is laid out."""

    name: str = ""
    shape: str = ""
    before: str = ""
    now: str = ""
    changed: bool = False
    bad: str = ""
    """`3 NaN`, where there are any."""
    wide: str = ""
    """Instead of before and now: elements, or words."""
    sign: str = ""
    """`→` before the elements that are there now."""
    past: bool = False
    """The elements are those of before."""
    note: str = ""
    """What the two numbers are, where they are not the elements."""


def tensor_lines(moment: Moment, width: int) -> list[Content]:
    """The table; changed tensors first, then the others in the order of the program."""
    stop, changed = moment.stop, set(changed_tensors(moment))
    leaves = {name for name in stop.tensors if name in stop.leaves}
    others = set(stop.tensors) - leaves
    crowded = (leaves if len(leaves) > CROWD else set()) | (others if len(others) > CROWD else set())
    names = sorted(stop.tensors, key=lambda name: name not in changed)
    if not names:
        return []
    shapes = max(5, *(len(shape(view.shape)) for view in stop.tensors.values()))
    short = dict(zip(names, short_names(names, max(8, width - shapes - 28)), strict=True))
    layout = Layout(max(map(len, short.values())), shapes, 0, width, ACCENT.get(stop.phase, ""))
    rows = [
        row
        for name in names
        for row in _tensor(
            Row(short[name], shape(stop.tensors[name].shape), changed=name in changed, bad=_bad(stop.tensors[name])),
            stop.tensors[name],
            moment.before.tensors.get(name) if name in changed else None,
            0 if name in crowded else layout.room,
        )
    ]
    befores, nows = align([row.before for row in rows]), align([row.now for row in rows])
    layout = replace(layout, numeric=len(befores[0]) + 3 + len(nows[0]))
    return [_line(replace(row, before=befores[at], now=nows[at]), layout) for at, row in enumerate(rows)]


@dataclass(frozen=True)
class Layout:
    """What all rows have in common; columns in cells."""

    names: int
    shapes: int
    numeric: int
    """Before, arrow and now."""
    width: int
    accent: str

    @property
    def room(self) -> int:
        """What is left for values: after the sign, the name, the shape, and the arrow before elements."""
        return max(1, self.width - self.names - self.shapes - 8)


def changed_tensors(moment: Moment) -> list[str]:
    """Names in `tensors` that changed at this stop."""
    return [name for name in moment.stop.tensors if name in set(moment.stop.changed)]


def _tensor(head: Row, now: TensorView, before: TensorView | None, room: int) -> Iterator[Row]:
    """Its rows; `room`: cells for elements, 0 for one line of norms."""
    if before is not None and before.shape != now.shape:
        before = None
    if now.freed:
        yield replace(head, wide="freed by the program before this stop")
    elif now.size == 1 and now.value is not None:
        olds = before.flat() if before is not None else []
        texts = numbers(now.flat() + olds)
        yield replace(head, before=texts[1] if olds else "", now=texts[0])
    elif room and now.value is not None and 1 < now.size <= FEW:
        yield from _elements(head, now, before, room)
    else:
        yield _statistics(head, now, before)
        if room and now.value is not None and head.changed and now.size > FEW:
            yield from _block(now, room)


def _elements(head: Row, now: TensorView, before: TensorView | None, room: int) -> Iterator[Row]:
    """All elements, those of before in a row above those of now."""
    olds = before.flat() if before is not None else []
    texts = align(numbers(now.flat() + olds))
    front = head
    for places in _rows(now, texts, room):
        if olds:
            yield replace(front, wide=_joined(texts, places, now.size), past=True)
            front = Row(changed=head.changed)
        yield replace(front, wide=_joined(texts, places), sign="→ " if olds else "")
        front = Row(changed=head.changed)


def _block(now: TensorView, room: int) -> Iterator[Row]:
    """The first rows of the elements that are there now."""
    texts = align(numbers(now.flat()))
    rows = _rows(now, texts, room)
    cut = len(rows) * now.shape[-1] == now.size and len(rows[0]) < now.shape[-1]
    for places in rows[:FEW]:
        yield Row(wide=_joined(texts, places) + ("  …" if cut else ""), changed=True)
    left = now.size - sum(map(len, rows[:FEW]))
    if left:
        yield Row(wide=f"… and {count(left, 'element')} more")


def _rows(view: TensorView, texts: Sequence[str], room: int) -> list[range]:
    """Positions of the elements in their rows; what is too long goes on below, of a large matrix it is left out."""
    cell, last = len(texts[0]) + 2, view.shape[-1]
    fitting = max(1, (room + 2) // cell)
    rows = [range(at, at + last) for at in range(0, view.size, last)]
    if len(rows) > 1 and view.size > FEW:
        return [row[:fitting] if last <= fitting else row[: max(1, (room - 1) // cell)] for row in rows]
    return [row[at : at + fitting] for row in rows for at in range(0, len(row), fitting)]


def _joined(texts: Sequence[str], places: Sequence[int], offset: int = 0) -> str:
    return "  ".join(texts[offset + at] for at in places)


def _statistics(head: Row, now: TensorView, before: TensorView | None) -> Row:
    """Norm before → now, and the range if it is known."""
    new = length(now)
    if new is None:
        return replace(head, wide="no data to read" if now.device == "meta" else "too large to be read at once")
    old = length(before)
    known = [f"{word} {number(value)}" for word, value in (("min", now.min), ("max", now.max)) if value is not None]
    before_text = "" if old is None else number(old)
    return replace(head, before=before_text, now=number(new), note="  ".join(["norm", *known]))


def _bad(view: TensorView) -> str:
    words = [f"{many} {word}" for many, word in ((view.nan, "NaN"), (view.inf, "Inf")) if many]
    return " ".join(words)


def _line(row: Row, layout: Layout) -> Content:
    """One row in its columns; what changed in full contrast, with its sign."""
    sign = ("● ", layout.accent) if row.changed and row.name else "  "
    strong = STRONG if row.changed else MUTED
    front = (fit(row.name, layout.names) + "  ", strong)
    size = (fit(row.shape, layout.shapes) + "  ", MUTED)
    bad = (f"  {row.bad}", ERROR) if row.bad else ""
    if row.wide:
        text = (fit(row.wide, layout.room).rstrip(), MUTED if row.past else strong)
        return line(sign, front, size, (f"{row.sign:2}", MUTED), text, bad)
    arrow = " → " if row.before.strip() else "   "
    left = layout.room - layout.numeric - cells([row.bad]) - 4
    note = f"  {row.note}" if len(row.note) <= left else "  norm" if row.note and left >= 4 else ""
    return line(sign, front, size, "  ", (row.before + arrow, MUTED), (row.now, strong), bad, (note, MUTED))
