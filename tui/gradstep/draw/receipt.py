"""The receipt of an update: for every leaf before + what moved it = after."""

from __future__ import annotations

import math
from collections.abc import Sequence

from textual.content import Content

from gradstep.draw.ledger import CROWD, TALL, bar
from gradstep.draw.numbers import NOTHING, align, number, numbers
from gradstep.draw.text import ACCENT, MUTED, STRONG, Piece, column_head, fit, line, prose, short_names
from gradstep.model.receipt import Receipt
from gradstep.model.stop import Stop
from gradstep.model.tensor import length

SHORT = {
    "fresh": "fresh",
    "stale": "stale",
    "by-hand": "by hand",
    "momentum": "momentum",
    "weight-decay": "decay",
    "other": "other",
}
"""Kinds of parts, as the columns are called, in their order."""
BRIEF = {"momentum": "mom."}
"""The same where there is little room."""
TOO_LARGE = "  no receipt: --history is too small"
_LINE = tuple[str, Content]
"""A line, and the leaf to which it belongs."""


def receipt_lines(stop: Stop, width: int) -> list[Content]:
    """The receipts of an update stop as tables; empty if it has none."""
    return [row for _, row in _rows(stop, width)]


def receipt_names(stop: Stop) -> list[str]:
    """Name of the leaf on each line; empty for heads and rules."""
    return [name for name, _ in _rows(stop, 80)]


def step_shares(stop: Stop) -> dict[str, float]:
    """What the whole step is made of, over all leaves, the largest part first: the shares weighted by ||Δw||²."""
    total, sums = 0.0, dict.fromkeys(SHORT, 0.0)
    for receipt in stop.receipts.values():
        square = (length(receipt.change) or 0.0) ** 2
        total += square
        for part in receipt.parts:
            sums[part.kind] += part.share * square
    if not total or not math.isfinite(total):
        return {}
    shares = {kind: value / total for kind, value in sums.items() if value}
    return dict(sorted(shares.items(), key=lambda item: -abs(item[1])))


def _rows(stop: Stop, width: int) -> list[_LINE]:
    receipts = {name: stop.receipts[name] for name in (*stop.leaves, *stop.receipts) if name in stop.receipts}
    tables = [_elements(name, receipt, width) for name, receipt in receipts.items() if _is_small(receipt)]
    if len(tables) == len(receipts) and None not in tables and sum(map(len, filter(None, tables))) <= CROWD:
        rows = [row for table in tables for row in table or ()]
    else:
        rows = _norms(receipts, width)
    rows += _without(stop, width)
    rows += _rules(stop, width)
    return rows


def _without(stop: Stop, width: int) -> list[_LINE]:
    """The leaves that were moved and have no receipt."""
    names = short_names(list(stop.without_receipt), max(8, width - len(TOO_LARGE) - 2))
    pairs = zip(stop.without_receipt, names, strict=True)
    return [(whole, line(("● ", ACCENT["update"]), (name, STRONG), (TOO_LARGE, MUTED))) for whole, name in pairs]


def _is_small(receipt: Receipt) -> bool:
    views = (receipt.before, receipt.after, *(part.change for part in receipt.parts))
    numeric = not receipt.change.dtype.startswith("complex")
    return numeric and receipt.change.size <= TALL and all(view.value is not None for view in views)


def _elements(name: str, receipt: Receipt, width: int) -> list[_LINE] | None:
    """A row for each element: before + each part = after; the shares, and one written out. None if too wide."""
    parts = receipt.parts
    size = receipt.change.size
    columns = [receipt.before.flat(), *(part.change.flat() for part in parts), receipt.after.flat()]
    texts = numbers([value for column in columns for value in column])
    cells = [align(texts[at * size : (at + 1) * size]) for at in range(len(columns))]
    titles = ["before", *(SHORT[part.kind] for part in parts), "after"]
    widths = [max(len(title), len(column[0])) for title, column in zip(titles, cells, strict=True)]
    labels = [name] if size == 1 else [f"{name}[{_index(receipt, at)}]" for at in range(size)]
    room = width - 2 - sum(widths) - 3 * (len(widths) - 1) - 2
    longest = max(len("share"), *map(len, labels))
    if longest > room:
        return None
    head = "   ".join(f"{title:>{wide}}" for title, wide in zip(titles, widths, strict=True))
    rows: list[_LINE] = [("", line((" " * (longest + 4) + head, MUTED)))]
    for at, label in enumerate(labels):
        pieces: list[Piece] = [("● ", ACCENT["update"]), (fit(label, longest) + "  ", STRONG)]
        for number_, (column, wide) in enumerate(zip(cells, widths, strict=True)):
            sign = "" if number_ == 0 else " = " if number_ == len(cells) - 1 else " + "
            pieces += [(sign, MUTED), (f"{column[at]:>{wide}}", STRONG if number_ == len(cells) - 1 else "")]
        rows.append((name, line(*pieces)))
    shares = ["", *(percent(part.share) for part in parts), ""]
    if len(parts) > 1:
        text = "   ".join(f"{share:>{wide}}" for share, wide in zip(shares, widths, strict=True))
        rows.append((name, line((fit("  share", longest + 4) + text.rstrip(), MUTED))))
    written = equation(name, receipt)
    return rows + [(name, row) for row in prose(written, width, "", "  ", "    ")] if written else rows


