"""Autograd's graph: its nodes, their names, and the leaves at its ends."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.autograd.graph import Node


def nodes_above(roots: Sequence[Tensor]) -> list[Node]:
    """All nodes that backward from those roots may run."""
    pending: list[Node] = [torch.autograd.graph.get_gradient_edge(root).node for root in roots]
    seen = set(pending)
    found = []
    while pending:
        node = pending.pop()
        found.append(node)
        for above, _ in node.next_functions:
            if above is not None and above not in seen:
                seen.add(above)
                pending.append(above)
    return found


def short_name(node: Node) -> str:
    """`MulBackward0`, `AccumulateGrad`."""
    return node.name().rpartition("::")[2]


def variable_of(node: Node) -> Tensor | None:
    """The leaf that an `AccumulateGrad` deposits into; None for all other nodes."""
    variable = None if node.next_functions else getattr(node, "variable", None)
    return variable if isinstance(variable, Tensor) else None
