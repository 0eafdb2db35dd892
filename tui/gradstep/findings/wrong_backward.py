"""A custom Function whose backward is not the derivative of its forward."""

from __future__ import annotations

from collections.abc import Sequence

from gradstep.findings.reading import at_line, whole
from gradstep.model.stop import Finding, Stop


def wrong_backward(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at the first stop after a call of the function."""
    for clue in stops[-1].clues_of("wrong-backward"):
        expected, told = clue.numbers["expected"], clue.numbers["told"]
        message = (
            f"{clue.of}.backward{at_line(clue.place)} is not the derivative of its forward: along a random direction "
            f"its result changes by {whole(expected)}, and backward says {whole(told)}."
        )
        remedy = "Multiply by grad_output and check the formula: torch.autograd.gradcheck tells which input is off."
        evidence: dict[str, float | int | str] = {"function": clue.of, "line": clue.place.line}
        evidence |= {"expected": expected, "told": told}
        return [Finding("wrong-backward", "warning", message, remedy, evidence)]
    return []
