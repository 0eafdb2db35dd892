"""`.grad` of a result: backward deposits gradients in leaves alone."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gradstep.findings.reading import at_line
from gradstep.model.clue import Clue
from gradstep.model.stop import Finding, Stop

_UNNAMED = re.compile(r"leaf_\d+$")


def grad_of_non_leaf(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at the stop after the read."""
    for clue in stops[-1].clues_of("grad-of-non-leaf"):
        name = clue.of or "a result"
        message = (
            f"{name}.grad{at_line(clue.place)} is None and stays so: {name} is no leaf but the result of "
            f"{clue.by or 'an op'}{at_line(clue.made)}, and {_behind(clue)}."
        )
        if not clue.of:
            message = message.replace("a result.grad", ".grad of a result", 1)
        remedy = (
            f"Ask for gradients once it is made: {clue.of or 'w'} = (...).detach().requires_grad_(); of a result that "
            "is to stay one, call retain_grad() before backward()."
        )
        evidence: dict[str, float | int | str] = {"tensor": clue.of, "line": clue.place.line, "made": clue.made.line}
        return [Finding("grad-of-non-leaf", "warning", message, remedy, evidence)]
    return []


def _behind(clue: Clue) -> str:
    """Where its gradient goes on to."""
    named = [leaf.name for leaf in clue.operands if leaf.name and not _UNNAMED.match(leaf.name)]
    if named:
        return f"its gradient goes on to {', '.join(named)}"
    shape = f" {list(clue.operands[0].shape)}" if clue.operands else ""
    return f"its gradient goes on to the leaf{shape} behind it, which has no name"
