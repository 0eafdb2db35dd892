"""Gradients of several micro-batches that add up to a sum where their mean is meant."""

from __future__ import annotations

from collections.abc import Sequence

from gradstep.findings.reading import backward_passes
from gradstep.model.graph import plain
from gradstep.model.stop import Finding, Stop
from gradstep.model.tensor import length

_DIVIDING = frozenset("div div_ truediv rtruediv mul rmul mul_ multiply divide".split())


def accumulated_sum(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at an update that several equal passes have added up for, none of whose losses was divided."""
    stop = stops[-1]
    if stop.phase != "update" or stop.update is None or stop.update.number < 0:
        return []
    passes = backward_passes(stops, len(stops) - 1)
    sites = {item.loss.site for item in passes if item.loss is not None}
    if len(passes) < 2 or len(sites) != 1 or any(item.light or item.loss is None for item in passes):
        return []
    added = all(_adds(item) for item in passes[1:])
    parts = {part.kind for receipt in stop.receipts.values() for part in receipt.parts}
    if not added or any(_is_divided(item) for item in passes) or "by-hand" in parts:
        return []
    times = len(passes)
    message = (
        f"{times} backward passes of the same loss have added up before this update, and none of the losses was "
        f"divided: the gradient is {times} times that of one batch."
    )
    remedy = f"Divide each loss by {times} before backward(), for the mean; or lower the learning rate {times} times."
    return [Finding("accumulated-sum", "info", message, remedy, {"passes": times})]


def _adds(stop: Stop) -> bool:
    entries = [entry for entry in stop.gradients.values() if entry.fresh is not None]
    return bool(entries) and any(length(entry.held) and not entry.stale for entry in entries)


def _is_divided(stop: Stop) -> bool:
    """Whether the last op of the loss is a product or a quotient, or the scaler's."""
    root = stop.graph.node(stop.graph.root)
    return root is None or plain(root.op) in _DIVIDING
