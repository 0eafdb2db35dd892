"""What is said of edits: in the name of a run, in the header, above the prompt."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable

from gradstep.draw.numbers import count
from gradstep.model.message import Clear, Edit, Evaluate, Evaluated, Rate, Swap
from gradstep.model.place import Place
from gradstep.model.stop import Stop

LONG = 24
"""Letters of an expression that stand in the name of a run."""


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


def edit_words(edit: Edit) -> str:
    """An edit in a word or two, for the name of a run."""
    match edit:
        case Clear(on):
            return "cleared" if on else "not cleared"
        case Rate(factor):
            return f"lr ×{factor:g}"
        case Evaluate(text):
            words = " ".join(text.split())
            return words if len(words) <= LONG else f"{words[: LONG - 1]}…"
    return "fresh step"


def again_name(name: str) -> str:
    """`run 1 again`, of that itself too."""
    return f"{name.partition(' again')[0]} again"


def branch_name(edit: Edit, stop: Stop) -> str:
    """`lr ×2 at stop 5`; at the start only what was done."""
    return edit_words(edit) + (f" at stop {stop.index:,}" if stop.phases else "")
