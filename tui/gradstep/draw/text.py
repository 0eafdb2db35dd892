"""Lines of styled text. Styles are theme variables; they get their colours where they are shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from itertools import takewhile

from rich.cells import cell_len, set_cell_size
from textual.content import Content

MUTED = "$foreground 70%"
STRONG = "bold"
ERROR = "bold $text-error"
ACCENT = {"forward": "$text-primary", "backward": "$text-warning", "update": "$text-success", "end": MUTED}
"""Style of text in a phase's colour."""
SIGN = {"info": "·", "warning": "!", "error": "▲"}
"""A finding's severity, so that colour is not needed to tell it."""
SEVERITY = {"info": "$text-primary", "warning": "bold $text-warning", "error": ERROR}

Piece = str | Content | tuple[str, str]
"""Text, or text and its style."""


def line(*pieces: Piece) -> Content:
    """One line from its pieces."""
    return Content.assemble(*pieces)


def cells(pieces: Iterable[Piece]) -> int:
    """How many cells the pieces take."""
    return sum(cell_len(piece[0] if isinstance(piece, tuple) else str(piece)) for piece in pieces)


def prose(text: str, width: int, style: str = "", first: Piece = "", rest: str = "") -> list[Content]:
    """Words wrapped to a width; `first` stands before the first line, `rest` before the others."""
    rows = [row for part in text.split("\n") for row in wrap(part, max(8, width - cells([first])))]
    return [line(rest if number else first, (row, style)) for number, row in enumerate(rows)]


def wrap(text: str, width: int) -> list[str]:
    """Break at spaces; a word that is too long is broken where it must."""
    rows, row = [], ""
    for word in text.split(" "):
        joined = f"{row} {word}" if row else word
        if cell_len(joined) <= width:
            row = joined
            continue
        if row:
            rows.append(row)
        *full, row = chop(word, width)
        rows += full
    return [*rows, row]


def chop(text: str, width: int) -> list[str]:
    """Cut into pieces of at most `width` cells; at least one piece."""
    width = max(1, width)
    if text.isascii():
        return [text[at : at + width] for at in range(0, len(text), width)] or [""]
    from rich.cells import chop_cells

    return chop_cells(text, width) or [""]


def shorten(name: str, width: int) -> str:
    """A name that is too long loses its middle: `h.11.ml…c.weight`."""
    if cell_len(name) <= width:
        return name
    tail = (width - 1) // 2
    return f"{name[: width - 1 - tail]}…{name[len(name) - tail :]}" if width > 2 else "…"


def short_names(names: Sequence[str], width: int) -> list[str]:
    """Names in a column that is too narrow for them, still distinct.

    First as much as has to be is left out of what all paths begin with; then, from the left, each part of a path that
    still does not fit is cut down to what tells it from its siblings: `b.0.attn.key.weight`.
    """
    cut = len(left_out(names, width))
    if not cut and max(map(cell_len, names), default=0) <= width:
        return list(names)
    rests = [name[cut:] if "." in name else name for name in names]
    siblings: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for rest in rests:
        parts = rest.split(".")
        for at, part in enumerate(parts):
            siblings[tuple(parts[:at])].add(part)
    marks = ["…" if cut and "." in name else "" for name in names]
    return [
        shorten(mark + _abbreviated(rest, width - len(mark), siblings), width)
        for mark, rest in zip(marks, rests, strict=True)
    ]


def left_out(names: Sequence[str], width: int) -> str:
    """What `short_names` leaves out of all paths, for the head of the column: `model.`; empty where all names fit."""
    paths = [name.split(".")[:-1] for name in names if "." in name]
    if max(map(cell_len, names), default=0) <= width or len(paths) < 2:
        return ""
    longest = max(cell_len(name) for name in names if "." in name)
    cut = ""
    for parts in takewhile(lambda parts: len(set(parts)) == 1, zip(*paths, strict=False)):
        if cut and longest - cell_len(cut) < width:
            break
        cut += f"{parts[0]}."
    return cut


def column_head(names: Sequence[str], width: int, column: int) -> str:
    """The head of a column of short names: `model.…`, where that is left out of them."""
    same = left_out(names, width)
    return fit(shorten(f"{same}…", column) if same else "", column)


def _abbreviated(path: str, width: int, siblings: Mapping[tuple[str, ...], Set[str]]) -> str:
    """The path with as many parts cut down as have to be: what stands on the right says most."""
    whole = path.split(".")
    parts = list(whole)
    for at in (*range(len(parts) - 2), len(parts) - 1, len(parts) - 2):
        if cell_len(".".join(parts)) <= width or at < 0:
            break
        short = _told_apart(whole[at], siblings[tuple(whole[:at])])
        spare = width - cell_len(".".join([*parts[:at], short, *parts[at + 1 :]])) if at == len(parts) - 2 else 0
        parts[at] = whole[at][: len(short) + max(0, spare)]
    return ".".join(parts)


def _told_apart(part: str, others: Set[str]) -> str:
    """The shortest beginning of a part that none of the others has."""
    for size in range(1, len(part)):
        if not any(other.startswith(part[:size]) for other in others if other != part):
            return part[:size]
    return part


def fit(text: str, width: int) -> str:
    """Exactly `width` cells; what is cut ends in `…`."""
    if cell_len(text) <= width:
        return text + " " * (width - cell_len(text))
    return set_cell_size(text, max(0, width - 1)).rstrip() + "…" if width > 0 else ""


def middle(rows: Sequence[str], height: int, width: int, style: str = MUTED) -> list[Content]:
    """Some rows of text in the middle of an empty pane."""
    folded = [part for row in rows for part in wrap(row, max(8, width - 2))]
    above = max(0, (height - len(folded)) // 2)
    centred = [line((" " * max(0, (width - cell_len(row)) // 2) + row, style)) for row in folded]
    return [Content("")] * above + centred
