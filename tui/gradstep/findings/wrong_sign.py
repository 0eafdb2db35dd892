"""A step whose own-gradient part goes up the slope, where the loss is to be made small."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from gradstep.findings.reading import at_line, before_update, difference, fresh_gradient, listed, updates_running
from gradstep.findings.thresholds import ROUND_DIGITS, SAME_RATE, UPHILL, UPHILL_RUNNING
from gradstep.model.graph import GraphNode
from gradstep.model.stop import Finding, Stop
from gradstep.model.tensor import length, reals

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
    if stop.phase != "update" or update is None or update.maximize or stop.light or update.optimizer == "LBFGS":
        return []
    if stop.loss is not None and _ASCENDED.search(stop.loss.name) and update.number < 0:
        return []
    names = [name for name in update.leaves if not is_opponent(stop, name) and not is_tried(stop, name)]
    found = {name: value for name in names if (value := _uphill(stops, len(stops) - 1, name)) > UPHILL}
    found = {name: value for name, value in found.items() if _is_split(stop, name) or _always(stops, name)}
    if not found or (len(found) < len(names) and all(_may_be_sum(stop, name) for name in found)):
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
    if before is None or entry is None or entry.stale:
        return 0.0
    gradient = reals(entry.now if length(entry.held) else fresh_gradient(entry))
    moved = difference(stop.tensors.get(name), before.tensors.get(name))
    if gradient is None or moved is None or len(gradient) != len(moved):
        return 0.0
    size = math.hypot(*gradient) * math.hypot(*moved)
    return sum(one * two for one, two in zip(gradient, moved, strict=True)) / size if size > 0 else 0.0


def _may_be_sum(stop: Stop, name: str) -> bool:
    """Whether the sign may come of what the program has added to a gradient of one element: any sum is a multiple."""
    receipt = stop.receipts.get(name)
    return receipt is not None and receipt.scaled < 0 and receipt.change.size == 1


def _is_split(stop: Stop, name: str) -> bool:
    """Whether an optimizer made the step whose rule is known, so that momentum is not taken for the gradient's own."""
    receipt = stop.receipts.get(name)
    by_hand = stop.update is not None and stop.update.number < 0
    return receipt is not None and not by_hand and any(part.kind != "other" for part in receipt.parts)


def _least(stop: Stop, name: str) -> int:
    """How many updates there must be: one made by hand, with a learning rate that is a round number, tells at once."""
    if stop.receipts and (stop.update is None or stop.update.number >= 0):
        return UPHILL_RUNNING
    rate = _rate(stop, name)
    return 1 if rate is None or _is_round(rate) else UPHILL_RUNNING


def _always(stops: Sequence[Stop], name: str) -> bool:
    """Whether all its updates have gone uphill: those that are known from the first on, or since this was found.

    With factors that are not round and differ from one update to the next, they are steps along a return or an error.
    """
    fact = stops[-1].facts.get(name)
    if fact is not None and fact.updates < _least(stops[-1], name):
        return False
    known = updates_running(stops)
    rates: list[float] = []
    for seen, at in enumerate(known, 1):
        if _uphill(stops, at, name) <= UPHILL:
            return False
        rate = _rate(stops[at], name)
        rates += [rate] if rate is not None and not _is_round(rate) else []
        first = fact is not None and seen == fact.updates
        if first or (at < len(stops) - 1 and stops[at].finding("wrong-sign") is not None):
            return len(rates) < UPHILL_RUNNING or max(rates) - min(rates) <= SAME_RATE * abs(rates[0])
    return False


def _rate(stop: Stop, name: str) -> float | None:
    """The learning rate that an update by hand tells."""
    receipt = stop.receipts.get(name)
    by_hand = stop.update is not None and stop.update.number < 0
    return receipt.lr if receipt is not None and by_hand else None


def _is_round(rate: float) -> bool:
    """Whether it has few digits, as numbers that people choose."""
    return abs(rate - float(f"{rate:.{ROUND_DIGITS}g}")) <= 1e-12 * abs(rate)


def is_tried(stop: Stop, name: str) -> bool:
    """Whether the program has moved by hand what an optimizer trains, to look at the slope elsewhere (SAM)."""
    fact = stop.facts.get(name)
    return fact is not None and fact.owner >= 0 and (stop.update is None or stop.update.number < 0)


def is_opponent(stop: Stop, name: str) -> bool:
    """Whether to go uphill is what the leaf is for: an input under attack, an image that is dreamt, a multiplier."""
    fact = stop.facts.get(name)
    if fact is not None and fact.parameter:
        return False
    if _OPPONENT.search(name) or stop.graph.modules:
        return True
    return any(_is_parameter(stop, node) for node in stop.graph.nodes) or _is_sign_step(stop, name)


def _is_parameter(stop: Stop, node: GraphNode) -> bool:
    fact = stop.facts.get(node.name) if node.kind == "leaf" else None
    return fact is not None and fact.parameter


def _is_sign_step(stop: Stop, name: str) -> bool:
    """Whether all elements have moved by the same amount, as in an attack by the gradient's sign."""
    receipt = stop.receipts.get(name)
    moved = reals(receipt.change) if receipt is not None else None
    sizes = [abs(item) for item in moved or () if item]
    return len(sizes) > 1 and max(sizes) - min(sizes) < 1e-3 * max(sizes)
