"""A backward pass that brings nothing but zeros."""

from __future__ import annotations

from collections.abc import Sequence

from gradstep.findings.reading import fresh_gradient
from gradstep.findings.thresholds import ZERO_RUNNING, ZERO_UNSEEN_RUNNING
from gradstep.model.graph import Graph, GraphNode
from gradstep.model.stop import Finding, Stop
from gradstep.model.tensor import length


def all_gradients_zero(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at a backward stop, if it was so in the pass before of the same loss."""
    stop = stops[-1]
    site = stop.loss.site if stop.loss is not None else ""
    passes = [item for item in stops if item.phase == "backward" and item.loss is not None and item.loss.site == site]
    latest = passes[-ZERO_RUNNING:]
    if stop.phase != "backward" or len(latest) < ZERO_RUNNING or not all(map(_is_zero, latest)):
        return []
    if any(found.kind == "gradient-never-reached" for item in latest for found in item.findings):
        return []
    node = _stopper(stop.graph)
    longer = passes[-ZERO_UNSEEN_RUNNING:]
    if node is None and (len(longer) < ZERO_UNSEEN_RUNNING or not all(map(_is_zero, longer))):
        return []
    where = f" (line {node.line})" if node is not None and node.line else ""
    message = "Every gradient of this backward pass is exactly 0, as in the pass before."
    remedy = "Look for an activation at its flat end, a mask of zeros, or a factor 0 between the weights and the loss."
    if node is not None:
        message = (
            f"Every gradient of this backward pass is exactly 0, as in the pass before. It ends at {node.name}{where}: "
            f"what arrives there is not 0, and what {node.op} hands on is."
        )
    evidence: dict[str, float | int | str] = {"leaves": len(stop.gradients), "op": node.op if node is not None else ""}
    return [Finding("all-gradients-zero", "warning", message, remedy, evidence)]


def _is_zero(stop: Stop) -> bool:
    views = [view for entry in stop.gradients.values() if (view := fresh_gradient(entry)) is not None]
    known = stop.loss is not None and bool(stop.loss.value) and not stop.light
    return known and bool(views) and all(length(view) == 0 for view in views)


def _stopper(graph: Graph) -> GraphNode | None:
    """The first op on the way back whose inputs get zeros though it gets something."""
    above: dict[int, list[int]] = {}
    for source, to in graph.edges:
        above.setdefault(to, []).append(source)
    for node in reversed(graph.nodes):
        if node.kind != "op" or not length(node.gradient):
            continue
        sources = [graph.node(number) for number in above.get(node.id, ())]
        known = [length(item.gradient) for item in sources if item is not None and item.kind == "op"]
        if known and all(norm == 0 for norm in known):
            return node
    return None
