"""Units that begin equal and stay equal: they get the same gradient, and learn the same."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gradstep.findings.reading import listed
from gradstep.findings.thresholds import EQUAL_RUNNING
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
        and fact.updates >= EQUAL_RUNNING
    ]
    if not equal:
        return []
    first = equal[0]
    zero = length(stop.tensors.get(first)) == 0
    updates = stop.facts[first].updates
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
