"""What is said of edits: the answer above the prompt, and the word in the header."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable

from textual.content import Content

from gradstep.draw.numbers import count
from gradstep.draw.text import ERROR, MUTED, line
from gradstep.model.message import Edit, Evaluate, Evaluated, Rate, Swap
from gradstep.model.place import Place

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


def where_words(frame: Place, title: str) -> str:
    """Whose variables a prompt sees: `train(), line 12`; between cells those of the program."""
    if not frame.line:
        return f"the variables of {title}"
    owner = title if frame.function in ("", "<module>") else f"{frame.function}()"
    return f"{owner}, {frame.spot}"


def asks_to_change(answer: Evaluated) -> bool:
    """Whether it was an edit and no look: it has changed a leaf, or is no mere expression."""
    if answer.stop is not None or not isinstance(answer.edit, Evaluate):
        return True
    try:
        ast.parse(answer.edit.text.strip(), mode="eval")
    except (SyntaxError, ValueError):
        return True
    return False


def edited_words(edits: Iterable[Edit]) -> str:
    """What makes this run another than the program's own: `lr ×2 · 1 edit`."""
    factor, swaps, lines = 1.0, 0, 0
    for edit in edits:
        factor *= edit.factor if isinstance(edit, Rate) else 1
        swaps += isinstance(edit, Swap)
        lines += isinstance(edit, Evaluate)
    words = [
        f"lr ×{factor:.4g}" if not math.isclose(factor, 1) else "",
        "fresh step" if swaps == 1 else f"{swaps} fresh steps" if swaps else "",
        count(lines, "edit") if lines else "",
    ]
    return " · ".join(word for word in words if word)
