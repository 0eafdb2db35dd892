"""The same batch in every iteration, though there is a loader with others."""

from __future__ import annotations

from collections.abc import Sequence

from gradstep.model.stop import Finding, Stop


def same_batch(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at the tenth forward stop running of the same loss on the same data."""
    for clue in stops[-1].clues_of("same-batch"):
        numbers = clue.numbers
        message = (
            f"The last {numbers['passes']:.0f} passes had the same data, though {clue.of} has {numbers['batches']:.0f} "
            "batches."
        )
        remedy = (
            f"Take a new batch in each iteration: for batch in {clue.of}. (next(iter(loader)) begins anew each time.)"
        )
        evidence: dict[str, float | int | str] = {"loader": clue.of, **numbers}
        return [Finding("same-batch", "info", message, remedy, evidence)]
    return []
