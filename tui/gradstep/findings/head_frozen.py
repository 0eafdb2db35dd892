"""A frozen last layer over layers that are trained."""

from __future__ import annotations

from collections.abc import Sequence

from gradstep.findings.reading import at_line
from gradstep.model.stop import Finding, Stop


def head_frozen(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at the first forward stops."""
    for clue in stops[-1].clues_of("head-frozen"):
        message = (
            f"The last layer before the loss, {clue.of}{at_line(clue.place)}, is frozen, while layers before it"
            f"{f' ({clue.other})' if clue.other else ''} are trained: they must fit what a fixed layer makes of them."
        )
        remedy = f"If {clue.of} is to learn: requires_grad_(True) on it, and give it to the optimizer."
        evidence: dict[str, float | int | str] = {"layer": clue.of, "trained": clue.other, "line": clue.place.line}
        return [Finding("head-frozen", "info", message, remedy, evidence)]
    return []
