"""Gradients of micro-batches that are cleared before the step could use them."""

from __future__ import annotations

from collections.abc import Sequence

from gradstep.findings.reading import backward_passes
from gradstep.findings.thresholds import LOST_RUNNING
from gradstep.model.stop import Finding, Stop
from gradstep.model.tensor import length


def accumulation_lost(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at an update before which several passes of one loss were cleared, as at those before it."""
    stop = stops[-1]
    if stop.phase != "update" or stop.update is None or not stop.update.leaves:
        return []
    ends = [at for at, item in enumerate(stops) if item.phase == "update" and _is_of(item, stop)]
    if len(ends) < LOST_RUNNING:
        return []
    lost = [_lost(backward_passes(stops, at), set(stop.update.leaves)) for at in ends[-LOST_RUNNING:]]
    if not all(lost):
        return []
    passes = lost[-1] + 1
    message = (
        f"Of {passes} backward passes before this update only the last has counted: the gradients of the {lost[-1]} "
        "before it were cleared, as at the updates before."
    )
    remedy = "Clear gradients once an update: zero_grad() after optimizer.step(), not before every backward()."
    evidence: dict[str, float | int | str] = {"passes": passes, "lost": lost[-1]}
    return [Finding("accumulation-lost", "warning", message, remedy, evidence)]


def _is_of(item: Stop, stop: Stop) -> bool:
    return item.update is not None and stop.update is not None and item.update.number == stop.update.number


def _lost(passes: Sequence[Stop], moved: set[str]) -> int:
    """How many passes of the loss of the last one were cleared; 0 if they were kept, or used in between."""
    if not passes or passes[-1].loss is None or any(item.clues_of("closure") or item.light for item in passes):
        return 0
    last = passes[-1]
    same = [
        item for item in passes if item.loss is not None and last.loss is not None and item.loss.site == last.loss.site
    ]
    if len(same) < 2 or same != list(passes):
        return 0
    deposits = [{name for name, entry in item.gradients.items() if entry.fresh is not None} & moved for item in same]
    held = any(length(last.gradients[name].held) for name in deposits[-1])
    return 0 if held or not all(deposits) else len(same) - 1
