"""Dropout that drops though the model is in evaluation mode."""

from __future__ import annotations

from collections.abc import Sequence

from gradstep.findings.reading import at_line
from gradstep.model.stop import Finding, Stop


def dropout_in_eval(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at the first stop after such an evaluation."""
    for clue in stops[-1].clues_of("dropout-in-eval"):
        message = (
            f"{clue.by}{at_line(clue.place)} has dropped units while {clue.of} was in evaluation mode: its results are "
            "random there."
        )
        remedy = f"F.{clue.by}(x, p, training=self.training), or nn.Dropout made in __init__."
        evidence: dict[str, float | int | str] = {"module": clue.of, "op": clue.by, "line": clue.place.line}
        return [Finding("dropout-in-eval", "info", message, remedy, evidence)]
    return []
