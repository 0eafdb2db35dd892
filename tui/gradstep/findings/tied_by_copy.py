"""An embedding and an output layer that began with equal weights and are trained apart."""

from __future__ import annotations

from collections.abc import Sequence

from gradstep.model.stop import Finding, Stop


def tied_by_copy(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at the forward stop at which they differ for the first time."""
    for clue in stops[-1].clues_of("tied-by-copy"):
        message = (
            f"{clue.of} and {clue.other} were equal at the start and now differ: the weights were copied, not shared."
        )
        remedy = f"To tie them, assign the parameter itself: {clue.other} = {clue.of}."
        evidence: dict[str, float | int | str] = {"embedding": clue.of, "layer": clue.other}
        return [Finding("tied-by-copy", "info", message, remedy, evidence)]
    return []
