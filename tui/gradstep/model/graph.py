"""The forward graph of one loss: leaves, inputs and operations, in the order in which they were made."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, field
from msgspec.structs import replace

from gradstep.model.autograd import Autograd
from gradstep.model.tensor import TensorView

MOST_FOLLOWED = 200
"""Operations of a graph; in a larger one gradients are followed only node by node, and no rules are written."""

NodeKind = Literal["leaf", "input", "op"]
LocalForm = Literal["", "number", "elementwise", "jacobian"]


class Module(Struct, frozen=True, gc=False):
    """A module of the user's model in which ops ran."""

    path: str
    """As the user names it: `model.blocks.0.attn`."""
    kind: str
    """Class name: `MultiheadAttention`."""


def plain(op: str) -> str:
    """An operation as people say it: `getitem` of `__getitem__`."""
    return op[2:-2] if op.startswith("__") and op.endswith("__") else op


class Local(Struct, frozen=True, omit_defaults=True, gc=False):
    """How an op hands the gradient of its result (δ) on to one of its inputs: what belongs to one edge."""

    formula: str = ""
    """The local gradient in the user's names: `∂s²/∂s = 2s`; empty where there is no simple one."""
    rule: str = ""
    """What it makes of δ, a vector-Jacobian product: `∂L/∂W = outer(δ, x)`; PyTorch's own if our table has none."""
    ours: bool = True
    """The text is from our own table, else from PyTorch's derivatives.yaml."""
    form: LocalForm = ""
    """What `value` is: of a scalar result its gradient (`number`, in the input's shape), of an elementwise op one
    derivative an element (`elementwise`, in the result's shape), else `jacobian`, in the shape of result + input."""
    value: TensorView | None = None
    """The local gradient in numbers, where it is small."""
    flow: TensorView | None = None
    """The gradient that left along this edge in this backward pass."""


class GraphNode(Struct, frozen=True, omit_defaults=True, gc=False):
    """A box: a leaf, a constant input, or an operation together with its result."""

    id: int
    """Position in `Graph.nodes`, or behind all of them in `Earlier.nodes`."""
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


class Earlier(Struct, frozen=True, omit_defaults=True):
    """The operations before those in `Graph.nodes`, with what only they use: what was too much to come at once."""

    nodes: tuple[GraphNode, ...] = ()
    """In topological order; they also use leaves and inputs of `Graph.nodes`."""
    edges: tuple[tuple[int, int], ...] = ()
    modules: tuple[Module, ...] = ()
    """Modules besides those in `Graph.modules`, numbered behind them."""
    same: tuple[tuple[int, int], ...] = ()
    """Pairs: an input in `Graph.nodes`, and the operation here whose result it is."""
    ops: int = 0
    """How many of the nodes are operations."""

    def followed_by(self, piece: Earlier) -> Earlier:
        """With the next piece."""
        return Earlier(
            self.nodes + piece.nodes,
            self.edges + piece.edges,
            self.modules + piece.modules,
            self.same + piece.same,
            self.ops + piece.ops,
        )


class Additions(Struct, frozen=True, omit_defaults=True):
    """What became known of a graph after it was drawn; by node, and by place in `Graph.edges`."""

    gradients: dict[int, TensorView | None] = field(default_factory=dict)
    unexplained: dict[int, float | None] = field(default_factory=dict)
    locals: dict[int, Local] = field(default_factory=dict)
    """Formulas and values, without what flows."""
    flows: dict[int, TensorView | None] = field(default_factory=dict)
    earlier: Earlier | None = None
    """The next piece of what was left out; a graph is drawn with it once nothing is left."""
    autograd: Autograd | None = None
    """The next piece of autograd's nodes."""


class Graph(Struct, frozen=True, omit_defaults=True):
    """Nodes in topological order (inputs of an op come before it), edges as (from, to) node ids."""

    nodes: tuple[GraphNode, ...] = ()
    edges: tuple[tuple[int, int], ...] = ()
    root: int = -1
    """Id of the node whose result is the loss; -1 if there is none."""
    omitted: int = 0
    """How many earlier operations the graph has besides, too many to come at once."""
    modules: tuple[Module, ...] = ()
    """Every module in which one of the ops ran, in the order in which they were first met."""
    locals: tuple[Local, ...] = ()
    """One for each of `edges`; empty for a graph too large for it."""
    number: int = 0
    """Equal at stops that show the same forward pass, and so have late what came late; 0 if no other stop shows it."""
    earlier: Earlier = Earlier()
    """The operations that were left out, as far as they have come."""
    autograd: Autograd = Autograd()
    """Autograd's nodes, as far as they have come."""
    inner: dict[int, TensorView] = field(default_factory=dict)
    """What arrived in this pass at nodes that no operation ends with, by `AutogradNode.seq`, where it was looked at."""

    @property
    def awaited(self) -> int:
        """How many of the earlier operations have not come."""
        return self.omitted - self.earlier.ops

    @property
    def large(self) -> bool:
        """Whether it has more than `MOST_FOLLOWED` operations."""
        return self.omitted + sum(node.kind == "op" for node in self.nodes) > MOST_FOLLOWED

    def node(self, number: int) -> GraphNode | None:
        """The node of that id; None if there is none."""
        first = len(self.nodes)
        if 0 <= number < first:
            return self.nodes[number]
        return self.earlier.nodes[number - first] if first <= number < first + len(self.earlier.nodes) else None

    def joined(self) -> Graph:
        """With the earlier operations behind the others, which they feed: no longer in topological order."""
        if self.awaited or not self.omitted:
            return self
        late, same = self.earlier, dict(self.earlier.same)
        edges = tuple((same.get(source, source), to) for source, to in self.edges)
        return replace(
            self,
            nodes=self.nodes + late.nodes,
            edges=edges + late.edges,
            modules=self.modules + late.modules,
            omitted=0,
            locals=self.locals and self.locals + (Local(),) * len(late.edges),
            earlier=Earlier(),
        )

    def grown(self, more: Additions) -> Graph:
        """The graph with that put in."""
        graph = self
        if more.gradients or more.unexplained:
            graph = replace(graph, nodes=self._with_gradients(more))
        if more.locals or more.flows:
            graph = replace(graph, locals=self._with_locals(more))
        if more.earlier is not None:
            graph = replace(graph, earlier=self.earlier.followed_by(more.earlier))
        if more.autograd is not None:
            graph = replace(graph, autograd=self.autograd.followed_by(more.autograd))
        return graph

    def _with_gradients(self, more: Additions) -> tuple[GraphNode, ...]:
        changed = list(self.nodes)
        for place in dict.fromkeys((*more.gradients, *more.unexplained)):
            known = changed[place]
            gradient = more.gradients.get(place, known.gradient)
            unexplained = more.unexplained.get(place, known.unexplained)
            changed[place] = replace(known, gradient=gradient, unexplained=unexplained)
        return tuple(changed)

    def _with_locals(self, more: Additions) -> tuple[Local, ...]:
        edges = list(self.locals) or [Local()] * len(self.edges)
        for place, local in more.locals.items():
            edges[place] = replace(local, flow=edges[place].flow)
        for place, flow in more.flows.items():
            edges[place] = replace(edges[place], flow=flow)
        return tuple(edges)
