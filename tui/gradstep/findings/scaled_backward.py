"""A backward pass that begins with another gradient than 1."""

from __future__ import annotations

from collections.abc import Sequence

from gradstep.findings.reading import at_line, whole
from gradstep.model.stop import Finding, Stop


def scaled_backward(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at the stop after such a call."""
    for clue in stops[-1].clues_of("scaled-backward"):
        factor = clue.numbers["factor"]
        message = (
            f"backward(){at_line(clue.place)} was given the gradient {whole(factor)} to begin with, not 1: every "
            f"gradient is {whole(factor)} times that of the loss."
        )
        remedy = "Call loss.backward() without an argument; weigh losses where they are added up."
        evidence: dict[str, float | int | str] = {"factor": factor, "line": clue.place.line}
        return [Finding("scaled-backward", "warning", message, remedy, evidence)]
    return []
