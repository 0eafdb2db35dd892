"""An optimizer that is made anew for every update, so that what it remembers is lost."""

from __future__ import annotations

from collections.abc import Sequence

from gradstep.findings.thresholds import RECREATED_RUNNING
from gradstep.model.stop import Finding, Stop


def optimizer_recreated(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at an update by the third optimizer running that steps for the first time, on the same leaves."""
    update = stops[-1].update
    if stops[-1].phase != "update" or update is None or not update.remembers:
        return []
    updates = update.anew + 1
    if updates < RECREATED_RUNNING:
        return []
    message = (
        f"Each of the last {updates} updates of the same weights was made by another {update.optimizer}: what it "
        "remembers of earlier gradients (momentum, averages) begins at zero every time."
    )
    remedy = "Make the optimizer once, before the loop."
    evidence: dict[str, float | int | str] = {"updates": updates, "optimizer": update.optimizer}
    return [Finding("optimizer-recreated", "warning", message, remedy, evidence)]
