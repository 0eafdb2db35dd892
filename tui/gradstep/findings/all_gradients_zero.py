"""A backward pass that brings nothing but zeros."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gradstep.findings.reading import fresh_gradient
from gradstep.findings.thresholds import ZERO_RUNNING, ZERO_UNSEEN_RUNNING
from gradstep.model.graph import Graph, GraphNode
from gradstep.model.stop import Finding, Stop
from gradstep.model.tensor import length

_PRODUCTS = frozenset("mul rmul imul multiply".split())


def all_gradients_zero(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at a backward stop, if it was so in the pass before of the same loss."""
    stop = stops[-1]
    site = stop.loss.site if stop.loss is not None else ""
    passes = [item for item in stops if item.phase == "backward" and item.loss is not None and item.loss.site == site]
    masked = _masked(stop, passes[-ZERO_UNSEEN_RUNNING:]) if stop.phase == "backward" else []
    if masked:
        return masked
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
    return stop.loss is not None and bool(stop.loss.value) and _brings_zeros(stop)


def _brings_zeros(stop: Stop) -> bool:
    views = [view for entry in stop.gradients.values() if (view := fresh_gradient(entry)) is not None]
    return not stop.light and bool(views) and all(length(view) == 0 for view in views)


def _masked(stop: Stop, passes: Sequence[Stop]) -> list[Finding]:
    """A loss that has been 0 from the beginning, as have all gradients: a mask, or another factor, is all zeros.

    A factor in numbers may be a reward that has not come yet; a mask of truth values is a condition that never holds.
    """
    nothing = all(item.loss is not None and item.loss.value == 0 and _brings_zeros(item) for item in passes)
    if len(passes) < ZERO_UNSEEN_RUNNING or not nothing or any(fact.peak for fact in stop.facts.values()):
        return []
    found = next(_zero_factors(stop.graph), None)
    if found is None:
        return []
    node, factor = found
    where = f" (line {node.line})" if node.line else ""
    is_mask = factor.view is not None and factor.view.dtype == "bool"
    what = f"{'a mask' if is_mask else 'a factor'} that is {'False' if is_mask else '0'} everywhere"
    name = "" if factor.name.startswith("constant") else f"{factor.name}, "
    message = (
        f"The loss and every gradient have been exactly 0 in all {len(passes)} last passes: {node.name}{where} "
        f"multiplies by {name}{what}."
    )
    remedy = "Look at the condition that the mask is made of: it holds for no element, so that nothing is learned."
    remedy = remedy if is_mask else "Look at what it is made of; while it is 0 nothing is learned."
    evidence: dict[str, float | int | str] = {"leaves": len(stop.gradients), "op": node.op, "line": node.line}
    return [Finding("all-gradients-zero", "warning" if is_mask else "info", message, remedy, evidence)]


def _zero_factors(graph: Graph) -> Iterator[tuple[GraphNode, GraphNode]]:
    """Products with an input of several elements that are all 0."""
    for source, to in graph.edges:
        factor, node = graph.node(source), graph.node(to)
        if node is None or factor is None or factor.kind != "input" or node.op.strip("_") not in _PRODUCTS:
            continue
        if factor.view is not None and factor.view.size > 1 and length(factor.view) == 0:
            yield node, factor


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
