"""An optimizer that is made anew for every update, so that what it remembers is lost."""

from __future__ import annotations

from collections.abc import Sequence

from gradstep.findings.thresholds import RECREATED_RUNNING
from gradstep.model.stop import Finding, Stop


def optimizer_recreated(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at an update by the third optimizer running that steps for the first time, on the same leaves."""
    stop = stops[-1]
    if stop.phase != "update" or stop.update is None or stop.update.number < 0 or not stop.update.remembers:
        return []
    leaves = set(stop.update.leaves)
    before = [item.update for item in stops if item.phase == "update" and item.update is not None]
    same = [one for one in before if leaves and set(one.leaves) == leaves and one.number >= 0]
    latest = same[-RECREATED_RUNNING:]
    numbers = [one.number for one in latest]
    if len(latest) < RECREATED_RUNNING or numbers != sorted(set(numbers)):
        return []
    if any(one.optimizer != stop.update.optimizer for one in latest) or numbers[0] in [
        one.number for one in same[: -len(latest)]
    ]:
        return []
    message = (
        f"Each of the last {len(latest)} updates of the same weights was made by another {stop.update.optimizer}: "
        "what it "
        "remembers of earlier gradients (momentum, averages) begins at zero every time."
    )
    remedy = "Make the optimizer once, before the loop."
    evidence: dict[str, float | int | str] = {"updates": len(latest), "optimizer": stop.update.optimizer}
    return [Finding("optimizer-recreated", "warning", message, remedy, evidence)]
