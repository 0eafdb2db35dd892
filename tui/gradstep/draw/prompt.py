"""The answer above the line in which Python is typed."""

from __future__ import annotations

from textual.content import Content

from gradstep.draw.numbers import count
from gradstep.draw.text import ERROR, MUTED, line

HEIGHT = 11
"""Lines of a prompt and its answer."""


def answer_lines(asked: str, text: str, error: bool) -> list[Content]:
    """What was typed and what it gave; what is longer stands in the console."""
    rows = text.splitlines()
    most = HEIGHT - 2
    lines = [line((f">>> {asked}", MUTED))] if asked else []
    lines += [line((row, ERROR if error else "")) for row in rows[:most]]
    if len(rows) > most:
        lines[-1] = line((f"… {count(len(rows) - most + 1, 'more line')}: esc, then k shows all", MUTED))
    return lines
