"""A classifier whose first loss is far above that of one that knows nothing."""

from __future__ import annotations

from collections.abc import Sequence

from gradstep.findings.reading import at_line, figure
from gradstep.model.stop import Finding, Stop


def loss_at_start(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at the first forward stop of a cross_entropy."""
    for clue in stops[-1].clues_of("loss-at-start"):
        numbers = clue.numbers
        message = (
            f"The first cross_entropy{at_line(clue.place)} is {figure(numbers['loss'])}. Over {numbers['classes']:.0f} "
            f"classes a model that knows nothing loses ln {numbers['classes']:.0f} = {figure(numbers['usual'])}: this "
            "one begins by being sure of wrong answers."
        )
        remedy = "Scale the inputs (0 to 1, or mean 0 and variance 1), or begin with a smaller last layer."
        evidence: dict[str, float | int | str] = {**numbers, "line": clue.place.line}
        return [Finding("loss-at-start", "info", message, remedy, evidence)]
    return []
