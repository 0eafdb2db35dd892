"""A loss whose target is computed from the weights that are trained: gradient flows into both sides."""

from __future__ import annotations

from collections.abc import Sequence

from gradstep.findings.reading import at_line
from gradstep.model.stop import Finding, Stop


def target_requires_grad(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at a forward stop."""
    for clue in stops[-1].clues_of("target-requires-grad"):
        message = (
            f"The target {clue.of}{at_line(clue.made, ' (made at ')} of {clue.by}{at_line(clue.place)} depends on "
            f"{clue.other}, as its input does: the target is pulled towards the prediction too."
        )
        remedy = (
            f"If the target is to stand still: {clue.of or 'target'}.detach(), or compute it under torch.no_grad()."
        )
        evidence: dict[str, float | int | str] = {"target": clue.of, "leaf": clue.other, "line": clue.place.line}
        return [Finding("target-requires-grad", "info", message, remedy, evidence)]
    return []
