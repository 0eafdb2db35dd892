"""Outputs that are computed in training mode and never propagated: a validation."""

from __future__ import annotations

from collections.abc import Sequence

from gradstep.findings.reading import at_line
from gradstep.model.stop import Finding, Stop


def validation_in_training(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at the forward stop after it."""
    for clue in stops[-1].clues_of("validation-in-training"):
        message = (
            f"{clue.of}{at_line(clue.place)} has computed outputs with gradient that no backward() follows, in "
            f"training mode: its {clue.by} acted as in training."
        )
        remedy = (
            f"For a validation: {clue.of}.eval() before it, with torch.no_grad() around it, {clue.of}.train() after."
        )
        evidence: dict[str, float | int | str] = {"module": clue.of, "op": clue.by, "line": clue.place.line}
        return [Finding("validation-in-training", "info", message, remedy, evidence)]
    return []
