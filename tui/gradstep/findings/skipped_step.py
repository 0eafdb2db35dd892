"""Steps that a GradScaler has left out because a gradient was not finite."""

from __future__ import annotations

from collections.abc import Sequence

from gradstep.model.stop import Finding, Stop


def skipped_step(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at the update after it, or at the end of the run if none came."""
    update = stops[-1].update
    if update is None or not update.skipped:
        return []
    steps = "a step" if update.skipped == 1 else f"{update.skipped} steps"
    message = (
        f"The GradScaler has skipped {steps} before this stop: a scaled gradient was Inf or NaN. It lowers its factor "
        "then; in the first iterations that is as it should be."
    )
    remedy = "If it goes on skipping, a gradient is not finite without the factor too: look for that."
    return [Finding("skipped-step", "info", message, remedy, {"skipped": update.skipped})]
