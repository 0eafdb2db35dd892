"""The list of conditions, and what can be written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content

from gradstep.draw.numbers import count
from gradstep.draw.text import MUTED, STRONG, fit, line, shorten


@dataclass(frozen=True)
class WaitRow:
    """What is said of a condition."""

    text: str
    on: bool
    once: bool
    met: int


def wait_lines(rows: Sequence[WaitRow], width: int) -> list[Content]:
    """One line a condition: whether it is on, its text, how often it was met."""
    lines = []
    for row in rows:
        facts = [count(row.met, "time") if row.met else "", "once" if row.once else "", "" if row.on else "off"]
        rest = " · ".join(fact for fact in facts if fact)
        room = max(8, width - len(rest) - 6)
        lines.append(
            line(
                "● " if row.on else "◯ ",
                (fit(shorten(row.text, room), room), STRONG if row.on else MUTED),
                (f"  {rest}", MUTED),
            )
        )
    return lines


def form_lines(forms: Sequence[tuple[str, str]], width: int, height: int) -> Content:
    """What can be typed, a line each, as many as there is room for."""
    column = max(len(text) for text, _ in forms) + 2
    rows = [line((fit(text, column), ""), (shorten(words, max(8, width - column)), MUTED)) for text, words in forms]
    return Content("\n").join(rows[: max(0, height)])
