"""The forward graph of one loss: leaves, inputs and operations, in the order in which they were made."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from gradstep.model.tensor import TensorView

NodeKind = Literal["leaf", "input", "op"]


class GraphNode(Struct, frozen=True, omit_defaults=True):
    """A box: a leaf, a constant input, or an operation together with its result."""

    id: int
    """Position in `Graph.nodes`."""
    kind: NodeKind
    name: str
    """The user's name of the tensor, else the operation's name and a number: `w`, `model.fc1.weight`, `relu_2`."""
    op: str = ""
    """The operation as PyTorch calls it: `matmul`, `cross_entropy`; empty for leaves and inputs."""
    view: TensorView | None = None
    """The tensor; None where only a Python number or nothing was seen."""
    gradient: TensorView | None = None
    """Derivative of the loss by this tensor, once backward has run and where it was small enough to keep."""
    line: int = 0
    """Line of the user's program that made it; 0 if unknown."""
    file: str = ""
    """File of that line, absolute."""


class Graph(Struct, frozen=True, omit_defaults=True):
    """Nodes in topological order (inputs of an op come before it), edges as (from, to) node ids."""

    nodes: tuple[GraphNode, ...] = ()
    edges: tuple[tuple[int, int], ...] = ()
    root: int = -1
    """Id of the node whose result is the loss; -1 if there is none."""
    omitted: int = 0
    """How many earlier operations the graph has besides, too many to be drawn."""