def equation(name: str, receipt: Receipt) -> str:
    """The first element's move as a product: `w[0]: -0.3133 = -0.01 · (27.5200 stale + 3.8144 fresh)`."""
    factors = {part.factor for part in receipt.parts}
    factor = next(iter(factors)) if len(factors) == 1 else None
    if factor is None or any(part.of is None or part.divided or not part.of.flat() for part in receipt.parts):
        return ""
    terms = [(SHORT[part.kind], part.of.flat()[0]) for part in receipt.parts if part.of is not None]
    texts = numbers([value for _, value in terms])
    inside = " + ".join(f"{text} {kind}" for (kind, _), text in zip(terms, texts, strict=True))
    at = "" if receipt.change.size == 1 else f"[{_index(receipt, 0)}]"
    moved = number(receipt.change.flat()[0])
    return f"{name}{at}: {moved} = {factor:g} · ({inside})"


def _norms(receipts: dict[str, Receipt], width: int) -> list[_LINE]:
    """A row for each leaf: norm of the change, relative to the weight's, and the shares of what it is made of."""
    kinds = [kind for kind in SHORT if any(part.kind == kind for item in receipts.values() for part in item.parts)]
    changes = [length(receipt.change) for receipt in receipts.values()]
    roomy = _norm_columns(receipts, kinds, brief=False)
    columns = roomy if _room(roomy, width) >= max(map(len, receipts)) else _norm_columns(receipts, kinds, brief=True)
    room = max(8, _room(columns, width))
    names = short_names(list(receipts), room)
    longest = max(map(len, names))
    bars = room - longest - 2
    top = max((change for change in changes if change is not None), default=0.0)
    head = "".join(f"  {cells[0]}" for cells in columns)
    rows: list[_LINE] = [("", line((f"  {column_head(list(receipts), room, longest)}{head}", MUTED)))]
    for at, name in enumerate(receipts):
        change = changes[at]
        text = "".join(f"  {cells[at + 1]}" for cells in columns)
        drawn = "  " + bar(change / top, bars - 2) if bars >= 6 and top and change is not None else ""
        pieces: Sequence[Piece] = (("● ", ACCENT["update"]), (fit(names[at], longest), STRONG), text)
        rows.append((name, line(*pieces, (drawn, "$text-success"))))
    return rows


def _norm_columns(receipts: dict[str, Receipt], kinds: Sequence[str], brief: bool) -> list[list[str]]:
    """The columns of numbers, each with its title, of equal width."""
    pairs = [(length(receipt.change), length(receipt.before)) for receipt in receipts.values()]
    moved = [NOTHING if change is None else f"{change:.1e}" for change, _ in pairs]
    relative = [f"{change / before:.1e}" if change is not None and before else NOTHING for change, before in pairs]
    columns = [
        ["||Δw||", *(moved if brief else align(numbers([change for change, _ in pairs])))],
        ["/ ||w||", *relative],
        *([BRIEF.get(kind, SHORT[kind]) if brief else SHORT[kind]] for kind in kinds),
    ]
    for kind, column in zip(kinds, columns[2:], strict=True):
        column += [percent(_share(receipt, kind)) for receipt in receipts.values()]
    widths = [max(map(len, column)) for column in columns]
    return [[f"{cell:>{wide}}" for cell in column] for column, wide in zip(columns, widths, strict=True)]


def _room(columns: Sequence[Sequence[str]], width: int) -> int:
    """Cells that columns leave to the names."""
    return width - 2 - sum(len(column[0]) + 2 for column in columns)


def _rules(stop: Stop, width: int) -> list[_LINE]:
    """The optimizer's rule with its numbers, once for all leaves that share it, and what has to be known besides."""
    rows: list[_LINE] = []
    for rule in dict.fromkeys(receipt.rule for receipt in stop.receipts.values() if receipt.rule):
        rows += [("", row) for row in prose(rule, width, MUTED, "  ", "    ")]
    for name, receipt in stop.receipts.items():
        notes = []
        if receipt.scaled != 1.0:
            notes.append(f"its gradient was multiplied by {number(receipt.scaled)} after backward")
        if receipt.unexplained:
            notes.append(f"the parts miss {percent(receipt.unexplained)} of the change")
        if notes:
            rows += [(name, row) for row in prose(f"{name}: {', '.join(notes)}", width, MUTED, "  ", "    ")]
        if len(stop.receipts) <= 2:
            rows += [(name, row) for row in _state(name, receipt, width)]
    return rows


def _state(name: str, receipt: Receipt, width: int) -> list[Content]:
    """The optimizer's state for one leaf, before and after: the number, or the norm."""
    rows = []
    for entry, state in receipt.state.items():
        before, after = length(state.before), length(state.after)
        if after is not None:
            rows += prose(f"{name} {entry}: {number(before)} → {number(after)}", width, MUTED, "  ", "    ")
    return rows


def _share(receipt: Receipt, kind: str) -> float | None:
    shares = [part.share for part in receipt.parts if part.kind == kind]
    return sum(shares) if shares else None


def percent(share: float | None) -> str:
    """`88 %`; small ones as `0.3 %`, `<0.1 %`."""
    if share is None:
        return "–"
    if 0 < abs(share) < 0.00095:
        return "<0.1 %"
    return f"{share * 100:.0f} %" if abs(share) >= 0.0095 or not share else f"{share * 100:.2g} %"


def _index(receipt: Receipt, at: int) -> str:
    places: list[str] = []
    for size in reversed(receipt.change.shape):
        at, place = divmod(at, size)
        places.insert(0, str(place))
    return ",".join(places)
