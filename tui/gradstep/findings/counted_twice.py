"""A loss that was propagated by itself and again within a sum."""

from __future__ import annotations

from collections.abc import Sequence

from gradstep.findings.reading import at_line
from gradstep.model.stop import Finding, Stop
from gradstep.model.tensor import length


def counted_twice(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at the backward stop of the sum, if the first pass's gradients were still there."""
    stop = stops[-1]
    if stop.phase != "backward":
        return []
    for clue in stop.clues_of("counted-twice"):
        if not any(length(entry.held) for entry in stop.gradients.values() if entry.fresh is not None):
            return []
        message = (
            f"backward(){at_line(clue.place)} goes through a loss whose own backward() ({clue.other}) has already "
            "deposited its gradients: they are counted twice in the next step."
        )
        remedy = "Call backward() once, on the sum; the parts need none of their own."
        evidence: dict[str, float | int | str] = {"line": clue.place.line, "first": clue.other}
        return [Finding("counted-twice", "warning", message, remedy, evidence)]
    return []
