"""Autograd's graph: its nodes, their names, and the leaves at its ends."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.autograd.graph import Node

Edges = tuple[tuple[Node | None, int], ...]
"""Where a node hands its gradients: to which nodes, and to which result of each."""


def node_of(tensor: Tensor) -> Node:
    """The node at which backward from a tensor begins; of a leaf the one that deposits into it."""
    try:
        return torch.autograd.graph.get_gradient_edge(tensor).node
    except (RuntimeError, NotImplementedError):  # of some layouts torch cannot make the view with which it looks for it
        with torch.enable_grad():
            made = tensor.clone().grad_fn
    node = made.next_functions[0][0] if made is not None else None
    assert node is not None
    return node


def walk(roots: Sequence[Tensor]) -> list[tuple[Node, Edges]]:
    """All nodes that backward from those roots may run, with their edges: to ask a node for them is not cheap."""
    pending = [node_of(root) for root in roots if root.requires_grad]
    seen = set(pending)
    found = []
    while pending:
        node = pending.pop()
        edges = node.next_functions
        found.append((node, edges))
        for above, _ in edges:
            if above is not None and above not in seen:
                seen.add(above)
                pending.append(above)
    return found


def nodes_above(roots: Sequence[Tensor]) -> list[Node]:
    """The same without the edges."""
    return [node for node, _ in walk(roots)]


def short_name(node: Node) -> str:
    """`MulBackward0`, `AccumulateGrad`."""
    return node.name().rpartition("::")[2]


def variable_of(node: Node) -> Tensor | None:
    """The leaf that an `AccumulateGrad` deposits into; None for all other nodes."""
    variable = None if node.next_functions else getattr(node, "variable", None)
    return variable if isinstance(variable, Tensor) else None
