"""Predictions in a column and targets in a row: every prediction is compared with every target."""

from __future__ import annotations

from collections.abc import Sequence

from gradstep.findings.reading import at_line
from gradstep.model.stop import Finding, Stop


def broadcast_loss(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at a forward stop whose loss is made of such a difference."""
    for clue in stops[-1].clues_of("broadcast-loss"):
        size, column = int(clue.numbers["size"]), bool(clue.numbers["column"])
        output, target = clue.of or "the output", clue.other or "the target"
        shapes = (f"({size}, 1)", f"({size},)") if column else (f"({size},)", f"({size}, 1)")
        message = (
            f"{clue.by.strip('_')}{at_line(clue.place)} broadcasts {output} {shapes[0]} against {target} {shapes[1]} "
            f"to ({size}, {size}): each of the {size} predictions is compared with all {size} targets, so that the "
            "best it can learn is their mean."
        )
        name = clue.of if column else clue.other
        how = f"{name}.squeeze(1)" if name else "squeeze(1) the column, or unsqueeze(1) the row"
        remedy = f"Give both the same shape: {how}."
        evidence: dict[str, float | int | str] = {"size": size, "output": clue.of, "target": clue.other}
        evidence["line"] = clue.place.line
        return [Finding("broadcast-loss", "warning", message, remedy, evidence)]
    return []
