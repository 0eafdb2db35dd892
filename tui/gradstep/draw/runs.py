"""The list of the runs, and two stops side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content

from gradstep.draw.numbers import align, count, number, numbers, signed
from gradstep.draw.text import ERROR, MUTED, STRONG, fit, line, shorten
from gradstep.model.moment import Moment
from gradstep.model.stop import Stop
from gradstep.model.tensor import TensorView, Value, length, same

FEW = 8
"""Of tensors of up to this many elements each has a row."""


@dataclass(frozen=True)
class RunRow:
    """What is said of a run."""

    name: str
    stops: int
    """How many have been made."""
    loss: float | None
    """The last one."""
    edits: str
    shown: bool
    alive: bool
    """Its program exists."""
    why: str = ""
    """`from run 1 at stop 5`."""


def run_lines(rows: Sequence[RunRow], width: int) -> list[Content]:
    """One line a run: a sign for the one that is shown, name, stops, last loss, edits."""
    names = min(max(len(row.name) for row in rows), max(12, width // 3))
    losses = align([number(row.loss) if row.loss is not None else "–" for row in rows])
    stops = [f"{row.stops:,}" for row in rows]
    most = max(map(len, stops))
    lines = []
    for row, loss, stop in zip(rows, losses, stops, strict=True):
        rest = " · ".join(part for part in ("" if row.alive else "past", row.why, row.edits) if part)
        room = max(0, width - names - most - len(loss) - 18)
        lines.append(
            line(
                ("▶ " if row.shown else "  ", STRONG),
                (fit(shorten(row.name, names), names), STRONG if row.shown else ""),
                (f"  {stop:>{most}} {'stop ' if row.stops == 1 else 'stops'}  loss ", MUTED),
                loss,
                (f"  {fit(rest, room).rstrip()}", MUTED),
            )
        )
    return lines


@dataclass(frozen=True)
class Pair:
    """One row of a comparison."""

    name: str
    left: str
    right: str
    differs: bool
    group: str = ""
    """Heading under which it stands."""
    change: str = ""
    """Right less left."""


def compare_lines(left: Moment, right: Moment, width: int) -> list[Content]:
    """Loss, tensors and gradients of two stops; ≠ where they differ, and by how much."""
    pairs = [*_facts(left.stop, right.stop), *_tensors(left.stop, right.stop), *_gradients(left.stop, right.stop)]
    names = min(max(len(pair.name) for pair in pairs), max(10, width // 4))
    longest = max(max(len(pair.left), len(pair.right)) for pair in pairs)
    column = max(8, min(max(longest, *map(len, where(left)), *map(len, where(right))), (width - names - 9) // 2))
    change = max((len(pair.change) for pair in pairs), default=0)
    change = change if names + 2 * column + change + 12 <= width else 0
    lines: list[Content] = []
    for at in range(2):
        heads = fit(where(left)[at], column), fit(where(right)[at], column)
        by = "right - left" if at == 0 and change else ""
        lines.append(line(" " * (names + 4), (heads[0], STRONG), "   ", (heads[1], STRONG), (f"   {by}", MUTED)))
    group = ""
    for pair in pairs:
        if pair.group != group:
            group = pair.group
            lines += [line(""), line((f"  {group}", STRONG))]
        style = "" if pair.differs else MUTED
        by = pair.change if change and pair.differs else ""
        lines.append(
            line(
                ("≠ ", ERROR) if pair.differs else ("  ", ""),
                (fit(shorten(pair.name, names), names), STRONG if pair.differs else MUTED),
                (f"  {fit(pair.left, column)}", style),
                (" │ ", MUTED),
                (fit(pair.right, column), STRONG if pair.differs else MUTED),
                (f"   {by}", MUTED),
            )
        )
    return lines


def compare_summary(left: Moment, right: Moment) -> str:
    """`3 of 9 differ`."""
    pairs = [*_tensors(left.stop, right.stop), *_gradients(left.stop, right.stop)]
    names = {pair.group + pair.name.partition("[")[0] for pair in pairs}
    other = {pair.group + pair.name.partition("[")[0] for pair in pairs if pair.differs}
    return f"{len(other)} of {count(len(names), 'tensor and gradient', 'tensors and gradients')} differ"


def where(moment: Moment) -> tuple[str, str]:
    """`run 1, stop 5`, and `backward of iteration 2`."""
    stop = moment.stop
    phase = f"{stop.phase} of iteration {stop.iteration:,}" if stop.iteration else stop.phase
    return f"{moment.name}, stop {stop.index:,}", phase


def _facts(left: Stop, right: Stop) -> list[Pair]:
    losses = [stop.loss.value if stop.loss is not None else None for stop in (left, right)]
    texts = numbers(losses)
    if losses[0] != losses[1] and texts[0] == texts[1]:
        texts = [repr(loss) for loss in losses]
    shown = align([text if loss is not None else "–" for text, loss in zip(texts, losses, strict=True)])
    findings = [", ".join(found.kind for found in stop.findings) or "–" for stop in (left, right)]
    return [
        Pair("loss", shown[0], shown[1], not same(losses[0], losses[1]), change=_change(*losses)),
        Pair("findings", findings[0], findings[1], findings[0] != findings[1]),
    ]


def _tensors(left: Stop, right: Stop) -> list[Pair]:
    names = dict.fromkeys([*left.tensors, *right.tensors])
    return [pair for name in names for pair in _views(name, left.tensors.get(name), right.tensors.get(name), "Tensors")]


def _gradients(left: Stop, right: Stop) -> list[Pair]:
    names = dict.fromkeys([*left.gradients, *right.gradients])
    ledgers = [(name, left.gradients.get(name), right.gradients.get(name)) for name in names]
    return [
        pair
        for name, one, two in ledgers
        for pair in _views(
            f"{name}.grad", one.now if one is not None else None, two.now if two is not None else None, "Gradients"
        )
    ]


def _views(name: str, left: TensorView | None, right: TensorView | None, group: str) -> list[Pair]:
    """A row an element of small tensors, else the norms and what else is known."""
    if left is None or right is None or left.shape != right.shape:
        return [Pair(name, _short(left), _short(right), (left is None) != (right is None) or left != right, group)]
    if left.value is None or right.value is None or left.size > FEW:
        return [Pair(name, _short(left), _short(right), _differ(left, right), group)]
    ones, twos = left.flat(), right.flat()
    texts = align(numbers([*ones, *twos]))
    labels = [name if not left.shape else f"{name}[{_index(at, left.shape)}]" for at in range(len(ones))]
    return [
        Pair(label, texts[at], texts[len(ones) + at], not same(ones[at], twos[at]), group, _change(ones[at], twos[at]))
        for at, label in enumerate(labels)
    ]


def _differ(left: TensorView, right: TensorView) -> bool:
    """Whether two tensors are not the same, as far as both are known."""
    if left.value is not None and right.value is not None:
        return not same(left.flat(), right.flat())
    pairs = [(getattr(left, name), getattr(right, name)) for name in ("min", "max", "mean", "norm", "nan", "inf")]
    return any(one is not None and two is not None and not same(one, two) for one, two in pairs)


def _change(left: Value | None, right: Value | None) -> str:
    if not isinstance(left, (int, float)) or not isinstance(right, (int, float)):
        return ""
    return signed(float(right) - float(left))


def _short(view: TensorView | None) -> str:
    if view is None:
        return "none"
    facts = (("norm", length(view)), ("min", view.min), ("max", view.max))
    known = [f"{word} {number(value)}" for word, value in facts if value is not None]
    return "  ".join([f"[{'×'.join(map(str, view.shape))}]", *known])


def _index(at: int, shape: Sequence[int]) -> str:
    places: list[str] = []
    for size in reversed(shape):
        at, place = divmod(at, size)
        places.insert(0, str(place))
    return ",".join(places)
