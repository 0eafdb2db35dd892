"""Probabilities given to a loss that expects logits and normalises them itself."""

from __future__ import annotations

from collections.abc import Sequence

from gradstep.findings.reading import at_line
from gradstep.model.stop import Finding, Stop

_DOES = {
    "cross_entropy": "cross_entropy applies log_softmax itself",
    "binary_cross_entropy_with_logits": "binary_cross_entropy_with_logits applies the sigmoid itself",
}


def normalised_twice(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at a forward stop whose loss was given the result of a softmax or a sigmoid for logits."""
    found = []
    for clue in stops[-1].clues_of("normalised-twice")[:1]:
        message = (
            f"{clue.of or 'The input'} of {clue.by}{at_line(clue.place)} has already been through {clue.other}"
            f"{at_line(clue.made)}, and {_DOES.get(clue.by, 'the loss normalises it itself')}: normalised twice, the "
            "loss cannot come near 0 and its gradients are small."
        )
        remedy = f"Give {clue.by} the logits: leave out the {clue.other}{at_line(clue.made)} in training."
        evidence: dict[str, float | int | str] = {"input": clue.of, "loss": clue.by, "op": clue.other}
        evidence |= {"line": clue.place.line, "made": clue.made.line}
        found.append(Finding("normalised-twice", "warning", message, remedy, evidence))
    return found
