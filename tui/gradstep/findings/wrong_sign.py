"""A step whose own-gradient part goes up the slope, where the loss is to be made small."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from gradstep.findings.reading import at_line, before_update, difference, elements, fresh_gradient, listed
from gradstep.findings.reading import updates_running as running_of
from gradstep.findings.thresholds import UPHILL
from gradstep.model.stop import Finding, Stop

_ASCENDED = re.compile(
    r"(?i)(^|[_.])(reward|returns?|objective|utility|score|(log_?)?(lik|likelihood|prob|posterior)|elbo|entropy|j)"
)
"""Names of what is made large, by hand and without a minus sign."""

_OPPONENT = re.compile(
    r"(?i)(^|[_.])(lam|lambda\w*|lmbda\w*|multiplier\w*|dual\w*|adv\w*|delta\w*|eta|pert\w*|noise\w*)$"
)
"""Names of leaves that play against the others: multipliers, and inputs under attack."""


def wrong_sign(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at an update stop. An update by hand must have gone uphill each time: momentum does so now and then."""
    stop = stops[-1]
    update = stop.update
    if stop.phase != "update" or update is None or update.maximize or stop.light:
        return []
    if stop.loss is not None and _ASCENDED.search(stop.loss.name) and update.number < 0:
        return []
    names = [name for name in update.leaves if not _is_opponent(stop, name)]
    found = {name: value for name in names if (value := _uphill(stops, len(stops) - 1, name)) > UPHILL}
    if update.number < 0 or not stop.receipts:
        found = {name: value for name, value in found.items() if _always(stops, name)}
    if not found:
        return []
    first, value = next(iter(found.items()))
    receipt = stop.receipts.get(first)
    who = f"{update.optimizer}.step()" if update.optimizer else "The update"
    message = (
        f"{who}{at_line(stop.place)} moves {listed(list(found))} up the slope: the step has the sign of the gradient, "
        f"which points to where the loss grows (cosine {value:+.2f})."
    )
    if receipt is not None and receipt.scaled < 0:
        message += f" The gradient was multiplied by {receipt.scaled:g} after backward."
    remedy = "Subtract the gradient: w -= lr * w.grad, with lr above 0. To go up on purpose: maximize=True."
    evidence: dict[str, float | int | str] = {"leaves": len(found), "first": first, "cosine": value}
    lr = receipt.lr if receipt is not None and receipt.lr is not None else update.lr
    if lr is not None:
        evidence["lr"] = lr
    return [Finding("wrong-sign", "error", message, remedy, evidence)]


def _uphill(stops: Sequence[Stop], at: int, name: str) -> float:
    """Cosine between the leaf's own step and its fresh gradient; 0 where it is not known."""
    stop = stops[at]
    receipt = stop.receipts.get(name)
    if receipt is not None:
        return receipt.uphill
    before, entry = before_update(stops, at), stop.gradients.get(name)
    gradient = elements(fresh_gradient(entry)) if entry is not None else None
    moved = difference(stop.tensors.get(name), before.tensors.get(name)) if before is not None else None
    if gradient is None or moved is None or len(gradient) != len(moved) or entry is None or entry.stale:
        return 0.0
    size = math.hypot(*gradient) * math.hypot(*moved)
    return sum(one * two for one, two in zip(gradient, moved, strict=True)) / size if size > 0 else 0.0


def _always(stops: Sequence[Stop], name: str) -> bool:
    """Whether all its updates have gone uphill, as far as they are known."""
    cosines = [_uphill(stops, at, name) for at in running_of(stops)]
    fact = stops[-1].facts.get(name)
    return all(value > UPHILL for value in cosines) and fact is not None


def _is_opponent(stop: Stop, name: str) -> bool:
    """Whether to go uphill is what the leaf is for: an input under attack, an image that is dreamt, a multiplier."""
    fact = stop.facts.get(name)
    if fact is not None and fact.parameter:
        return False
    if _OPPONENT.search(name) or stop.graph.modules:
        return True
    return any(item.parameter for item in stop.facts.values()) or _is_sign_step(stop, name)


def _is_sign_step(stop: Stop, name: str) -> bool:
    """Whether all elements have moved by the same amount, as in an attack by the gradient's sign."""
    receipt = stop.receipts.get(name)
    moved = elements(receipt.change) if receipt is not None else None
    sizes = [abs(item) for item in moved or () if item]
    return len(sizes) > 1 and max(sizes) - min(sizes) < 1e-3 * max(sizes)
