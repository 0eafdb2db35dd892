"""The lines around the inspector's grid."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from gradstep.draw.heat import heat
from gradstep.draw.numbers import shape
from gradstep.draw.text import ACCENT, MUTED, STRONG, Piece, cells, line
from gradstep.model.stop import Stop
from gradstep.model.tensor import TensorView, Value, same

Part = tuple[str, Value | None, Value | None]
"""A title, what the element is now and what it was; None where that is not known."""


def head_line(name: str, view: TensorView | None, layout: str, stop: Stop, words: str, width: int) -> Content:
    """Which tensor, what it is, and of which stop; `words`: what the program does, or the answer to a key."""
    pieces: list[Piece] = [(name, STRONG)]
    if view is not None:
        facts = [shape(view.shape), view.dtype, view.device, layout]
        pieces.append((f"  {' · '.join(fact for fact in facts if fact)}", ""))
    phase = [(f"{stop.phase} ", ACCENT.get(stop.phase, MUTED)), (f"· stop {stop.index} · ", MUTED)]
    right: list[Piece] = [*(phase if stop.index >= 0 else []), words]
    if cells([*pieces, *right]) + 2 > width:
        right = [words]
    if cells([*pieces, *right]) + 2 > width:
        pieces = pieces[:1]
    return line(*pieces, " " * max(2, width - cells([*pieces, *right])), *right)


def element_line(index: str, parts: Sequence[Part], since: int) -> Content:
    """One element in full precision, and what it was."""
    pieces: list[Piece] = [(f"[{index}]" if index else "the number", STRONG)]
    for title, now, before in parts:
        pieces += [(f"   {title} ", MUTED), (full(now), heat(now, 0.0))]
        if before is not None and now is not None:
            pieces.append((" not changed" if same(before, now) else f", before {full(before)}", MUTED))
    if since >= 0:
        pieces.append((f"   (before: stop {since})", MUTED))
    return line(*pieces)


def full(value: Value | None) -> str:
    """The shortest text that reads back to the same value."""
    if value is None:
        return "…"
    if isinstance(value, list):
        real, imaginary = (repr(float(part)) for part in value)
        return f"{real}{'' if imaginary.startswith('-') else '+'}{imaginary}j"
    return repr(value)
