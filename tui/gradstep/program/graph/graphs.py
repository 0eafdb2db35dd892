"""Recorded ops to the graph of one loss, and to what identifies it: its site and its data."""

from __future__ import annotations

import dataclasses
import linecache
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

from msgspec.structs import replace
from torch import Tensor

from gradstep.model.graph import Earlier, Graph, GraphNode, Module, NodeKind, plain
from gradstep.model.tensor import TensorView
from gradstep.program.host.frames import line_of
from gradstep.program.leaves.leaves import Leaf
from gradstep.program.leaves.names import Scope
from gradstep.program.tape.ops import Constant, Op, Result
from gradstep.program.tape.tape import Tape
from gradstep.program.tensors.devices import may_draw
from gradstep.program.tensors.views import frame_of, quick, version_of

MOST_DRAWN = 2_000
"""Ops of one graph that are sent to the screen at once; those before them come while the program waits."""

_MOST_VALUES = 400
"""Ops of one graph, the last ones, whose small results are sent with their values."""


def site_of(root: Op, ops: list[Op]) -> str:
    """Equal for roots made by the same code from the same leaves: same lines on the call stack, same sequence of ops.

    Lines are compared by their text, for a notebook repeats a line in another cell and a script in another place.
    """
    check = 0
    for code, instruction in root.stack or (((root.code, root.instruction),) if root.code is not None else ()):
        text = linecache.getline(code.co_filename, line_of(code, instruction)).strip()
        check = zlib.crc32(f"{code.co_name}:{text}".encode(), check)
    leaves = sorted({item.lineage for op in ops for item in op.inputs if type(item) is Leaf})
    check = zlib.crc32(f"{' '.join([op.name for op in ops])} {leaves}".encode(), check)
    return f"{check:08x}"


def draws_random(ops: list[Op]) -> bool:
    """Whether one of them may draw random numbers: by its name, or a custom Function, into which nobody looks."""
    return any(op.node for op in ops) or any(map(may_draw, {op.name for op in ops}))


def data_of(ops: list[Op], random_state: int) -> str:
    """Equal for roots of equal site fed the same constants from the same random state; 0 where nothing was drawn."""
    parts: list[object] = []
    for op in ops:
        for item in op.inputs:
            if type(item) is Constant:
                parts.append(item.print())
        if op.scalars:
            parts += op.scalars
    return f"{zlib.crc32(repr(parts).encode(), random_state):08x}"


@dataclass(frozen=True)
class Places:
    """Where in a graph the ops are that came late."""

    boxes: dict[int, int] = field(default_factory=dict)
    """Node of each op, by the sequence numbers of all its autograd nodes."""
    leaves: dict[Leaf, int] = field(default_factory=dict)
    results: dict[int, Result] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Drawn:
    """A graph, and where in it each op and each leaf is."""

    graph: Graph
    ops: tuple[Op, ...] = ()
    """Those that are drawn, in their order."""
    box_of: dict[int, int] = field(default_factory=dict)
    """Node of each op, by the sequence numbers of all its autograd nodes."""
    leaf_of: dict[Leaf, int] = field(default_factory=dict)
    results: dict[int, Result] = field(default_factory=dict)
    """Of ops and constants, by their nodes."""
    late: Places = field(default_factory=Places)
    """The same of the ops before them, as far as they are known to the screen."""

    @cached_property
    def makers(self) -> dict[int, Op]:
        """The drawn ops, by the sequence numbers of all their autograd nodes."""
        return {number: op for op in self.ops for number in range(op.first_seq, op.seq + 1)}

    @cached_property
    def readers(self) -> dict[int, list[Op]]:
        """The ops that read each op's result, by the number of its last node."""
        found: dict[int, list[Op]] = defaultdict(list)
        for op in self.ops:
            for item in op.inputs:
                if type(item) is int and item in self.makers:
                    found[self.makers[item].seq].append(op)
        return found

    def box(self, seq: int) -> int:
        """Node of the op, early or late, to which that autograd node belongs; -1 if it is not drawn."""
        return self.box_of.get(seq, self.late.boxes.get(seq, -1))

    def leaf(self, leaf: Leaf | None) -> int:
        """Node of a leaf; -1 if it is not drawn."""
        return -1 if leaf is None else self.leaf_of.get(leaf, self.late.leaves.get(leaf, -1))

    def result(self, box: int) -> Result | None:
        """What a node shows."""
        return self.results.get(box) or self.late.results.get(box)

    def name(self, box: int) -> str:
        """Name of a node."""
        return self.graph.nodes[box].name if box < len(self.graph.nodes) else self.late.names[box]


