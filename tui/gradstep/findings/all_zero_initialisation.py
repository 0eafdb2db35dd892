"""Units that begin equal and stay equal: they get the same gradient, and learn the same."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gradstep.findings.reading import fresh_gradient, listed
from gradstep.findings.thresholds import EQUAL_RUNNING
from gradstep.model.evidence import LeafFacts
from gradstep.model.stop import Finding, Stop
from gradstep.model.tensor import length, reals


def all_zero_initialisation(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at update stops, once the updates would have made the units differ."""
    stop = stops[-1]
    if stop.phase != "update" or (stop.update is not None and stop.update.lr == 0):
        return []
    equal = [
        name
        for name, fact in stop.facts.items()
        if fact.equal_units
        and math.isfinite(length(stop.tensors.get(name)) or 0.0)
        and fact.passes >= EQUAL_RUNNING
        and (fact.updates >= EQUAL_RUNNING or _is_stuck(stop, name, fact))
    ]
    if not equal:
        return []
    first = equal[0]
    zero = length(stop.tensors.get(first)) == 0
    updates = stop.facts[first].updates or _updates(stop)
    value = " (all zero)" if zero else ""
    message = (
        f"The units of {listed(equal)} are all equal{value}, and still are after {updates} updates: equal units get "
        "equal gradients, so that a layer of them is worth one."
    )
    remedy = "Initialise weights at random (torch.nn.init.kaiming_uniform_, or leave PyTorch's default)."
    evidence: dict[str, float | int | str] = {"leaves": len(equal), "first": first, "updates": updates}
    flat = reals(stop.tensors.get(first))
    if flat:
        evidence["value"] = flat[0]
    return [Finding("all-zero-initialisation", "warning", message, remedy, evidence)]


def _updates(stop: Stop) -> int:
    """How many updates by hand the leaves of this one have had."""
    facts = (stop.facts[name] for name in (stop.update.leaves if stop.update is not None else ()) if name in stop.facts)
    return max((fact.updates for fact in facts if fact.owner < 0), default=0)


def _is_stuck(stop: Stop, name: str, fact: LeafFacts) -> bool:
    """Whether it is a leaf that updates by hand leave as it is, for its gradient is exactly 0 every time."""
    by_hand = stop.update is not None and stop.update.number < 0
    entry = stop.gradients.get(name)
    given = fresh_gradient(entry) if entry is not None else None
    return by_hand and fact.owner < 0 and not fact.peak and length(given) == 0 and _updates(stop) >= EQUAL_RUNNING
