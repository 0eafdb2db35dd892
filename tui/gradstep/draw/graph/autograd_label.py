"""What stands in the box of one of autograd's nodes: its class, to what it belongs, the gradient that arrives."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size

from gradstep.draw.graph.at_stop import PART
from gradstep.draw.graph.label import MOST, Label, gradient_text, parameters, short
from gradstep.model.graph import Graph

MOST_CLASS = 30
"""Cells of the longest class name."""


def autograd_label(graph: Graph, ids: tuple[int, ...], hidden: int) -> Label:
    """The box of a node, or of the `AccumulateGrad`s of one module's parameters; of none: how many were left out."""
    if not ids:
        return Label("rest", "", (("muted", f"… {hidden:,} more node{'s' * (hidden != 1)}"),))
    node = graph.nodes[ids[0]]
    if len(ids) > 1:
        nodes = [graph.nodes[number] for number in ids]
        return Label("leaf", f"{node.op} ×{len(ids)}", tuple(parameters(nodes)))
    kind = "root" if ids[0] == graph.root else node.kind
    part = PART if node.name.startswith(PART) else ""
    name = part + short(node.name.removeprefix(part), MOST - len(part))
    lines = [("muted", name or "no operation")]
    if node.gradient is not None:
        lines.append(("gradient", gradient_text(node.gradient)))
    return Label(kind, _class(node.op), tuple(lines))


def _class(name: str) -> str:
    """A long name keeps its beginning: its end is `Backward0`."""
    return name if cell_len(name) <= MOST_CLASS else set_cell_size(name, MOST_CLASS - 1) + "…"
