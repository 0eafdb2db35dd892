"""Updates that move the weights by less than a ten-millionth of their size, though the gradient is not small."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gradstep.findings.reading import (
    CUT_REMEDY,
    before_update,
    change_of,
    cut,
    gradient_size,
    is_converged,
    updates_running,
    whole,
)
from gradstep.findings.thresholds import FELT, SMALL_RUNNING, SMALL_STEP
from gradstep.model.stop import Finding, Stop
from gradstep.model.tensor import length


def step_too_small(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at an update stop, if it was so at several before it with the same learning rate."""
    stop = stops[-1]
    running = updates_running(stops)[:SMALL_RUNNING]
    if len(running) < SMALL_RUNNING or stop.update is None:
        return []
    rates = {stops[at].update.lr for at in running}  # type: ignore[union-attr]
    if len(rates) > 1 or 0 in rates:
        return []
    steps = []
    for at in running:
        step = _relative(stops, at)
        if step is None or not 0 < step < SMALL_STEP:
            return []
        steps.append(step)
    names = [name for name in _trained(stop) if name in stop.gradients]
    if not names or is_converged(stop, names) or not _is_felt(stop, names):
        return []
    rate = f" with learning rate {stop.update.lr:g}" if stop.update.lr is not None else ""
    who = f"{stop.update.optimizer}.step()" if stop.update.optimizer else "The update by hand"
    message = (
        f"{who} moved the weights by {whole(steps[0])} of their size{rate}, and so did the {SMALL_RUNNING - 1} updates "
        "before it: at that pace nothing is learned."
    )
    shortened = cut(stops, len(stops) - 1, names)
    message += shortened
    remedy = "Raise the learning rate: a step of about a thousandth of the weights' size is usual."
    remedy = CUT_REMEDY if shortened else remedy
    evidence: dict[str, float | int | str] = {"relative": steps[0], "updates": SMALL_RUNNING}
    if stop.update.lr is not None:
        evidence["lr"] = stop.update.lr
    return [Finding("step-too-small", "warning", message, remedy, evidence)]


def _relative(stops: Sequence[Stop], at: int) -> float | None:
    """||change|| / ||weights|| over all leaves that the update trains; None where that is not known."""
    stop, before = stops[at], before_update(stops, at)
    step, size = 0.0, 0.0
    for name in _trained(stop):
        moved, weight = change_of(stop, before, name), length(stop.tensors.get(name))
        if moved is None or weight is None:
            return None
        step, size = math.hypot(step, moved), math.hypot(size, weight)
    return step / size if size > 0 and math.isfinite(size) else None


def _trained(stop: Stop) -> list[str]:
    """The leaves that it has moved, and those beside them that have a gradient and are too large to be moved by it."""
    update = stop.update
    if update is None:
        return []
    facts = stop.facts.items()
    own = [name for name, fact in facts if fact.owner == update.number and fact.passes and not fact.given]
    held = [name for name in own if name in stop.tensors and (name in update.leaves or _has_gradient(stop, name))]
    return list(dict.fromkeys((*update.leaves, *held)))


def _has_gradient(stop: Stop, name: str) -> bool:
    entry = stop.gradients.get(name)
    return entry is not None and gradient_size(entry) > 0


def _is_felt(stop: Stop, names: Sequence[str]) -> bool:
    """Whether the loss depends on the weights to speak of."""
    gradient = math.hypot(*(gradient_size(stop.gradients.get(name)) for name in names))
    weight = math.hypot(*(length(stop.tensors.get(name)) or 0.0 for name in names))
    loss = abs(stop.loss.value) if stop.loss is not None and stop.loss.value is not None else 0.0
    return gradient * weight > FELT * loss
