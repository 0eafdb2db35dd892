"""The tensors of a stop: what changed as before → now. A tensor takes the same form at every stop."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from textual.content import Content

from gradstep.draw.numbers import align, count, number, numbers, shape
from gradstep.draw.text import ACCENT, ERROR, MUTED, STRONG, cells, fit, line, short_names
from gradstep.model.moment import Moment
from gradstep.model.tensor import TensorView, length

FEW = 8
"""Of tensors of up to this many elements all are shown, of larger ones the norm, and rows of those that changed."""
CROWD = 16
"""With more leaves than this every leaf gets one line, and so with the other tensors."""

FREED = ("freed by the program before this stop", "freed by the program", "freed")
UNREAD = ("too large to be read at once", "not read at once", "not read")


@dataclass(frozen=True)
class TensorRow:
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
    """Elements of before, or words instead of elements."""
    note: str = ""
    """What the two numbers are, where they are not the elements."""


def tensor_lines(moment: Moment, width: int) -> list[Content]:
    """The table; changed tensors first, then the others in the order of the program, last what is freed."""
    owned, like, layout = _table(moment, width)
    rows = [row for _, row in owned]
    befores, nows = align([row.before for row in rows], like), align([row.now for row in rows], like)
    layout = replace(layout, numeric=len(befores[0]) + 3 + len(nows[0])) if rows else layout
    return [_line(replace(row, before=befores[at], now=nows[at]), layout) for at, row in enumerate(rows)]


def tensor_names(moment: Moment, width: int) -> list[str]:
    """Name of the tensor on each line of the table."""
    return [name for name, _ in _table(moment, width)[0]]


def tensor_order(moment: Moment) -> list[str]:
    """The tensors of the stop, in the order of the table: those that are there, what changed, what is gone."""
    changed, tensors = set(changed_tensors(moment)), moment.stop.tensors
    return sorted(tensors, key=lambda name: (tensors[name].freed, name not in changed))


@dataclass(frozen=True)
class Tensor:
    """A tensor of the table."""

    head: TensorRow
    """Its first row, without values."""
    now: TensorView
    before: TensorView | None
    """Of one that changed, if it had the same shape."""
    one_line: bool
    """It stands in a crowd."""

    @property
    def is_small(self) -> bool:
        """All its elements are shown."""
        return self.now.value is not None and 1 <= self.now.size <= (1 if self.one_line else FEW)

    @property
    def texts(self) -> list[str]:
        """The elements of now, then those of before."""
        return numbers(self.now.flat() + (self.before.flat() if self.before is not None else []))


@dataclass(frozen=True)
class TensorColumns:
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


def _table(moment: Moment, width: int) -> tuple[list[tuple[str, TensorRow]], list[str], TensorColumns]:
    """The rows, each with its tensor's name; the elements of small tensors, to be aligned with."""
    names = tensor_order(moment)
    shapes = max([5, *(len(shape(view.shape)) for view in moment.stop.tensors.values())])
    short = short_names(names, max(8, width - shapes - 28))
    layout = TensorColumns(max(map(len, short), default=0), shapes, 0, width, ACCENT.get(moment.stop.phase, ""))
    tensors = _tensors(moment, layout)
    like = [text for tensor in tensors if tensor.is_small for text in tensor.texts]
    pairs = zip(names, tensors, strict=True)
    return [(name, row) for name, tensor in pairs for row in _tensor(tensor, like, layout.room)], like, layout


def _tensors(moment: Moment, layout: TensorColumns) -> list[Tensor]:
    """What is known of each tensor, in the order of the table."""
    stop, names, changed = moment.stop, tensor_order(moment), set(changed_tensors(moment))
    leaves = set(stop.tensors) & set(stop.leaves)
    others = set(stop.tensors) - leaves
    crowded = (leaves if len(leaves) > CROWD else set()) | (others if len(others) > CROWD else set())
    short = short_names(names, max(8, layout.width - layout.shapes - 28))
    return [
        Tensor(
            TensorRow(title, shape(stop.tensors[name].shape), changed=name in changed, bad=_bad(stop.tensors[name])),
            stop.tensors[name],
            _comparable(stop.tensors[name], moment.before.tensors.get(name)) if name in changed else None,
            one_line=name in crowded,
        )
        for name, title in zip(names, short, strict=True)
    ]


