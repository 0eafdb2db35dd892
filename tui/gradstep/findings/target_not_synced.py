"""A target network that is given its own weights."""

from __future__ import annotations

from collections.abc import Sequence

from gradstep.findings.reading import at_line
from gradstep.model.stop import Finding, Stop


def target_not_synced(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at the stop after the copy."""
    for clue in stops[-1].clues_of("target-not-synced"):
        message = (
            f"{clue.of}.load_state_dict(){at_line(clue.place)} was given the weights of {clue.of} itself: nothing "
            "changes."
        )
        remedy = f"Give it the other model's: {clue.of}.load_state_dict(model.state_dict())."
        evidence: dict[str, float | int | str] = {"module": clue.of, "line": clue.place.line}
        return [Finding("target-not-synced", "warning", message, remedy, evidence)]
    return []
