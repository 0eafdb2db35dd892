"""The forward graph of one loss: leaves, inputs and operations, in the order in which they were made."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, field
from msgspec.structs import replace

from gradstep.model.tensor import TensorView

NodeKind = Literal["leaf", "input", "op"]
LocalForm = Literal["", "number", "elementwise", "jacobian"]


class Module(Struct, frozen=True):
    """A module of the user's model in which ops ran."""

    path: str
    """As the user names it: `model.blocks.0.attn`."""
    kind: str
    """Class name: `MultiheadAttention`."""


class Local(Struct, frozen=True, omit_defaults=True):
    """How an op hands the gradient of its result (δ) on to one of its inputs: what belongs to one edge."""

    formula: str = ""
    """The local gradient in the user's names: `∂s²/∂s = 2s`; empty where there is no simple one."""
    rule: str = ""
    """What it makes of δ, a vector-Jacobian product: `∂L/∂W = δ xᵀ`; without a row in our table PyTorch's own."""
    ours: bool = True
    """The text is from our own table, else from PyTorch's derivatives.yaml."""
    form: LocalForm = ""
    """What `value` is: of a scalar result its gradient (`number`, in the input's shape), of an elementwise op one
    derivative an element (`elementwise`, in the result's shape), else `jacobian`, in the shape of result + input."""
    value: TensorView | None = None
    """The local gradient in numbers, where it is small."""
    flow: TensorView | None = None
    """The gradient that left along this edge in this backward pass."""


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
    module: int = -1
    """The innermost module in which the op ran, by its place in `Graph.modules`; -1 outside of all modules."""
    unexplained: float | None = None
    """Of a leaf: largest difference between an element of its gradient and the sum of what its uses handed it; None if
    that was not compared."""


class Additions(Struct, frozen=True, omit_defaults=True):
    """What became known of a graph after it was drawn; by node, and by place in `Graph.edges`."""

    gradients: dict[int, TensorView | None] = field(default_factory=dict)
    unexplained: dict[int, float | None] = field(default_factory=dict)
    locals: dict[int, Local] = field(default_factory=dict)
    """Formulas and values, without what flows."""
    flows: dict[int, TensorView | None] = field(default_factory=dict)


class Graph(Struct, frozen=True, omit_defaults=True):
    """Nodes in topological order (inputs of an op come before it), edges as (from, to) node ids."""

    nodes: tuple[GraphNode, ...] = ()
    edges: tuple[tuple[int, int], ...] = ()
    root: int = -1
    """Id of the node whose result is the loss; -1 if there is none."""
    omitted: int = 0
    """How many earlier operations the graph has besides, too many to be drawn."""
    modules: tuple[Module, ...] = ()
    """Every module in which one of the ops ran, in the order in which they were first met."""
    locals: tuple[Local, ...] = ()
    """One for each of `edges`; empty for a graph too large for it."""

    def grown(self, more: Additions) -> Graph:
        """The graph with that put in."""
        nodes, locals_ = self.nodes, self.locals
        if more.gradients or more.unexplained:
            changed = list(nodes)
            for place in dict.fromkeys((*more.gradients, *more.unexplained)):
                known = changed[place]
                gradient = more.gradients.get(place, known.gradient)
                unexplained = more.unexplained.get(place, known.unexplained)
                changed[place] = replace(known, gradient=gradient, unexplained=unexplained)
            nodes = tuple(changed)
        if more.locals or more.flows:
            edges = list(locals_) or [Local()] * len(self.edges)
            for place, local in more.locals.items():
                edges[place] = replace(local, flow=edges[place].flow)
            for place, flow in more.flows.items():
                edges[place] = replace(edges[place], flow=flow)
            locals_ = tuple(edges)
        return replace(self, nodes=nodes, locals=locals_)
