"""The loss rose: on the same data after an update (overshoot), or on other data (which may be chance)."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gradstep.findings.stale_gradient import stale_leaves, stale_share
from gradstep.model.stop import Finding, Loss, Stop


def loss_rose(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at a forward stop whose loss is larger than the one before it of the same site, with an update between."""
    stop = stops[-1]
    if stop.phase != "forward" or stop.loss is None:
        return []
    before, between = _same_loss_before(stops)
    if before is None or before.loss is None or not any(item.phase == "update" for item in between):
        return []
    old, new = before.loss, stop.loss
    update = next(item for item in reversed(between) if item.phase == "update")
    ascending = update.update is not None and update.update.maximize
    if not rose(old, new, ascending):
        return []
    evidence: dict[str, float | int | str] = {
        "before": old.value or 0.0,
        "now": new.value or 0.0,
        "since": before.index,
    }
    verb = "fell" if ascending else "rose"
    change = f"The loss {verb} from {old.value:.4f} to {new.value:.4f}"
    if old.data != new.data:
        text = f"{change}, on other data (or other noise): that alone may be why."
        return [Finding("loss-rose", "info", text, "", evidence)]
    if any(item.phase == "backward" and item.loss is not None and item.loss.site != new.site for item in between):
        text = f"{change} on the same data, but other losses have had a part in the updates since."
        return [Finding("loss-rose", "info", text, "", evidence)]
    backward = next((item for item in reversed(between) if item.phase == "backward"), None)
    return [_overshoot(change, evidence, update, backward)]


def rose(old: Loss, new: Loss, ascending: bool = False) -> bool:
    """Whether the loss got worse by more than rounding."""
    return new.worse_than(old, ascending)


def _same_loss_before(stops: Sequence[Stop]) -> tuple[Stop | None, list[Stop]]:
    """The latest earlier forward stop of the same site, and the stops since."""
    loss = stops[-1].loss
    for back, item in enumerate(reversed(stops[:-1]), 2):
        if item.phase == "forward" and item.loss is not None and loss is not None and item.loss.site == loss.site:
            return item, list(stops[len(stops) - back + 1 : -1])
    return None, []


def _overshoot(change: str, evidence: dict[str, float | int | str], update: Stop, backward: Stop | None) -> Finding:
    text = f"{change} on the same data: the update overshot."
    remedy = "Try a smaller learning rate."
    source = backward or update
    stale = stale_leaves(source)
    share = stale_share(source)
    if stale and share is not None:
        evidence["stale_share"] = share
        name = next(iter(stale))
        entry = stale[name]
        part = f"{share * 100:.0f} %" if share <= 1 else "More than all"
        text += f" {part} of the gradient of that step is stale: earlier updates had already used it"
        now, fresh = _length(entry.now), _length(entry.fresh)
        if now is not None and fresh is not None:
            text += f" (‖{name}.grad‖ {now:.4g}, of which this backward pass gave {fresh:.4g})"
        text += "."
        remedy = "Clear gradients before each backward pass: optimizer.zero_grad(), or w.grad = None. Key z tries it."
    elif update.update is not None and update.update.lr is not None:
        evidence["lr"] = update.update.lr
    return Finding("overshoot", "error", text, remedy, evidence)


def _length(view: object) -> float | None:
    from gradstep.model.tensor import TensorView

    if not isinstance(view, TensorView):
        return None
    if view.norm is not None:
        return float(view.norm)
    flat = [item for item in view.flat() if isinstance(item, (int, float))]
    return math.sqrt(sum(item * item for item in flat)) if len(flat) == view.size else None
