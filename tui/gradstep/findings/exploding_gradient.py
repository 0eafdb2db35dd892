"""Gradients that grow by many orders from the last layer to the first, or an update that dwarfs the weights."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gradstep.findings.layers import trend
from gradstep.findings.reading import at_line, before_update, change_of, root_mean_square, whole
from gradstep.findings.thresholds import LARGE_STEP, ROSE, SMALL_WEIGHT
from gradstep.findings.vanishing_gradient import evidence_of, in_words
from gradstep.model.stop import Finding, Stop
from gradstep.model.tensor import length

_REMEDY = "Clip the gradient (torch.nn.utils.clip_grad_norm_), lower the learning rate, or initialise smaller."


def exploding_gradient(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at a backward stop with such growth, and at a forward stop whose loss rose after such an update."""
    stop = stops[-1]
    if stop.light:
        return []
    if stop.phase == "backward":
        found = trend(stop)
        if found is None or found.orders < 0:
            return []
        message = f"The gradient explodes on its way back: {in_words(found)}."
        return [Finding("exploding-gradient", "warning", message, _REMEDY, evidence_of(found))]
    return _large_update(stops) if stop.phase == "forward" and stop.loss is not None else []


def _large_update(stops: Sequence[Stop]) -> list[Finding]:
    """The loss has risen, or is not finite any more, and the update before it was many times the weights."""
    loss = stops[-1].loss
    updates: list[int] = []
    before = None
    for at in range(len(stops) - 2, -1, -1):
        item = stops[at]
        if item.phase == "update" and not item.light and before_update(stops, at) is not None:
            updates.append(at)
        if item.phase == "forward" and loss is not None and item.loss is not None and item.loss.site == loss.site:
            before = item.loss.value
            break
    if loss is None or loss.value is None or before is None or not _rose(before, loss.value):
        return []
    found = max((large for at in updates for large in _large(stops, at)), default=None)
    if found is None:
        return []
    ratio, name, at = found
    step = change_of_any(stops, at, name)
    message = (
        f"The update{at_line(stops[at].place)} moved {name} by {whole(step)}, {whole(ratio)} times its own size, "
        f"and the loss went from {whole(before)} to {whole(loss.value)}."
    )
    entry = stops[at].gradients.get(name)
    evidence: dict[str, float | int | str] = {"leaf": name, "ratio": ratio, "before": before, "now": loss.value}
    norm = length(entry.now) if entry is not None else None
    if norm is not None:
        evidence["gradient"] = norm
    return [Finding("exploding-gradient", "warning", message, _REMEDY, evidence)]


def _rose(before: float, now: float) -> bool:
    return math.isfinite(before) and (not math.isfinite(now) or now > ROSE * abs(before))


def _large(stops: Sequence[Stop], at: int) -> list[tuple[float, str, int]]:
    """The leaves that an update has moved by many times their size."""
    old = stops[at - 1]
    found = []
    for name in stops[at].update.leaves if stops[at].update is not None else ():  # type: ignore[union-attr]
        view = old.tensors.get(name)
        size = root_mean_square(view)
        if view is None or size is None or not view.size:
            continue
        step = change_of_any(stops, at, name) / math.sqrt(view.size)
        ratio = step / max(size, SMALL_WEIGHT)
        if ratio >= LARGE_STEP and math.isfinite(ratio):
            found.append((ratio, name, at))
    return found


def change_of_any(stops: Sequence[Stop], at: int, name: str) -> float:
    """How far a leaf was moved; of a large one without a receipt, at least."""
    moved = change_of(stops[at], stops[at - 1], name)
    if moved is not None:
        return moved
    new, old = length(stops[at].tensors.get(name)), length(stops[at - 1].tensors.get(name))
    return abs(new - old) if new is not None and old is not None else 0.0