NOT_DRAWN = Drawn(Graph())


class GraphBuilder:
    """Makes the drawable graph, with the names that the user can give."""

    def __init__(self, scope: Scope, tape: Tape) -> None:
        self.left: list[Op] = []
        """The ops before those that were drawn."""
        self._tape = tape
        self._names, self._in_sight = scope.names, scope.modules
        self._look: Callable[[Tensor], TensorView] = quick
        self._count = 0
        self._nodes: list[GraphNode] = []
        self._edges: list[tuple[int, int]] = []
        self._ids: dict[object, int] = {}
        self._used: dict[str, int] = {}
        self._own: dict[object, str] = {}
        """What ops are called where the user has no name for their results."""
        self._versions: dict[Leaf, int] = {}
        """Of the leaves when they were drawn."""
        self._modules: dict[int, int] = {}
        self._module_list: list[Module] = []

    def build(self, ops: list[Op], root: Op | None, number: int = 0) -> Drawn:
        """Nodes and edges of those ops, of a very large graph only of the last ones; the root is the loss."""
        self.left, drawn = ops[:-MOST_DRAWN], ops[-MOST_DRAWN:]
        self._used = Counter([op.name for op in self.left])
        boxes: dict[int, int] = {}
        for position, op in enumerate(drawn):
            self._look = quick if position >= len(drawn) - _MOST_VALUES else frame_of
            boxes.update(dict.fromkeys(range(op.first_seq, op.seq + 1), self._op(op)))
        nodes, edges, modules = self._take()
        graph = Graph(nodes, edges, self._ids.get(root, -1), len(self.left), modules, number=number)
        made = Drawn(graph, tuple(drawn), boxes)
        self._place(0, made.leaf_of, made.results)
        if self.left:
            self._used, self._look = {}, frame_of
        return made

    def extend(self, drawn: Drawn, ops: list[Op], scope: Scope) -> Drawn:
        """The same graph with those ops behind the others, and with what has become of the others' names and tensors.

        `drawn` was made by this builder, of all the ops before these.
        """
        self._names, self._in_sight, self._look = scope.names, scope.modules, quick
        known = len(self._ids)
        renewed = tuple(map(self._renewed, self._ids, drawn.graph.nodes))
        for op in ops:
            drawn.box_of.update(dict.fromkeys(range(op.first_seq, op.seq + 1), self._op(op)))
        nodes, edges, modules = self._take()
        self._place(known, drawn.leaf_of, drawn.results)
        graph = replace(
            drawn.graph,
            nodes=renewed + nodes,
            edges=drawn.graph.edges + edges,
            modules=drawn.graph.modules + modules,
        )
        return dataclasses.replace(drawn, graph=graph, ops=(*drawn.ops, *ops))

    def _renewed(self, key: object, node: GraphNode) -> GraphNode:
        """A node as it is to be drawn now."""
        if isinstance(key, Leaf):
            tensor = key.tensor
            if tensor is None or self._versions.get(key) != version_of(tensor):
                node = replace(node, view=self._view_of_leaf(key))
            return node if node.name == key.name else replace(node, name=key.name)
        if not isinstance(key, Result):
            return node
        name = self._name_of(key.ref()) or self._own.get(key, "constant")
        gone = key.tensor() is None
        if gone != (node.view is None or node.view.freed):
            node = replace(node, view=self._view(key.tensor(), key))
        return node if node.name == name else replace(node, name=name)

    def build_earlier(self, ops: list[Op], scope: Scope, places: Places) -> Earlier:
        """The same of the next of those that were left, in their order; `places` is told where they are."""
        self._names, self._in_sight = scope.names, scope.modules
        known = len(self._ids)
        same: list[tuple[int, int]] = []
        for op in ops:
            inputs = [self._ids[seq] for seq in range(op.first_seq, op.seq + 1) if seq in self._ids]
            node = self._op(op)
            same += [(number, node) for number in inputs]
            places.boxes.update(dict.fromkeys(range(op.first_seq, op.seq + 1), node))
        nodes, edges, modules = self._take()
        places.names.update((node.id, node.name) for node in nodes)
        self._place(known, places.leaves, places.results)
        return Earlier(nodes, edges, modules, tuple(same), len(ops))

    def _place(self, known: int, leaves: dict[Leaf, int], results: dict[int, Result]) -> None:
        """Tell where those leaves and results are that came after the `known` ones."""
        for key, number in islice(self._ids.items(), known, None):
            if isinstance(key, Leaf):
                leaves[key] = number
            elif isinstance(key, Result):
                results[number] = key

    def _take(self) -> tuple[tuple[GraphNode, ...], tuple[tuple[int, int], ...], tuple[Module, ...]]:
        """What has been made since the last time."""
        made = tuple(self._nodes), tuple(self._edges), tuple(self._module_list)
        self._nodes, self._edges, self._module_list = [], [], []
        return made

    def _op(self, op: Op) -> int:
        """Add an op with its inputs."""
        sources = [source for source in map(self._input, op.inputs) if source is not None]
        node = self._add_op(op)
        self._edges += [(source, node) for source in sources]
        return node

    def _name_of(self, tensor: Tensor | None) -> str:
        return self._names.get(id(tensor), "") if tensor is not None else ""

    def _op_name(self, op: Op) -> str:
        self._used[op.name] = self._used.get(op.name, 0) + 1
        number = self._used[op.name]
        own = self._own[op] = plain(op.name) if number == 1 else f"{plain(op.name)}_{number}"
        return self._name_of(op.ref()) or own

    def _module(self, op: Op) -> int:
        """The innermost of the op's modules that the user can name."""
        for key in reversed(op.modules):
            found = self._in_sight.get(key)
            if found is not None:
                if key not in self._modules:
                    self._modules[key] = len(self._modules)
                    self._module_list.append(found)
                return self._modules[key]
        return -1

    def _input(self, item: int | Leaf | Constant) -> int | None:
        if isinstance(item, int):
            op = self._tape.get(item)
            if op in self._ids:
                return self._ids[op]
            known = self._ids.get(item)
            return self._add(item, "input", "earlier result", None) if known is None else known
        if item in self._ids:
            return self._ids[item]
        if isinstance(item, Leaf):
            return self._add(item, "leaf", item.name, self._view_of_leaf(item))
        return self._add(item, "input", self._name_of(item.ref()) or "constant", self._view(item.tensor(), item))

    def _add(self, key: object, kind: NodeKind, name: str, shown: TensorView | None) -> int:
        number = self._number(key)
        self._nodes.append(GraphNode(number, kind, name, "", shown))
        return number

    def _add_op(self, op: Op) -> int:
        number = self._number(op)
        file = op.code.co_filename if op.code is not None else ""
        shown = self._view(op.tensor(), op)
        self._nodes.append(
            GraphNode(number, "op", self._op_name(op), op.name, shown, line=op.line, file=file, module=self._module(op))
        )
        return number

    def _number(self, key: object) -> int:
        """The id of something new."""
        number = self._ids[key] = self._count
        self._count += 1
        return number

    def _view_of_leaf(self, leaf: Leaf) -> TensorView | None:
        tensor = leaf.tensor
        if tensor is None:
            return None
        self._versions[leaf] = version = version_of(tensor)
        known = leaf.view if leaf.view_of == version else None
        return known if known is not None and known.norm is None else self._look(tensor)

    def _view(self, tensor: Tensor | None, result: Result | None) -> TensorView | None:
        """A small tensor's values, of a large one the shape alone."""
        if tensor is None:
            return None if result is None else result.frame()
        return self._look(tensor)
