"""Sigmoid, tanh or softmax at their ends, where their derivative is near 0, though the loss is not small."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gradstep.findings.dead_units import described, evidence_of
from gradstep.findings.reading import listed, whole
from gradstep.findings.thresholds import FALLEN_LOSS, MOST_UNITS, SMALL_LOSS
from gradstep.model.evidence import Activation
from gradstep.model.stop import Finding, Stop


def saturated(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at a forward stop. Outputs of a model that is right stand at their ends too, and may."""
    stop = stops[-1]
    at_end = [item for item in stop.activations if item.units and _at_end(item) >= MOST_UNITS * item.units]
    if stop.phase != "forward" or not at_end or _is_small(stops):
        return []
    worst = max(at_end, key=lambda item: _at_end(item) / item.units)
    rest = [item.name for item in at_end if item is not worst]
    more = f" So it is in {listed(rest)}." if rest else ""
    units = "rows" if worst.op == "softmax" else "units"
    value = stop.loss.value if stop.loss is not None else None
    loss = f", and the loss is {whole(value)}" if value is not None else ""
    message = (
        f"{_at_end(worst):,} of {worst.units:,} {units} of {described(worst)} stand at an end of their range on the "
        f"whole batch: next to no gradient passes{loss}.{more}"
    )
    remedy = "Scale the inputs (mean 0, variance 1) and the initial weights down, or normalise before it."
    evidence = evidence_of(worst, _at_end(worst), len(at_end))
    return [Finding("saturated", "warning", message, remedy, evidence)]


def _at_end(item: Activation) -> int:
    """Units that let no gradient pass: before a logarithm only those whose derivative is exactly 0."""
    return item.flat if item.logged else item.saturated


def _is_small(stops: Sequence[Stop]) -> bool:
    loss = stops[-1].loss
    if loss is None or loss.value is None or not math.isfinite(loss.value):
        return True
    seen = [item.loss.value for item in stops if item.loss is not None and item.loss.site == loss.site]
    largest = max((abs(value) for value in seen if value is not None and math.isfinite(value)), default=0.0)
    return abs(loss.value) < max(SMALL_LOSS, FALLEN_LOSS * largest)
