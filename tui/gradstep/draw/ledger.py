"""The ledger of every leaf: held + fresh = now."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from textual.content import Content

from gradstep.draw.numbers import NOTHING, align, number, numbers
from gradstep.draw.text import ACCENT, ERROR, MUTED, STRONG, Piece, column_head, fit, line, short_names
from gradstep.model.stop import Gradient, Stop
from gradstep.model.tensor import Value, length

TALL = 8
"""Leaves of up to this many elements get a row for each."""
CROWD = 16
"""With more rows than this every leaf gets one row, of norms."""
PARTS = ("held", "fresh", "now")
WIDE = 100.0
"""Norms that differ by more than this factor are drawn on a logarithmic scale."""
BARS = 12
"""Cells that names leave to the bars, where there are any."""
EIGHTHS = " ▏▎▍▌▋▊▉█"


@dataclass(frozen=True)
class Entry:
    """One line of the ledger, before it is laid out."""

    name: str
    held: str
    fresh: str
    now: str
    note: str = ""
    alarm: bool = False
    """The note is a warning."""
    sums: bool = False
    """The numbers are elements, for which held + fresh = now; norms do not add."""
    norm: float | None = None
    """Norm of `now`, for the bar; None for rows of elements."""
    changed: bool = False
    """`.grad` changed at this stop."""


def ledger_lines(stop: Stop, width: int) -> list[Content]:
    """The ledger as a table; empty if no leaf has a gradient."""
    entries = _all_entries(stop, TALL)
    if len(entries) > CROWD:
        entries = _all_entries(stop, 1)
    if not entries:
        return []
    simple = all(entry.held == NOTHING and entry.fresh == entry.now for entry in entries)
    simple = simple and any(entry.norm is not None for entry in entries)
    parts = ("now",) if simple else PARTS
    columns = [align([getattr(entry, part) for entry in entries]) for part in parts]
    widths = [max(5, len(column[0])) for column in columns]
    note = max(len(entry.note) + 2 if entry.note else 0 for entry in entries)
    room = width - 2 - sum(widths) - 3 * (len(parts) - 1) - 2 - note
    norms = [entry.norm for entry in entries if entry.norm is not None and math.isfinite(entry.norm)]
    whole, least = [entry.name for entry in entries], max(6, room - BARS if norms else room)
    names = short_names(whole, least)
    longest = max(map(len, names))
    layout = LedgerColumns(longest, room - longest - 2, scale_of(norms), ACCENT.get(stop.phase, ""))
    titles = ("fresh",) if simple else parts
    head = "   ".join(f"{title:>{size}}" for title, size in zip(titles, widths, strict=True))
    lines = [line((f"  {column_head(whole, least, longest)}  {head}", MUTED))]
    for at, entry in enumerate(entries):
        cells = [f"{column[at]:>{size}}" for column, size in zip(columns, widths, strict=True)]
        lines.append(_line(replace(entry, name=names[at]), cells, layout))
    return lines


def ledger_names(stop: Stop) -> list[str]:
    """Name of the leaf on each line of the table; that of the head is empty."""
    tall = TALL if len(_all_entries(stop, TALL)) <= CROWD else 1
    names = [name for name, gradient in stop.gradients.items() for _ in _entries(name, gradient, tall)]
    return ["", *names] if names else []


@dataclass(frozen=True)
class BarScale:
    """How long the bars of norms are: the largest fills its room."""

    largest: float
    smallest: float = 0.0
    """Where a bar would begin, on a logarithmic scale; 0 on a linear one."""

    def share(self, norm: float | None) -> float:
        """The part of the room that a norm's bar takes."""
        if norm is None or not math.isfinite(norm) or norm <= 0:
            return 0.0
        if not self.smallest:
            return norm / self.largest
        return math.log(norm / self.smallest) / math.log(self.largest / self.smallest)


def scale_of(norms: Sequence[float]) -> BarScale:
    """Linear where the norms are alike; else logarithmic, from one power of ten below the smallest."""
    sizes = [norm for norm in norms if norm > 0]
    if not sizes or max(sizes) <= WIDE * min(sizes):
        return BarScale(max(sizes, default=0.0))
    return BarScale(max(sizes), 10.0 ** (math.ceil(math.log10(min(sizes))) - 1))


@dataclass(frozen=True)
class LedgerColumns:
    """What all rows have in common."""

    names: int
    """Cells of the column of names."""
    bars: int
    """Cells that are left for the bars."""
    scale: BarScale
    accent: str
    """Style of the sign of what changed."""