def changed_tensors(moment: Moment) -> list[str]:
    """Names in `tensors` that changed at this stop."""
    changed = set(moment.stop.changed)
    return [name for name in moment.stop.tensors if name in changed]


def _comparable(now: TensorView, before: TensorView | None) -> TensorView | None:
    return before if before is not None and before.shape == now.shape else None


def _tensor(tensor: Tensor, like: Sequence[str], room: int) -> Iterator[TensorRow]:
    """Its rows; `like`: what its elements are aligned with, `room`: cells for them."""
    head, now = tensor.head, tensor.now
    if now.freed:
        yield replace(head, wide=_fitting(FREED, room), past=True)
    elif tensor.is_small and now.size == 1:
        new, *old = tensor.texts
        yield replace(head, before="".join(old), now=new)
    elif tensor.is_small:
        yield from _elements(tensor, like, room)
    else:
        yield _statistics(head, now, tensor.before, room)
        if now.value is not None and head.changed and now.size > FEW and not tensor.one_line:
            yield from _block(now, room)


def _elements(tensor: Tensor, like: Sequence[str], room: int) -> Iterator[TensorRow]:
    """All elements, those of before in a row above those of now."""
    texts = align(tensor.texts, like)
    size, front = tensor.now.size, tensor.head
    for places in _rows(tensor.now, len(texts[0]) + 3, room):
        new, old = ("   ".join(texts[offset + at] for at in places if offset + at < len(texts)) for offset in (0, size))
        if old:
            yield replace(front, wide=old, past=True)
            front = TensorRow(changed=front.changed)
        yield replace(front, wide=new, sign="→ " if old else "")
        front = TensorRow(changed=front.changed)


def _block(now: TensorView, room: int) -> Iterator[TensorRow]:
    """The first rows of the elements that are there now."""
    texts = align(numbers(now.flat()))
    rows = _rows(now, len(texts[0]) + 2, room)
    cut = len(rows) * now.shape[-1] == now.size and len(rows[0]) < now.shape[-1]
    for places in rows[:FEW]:
        yield TensorRow(wide="  ".join(texts[at] for at in places) + ("  …" if cut else ""), changed=True)
    left = now.size - sum(map(len, rows[:FEW]))
    if left:
        yield TensorRow(wide=f"… and {count(left, 'element')} more")


def _rows(view: TensorView, cell: int, room: int) -> list[range]:
    """Positions of the elements in their rows; what is too long goes on below, of a large matrix it is left out.

    `cell`: cells of an element and the gap beside it.
    """
    last = view.shape[-1]
    fitting = max(1, (room + 3) // cell)
    rows = [range(at, at + last) for at in range(0, view.size, last)]
    if len(rows) > 1 and view.size > FEW:
        return [row[:fitting] if last <= fitting else row[: max(1, room // cell)] for row in rows]
    return [row[at : at + fitting] for row in rows for at in range(0, len(row), fitting)]


def _statistics(head: TensorRow, now: TensorView, before: TensorView | None, room: int) -> TensorRow:
    """Norm before → now, and the range if it is known."""
    new = length(now)
    if new is None:
        words = ("no data to read",) if now.device == "meta" else UNREAD
        return replace(head, wide=_fitting(words, room), past=True)
    old = length(before)
    known = [f"{word} {number(value)}" for word, value in (("min", now.min), ("max", now.max)) if value is not None]
    before_text = "" if old is None else number(old)
    return replace(head, before=before_text, now=number(new), note="  ".join(["norm", *known]))


def _fitting(texts: Sequence[str], room: int) -> str:
    """The first that fits, else the last."""
    return next((text for text in texts if len(text) <= room), texts[-1])


def _bad(view: TensorView) -> str:
    words = [f"{many} {word}" for many, word in ((view.nan, "NaN"), (view.inf, "Inf")) if many]
    return " ".join(words)


def _line(row: TensorRow, layout: TensorColumns) -> Content:
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
