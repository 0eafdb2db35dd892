"""The tensors of a stop: what changed as before → now, the others in one line each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from textual.content import Content

from gradstep.draw.numbers import align, elements, length, number, numbers, shape
from gradstep.draw.text import ACCENT, ERROR, MUTED, STRONG, fit, line, short_names
from gradstep.model.moment import Moment
from gradstep.model.tensor import TensorView

TALL = 8
"""Changed tensors of up to this many elements get a row for each."""
CROWD = 24
"""With more rows than this every tensor gets one row."""


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
    """Instead of before and now: a value that did not change, or statistics."""
    note: str = ""
    """What the two numbers are, where they are not the elements."""


def tensor_lines(moment: Moment, width: int) -> list[Content]:
    """The table; changed tensors first, then the others in the order of the program."""
    rows = _rows(moment, TALL)
    if len(rows) > CROWD:
        rows = _rows(moment, 1)
    if not rows:
        return []
    befores, nows = align([row.before for row in rows]), align([row.now for row in rows])
    numeric = len(befores[0]) + 3 + len(nows[0]) if any(map(str.strip, nows)) else 0
    shapes = max(5, *(len(row.shape) for row in rows))
    names = short_names([row.name for row in rows], max(8, width - shapes - max(numeric, 12) - 7))
    layout = Layout(max(map(len, names)), shapes, numeric, width, ACCENT.get(moment.stop.phase, ""))
    return [
        _line(replace(row, name=names[at], before=befores[at], now=nows[at]), layout) for at, row in enumerate(rows)
    ]


def tensor_order(moment: Moment) -> list[str]:
    """The tensors of the stop, in the order of the table."""
    return list(dict.fromkeys(row.name for row in _rows(moment, 1)))


def tensor_names(moment: Moment) -> list[str]:
    """Name of the tensor on each line of the table."""
    rows = _rows(moment, TALL)
    rows = _rows(moment, 1) if len(rows) > CROWD else rows
    names: list[str] = []
    for row in rows:
        names.append(row.name or names[-1])
    return names


@dataclass(frozen=True)
class Layout:
    """What all rows have in common; columns in cells."""

    names: int
    shapes: int
    numeric: int
    """Before, arrow and now; 0 if no row has them."""
    width: int
    accent: str
    """Style of the sign of what changed."""


def changed_tensors(moment: Moment) -> list[str]:
    """Names in `tensors` that changed at this stop."""
    return [name for name in moment.stop.tensors if name in set(moment.stop.changed)]


def _rows(moment: Moment, tall: int) -> list[Row]:
    stop = moment.stop
    changed = set(changed_tensors(moment))
    order = sorted(stop.tensors, key=lambda name: name not in changed)
    return [
        row
        for name in order
        for row in _tensor(name, stop.tensors[name], moment.before.tensors.get(name), name in changed, tall)
    ]


def _tensor(name: str, now: TensorView, before: TensorView | None, changed: bool, tall: int) -> Iterator[Row]:
    head = Row(name, shape(now.shape), changed=changed, bad=_bad(now))
    if before is not None and before.shape != now.shape:
        before = None
    if now.freed:
        yield replace(head, wide="freed before it could be read")
    elif now.value is None:
        yield _statistics(head, now, before if changed else None)
    elif not changed and now.size != 1:
        yield replace(head, wide="  ".join(elements(now)))
    elif now.size == 1 or now.size <= tall:
        texts = numbers(now.flat() + (before.flat() if changed and before is not None else []))
        news, olds = texts[: now.size], texts[now.size :] or [""] * now.size
        for at, (old, new) in enumerate(zip(olds, news, strict=True)):
            yield replace(head if at == 0 else Row(changed=changed), before=old, now=new)
    else:
        yield _statistics(head, now, before)


def _statistics(head: Row, now: TensorView, before: TensorView | None) -> Row:
    """Norm before → now, and the range if it is known."""
    new = length(now)
    if new is None:
        return replace(head, wide="not kept")
    old = length(before)
    known = [f"{word} {number(value)}" for word, value in (("min", now.min), ("max", now.max)) if value is not None]
    before_text = "" if old is None else number(old)
    return replace(head, before=before_text, now=number(new), note="  ".join(["norm", *known]))


def _bad(view: TensorView) -> str:
    words = [f"{many} {word}" for many, word in ((view.nan, "NaN"), (view.inf, "Inf")) if many]
    return " ".join(words)


def _line(row: Row, layout: Layout) -> Content:
    """One row in its columns; what changed in full contrast, with its sign."""
    room = layout.width - layout.names - layout.shapes - 6
    sign = ("● ", layout.accent) if row.changed and row.name else "  "
    strong, quiet = (STRONG, "") if row.changed else (MUTED, MUTED)
    front = (fit(row.name, layout.names) + "  ", strong)
    size = (fit(row.shape, layout.shapes) + "  ", MUTED)
    bad = (f"  {row.bad}", ERROR) if row.bad else ""
    if row.wide:
        return line(sign, front, size, (fit(row.wide, max(0, room)).rstrip(), quiet), bad)
    arrow = " → " if row.before.strip() else "   "
    note = f"  {row.note}" if row.note and layout.numeric + len(row.note) + len(row.bad) + 4 <= room else ""
    if row.note and not note and layout.numeric + 6 + len(row.bad) <= room:
        note = "  norm"
    return line(sign, front, size, (row.before + arrow, MUTED), (row.now, strong), bad, (note, MUTED))