def scale_in_words(stop: Stop) -> str:
    """What the bars' lengths mean, where that is not plain: `log bars from 1e-09`."""
    views = [gradient.now if gradient.now is not None else gradient.returned for gradient in stop.gradients.values()]
    norms = [norm for view in views if (norm := length(view)) is not None and math.isfinite(norm)]
    smallest = scale_of(norms).smallest if len(views) > 1 else 0.0
    return f"log bars from {smallest:.0e}" if smallest else ""


def stale_leaves(stop: Stop) -> list[str]:
    """Names of the leaves whose held gradient is stale."""
    return [name for name, gradient in stop.gradients.items() if gradient.stale]


def bar(share: float, width: int) -> str:
    """A horizontal bar for a share between 0 and 1, to an eighth of a cell."""
    eighths = round(max(0.0, min(1.0, share)) * width * 8)
    return EIGHTHS[8] * (eighths // 8) + EIGHTHS[eighths % 8].strip()


def _all_entries(stop: Stop, tall: int) -> list[Entry]:
    changed = set(stop.changed)
    return [
        replace(entry, changed=f"{name}.grad" in changed)
        for name, gradient in stop.gradients.items()
        for entry in _entries(name, gradient, tall)
    ]


def _entries(name: str, gradient: Gradient, tall: int) -> Iterator[Entry]:
    """One row a leaf, or one an element of a small leaf."""
    note, alarm = _note(gradient)
    if gradient.returned is not None and gradient.now is None:
        yield _row_of_norms(name, gradient, "returned", alarm)
        return
    views = (gradient.held, gradient.fresh, gradient.now)
    size = max((view.size for view in views if view is not None), default=0)
    if 1 <= size <= tall and all(view is None or view.value is not None for view in views):
        columns = [view.flat() if view is not None else [None] * size for view in views]
        texts = numbers([value for column in columns for value in column])
        for at in range(size):
            label = name if size == 1 else f"{name}[{_index(gradient, at)}]"
            held, fresh, now = texts[at], texts[size + at], texts[2 * size + at]
            adds = _adds(columns[0][at], columns[1][at], columns[2][at])
            yield Entry(label, held, fresh, now, note if at == 0 else "", alarm, adds)
    else:
        yield _row_of_norms(name, gradient, note, alarm)


def _row_of_norms(name: str, gradient: Gradient, note: str, alarm: bool) -> Entry:
    now = length(gradient.now if gradient.now is not None else gradient.returned)
    held, fresh = number(length(gradient.held)), number(length(gradient.fresh))
    return Entry(name, held, fresh, number(now), note, alarm, norm=now)


def _note(gradient: Gradient) -> tuple[str, bool]:
    """What is to be said of the leaf, and whether it is a warning."""
    if gradient.stale:
        return "▲ STALE", True
    if gradient.by_hand:
        return "by hand", False
    if gradient.now is None and gradient.returned is None:
        return "cleared", False
    return (f"× {gradient.scale:g}", False) if gradient.scale is not None else ("", False)


def _index(gradient: Gradient, at: int) -> str:
    """Position of an element, as the user would write it."""
    view = gradient.now or gradient.fresh or gradient.held
    places: list[str] = []
    for size in reversed(view.shape if view is not None else ()):
        at, place = divmod(at, size)
        places.insert(0, str(place))
    return ",".join(places)


def _adds(held: Value | None, fresh: Value | None, now: Value | None) -> bool:
    """Whether held + fresh = now holds, so that the signs may be written."""
    if not isinstance(now, (int, float)) or isinstance(held, list) or isinstance(fresh, list):
        return False
    return math.isclose((held or 0.0) + (fresh or 0.0), now, rel_tol=1e-3, abs_tol=1e-6) or math.isnan(now)


def _line(entry: Entry, cells: list[str], layout: LedgerColumns) -> Content:
    """One row; what changed in full contrast, with its sign."""
    signs = ("", " + ", " = ") if entry.sums else ("", "   ", "   ")
    style, strong = ("", STRONG) if entry.changed else (MUTED, MUTED)
    pieces: list[Piece] = []
    for sign, cell in zip(signs, cells, strict=False):
        pieces += [(sign, MUTED), (cell, MUTED if cell.strip() == NOTHING else strong if cell is cells[-1] else style)]
    drawn = ""
    if layout.bars >= 6 and layout.scale.largest > 0:
        share = layout.scale.share(entry.norm)
        drawn = f"  {bar(share, layout.bars - 2):<{layout.bars - 2}}"
    return line(
        ("● ", layout.accent) if entry.changed and entry.name else "  ",
        (fit(entry.name, layout.names) + "  ", strong),
        *pieces,
        (drawn, "$text-warning" if entry.changed else MUTED),
        (f"  {entry.note}", ERROR if entry.alarm else MUTED) if entry.note else "",
    )
