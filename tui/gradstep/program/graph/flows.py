"""Gradients on their way through one backward pass: what arrives at each op, what leaves along each edge."""

from __future__ import annotations

import weakref
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence, Set

import torch
from msgspec.structs import replace
from torch import Tensor
from torch.autograd.graph import Node
from torch.utils.hooks import RemovableHandle

from gradstep.model.graph import MOST_FOLLOWED, Additions, Graph
from gradstep.model.stop import Gradient
from gradstep.model.tensor import TensorView
from gradstep.program.graph.arrivals import Arrival, arrival_of, read
from gradstep.program.graph.graphs import NOT_DRAWN, Drawn
from gradstep.program.host.blackout import Blackout
from gradstep.program.host.guard import Guard
from gradstep.program.leaves.leaves import Leaf, Leaves
from gradstep.program.tensors.nodes import Edges, variable_of, walk
from gradstep.program.tensors.quiet import quiet
from gradstep.program.tensors.views import computable

Grads = tuple[Tensor | None, ...]
Note = Callable[[Grads, Grads], None]
Tell = Callable[[Node, Grads, Grads], None]
"""Is told of a node that has run, what left it and what had arrived."""
Boxes = Mapping[Node, tuple[int, bool]]
"""Where each node stands in the graph, -1 if it is not drawn, and whether it deposits into a leaf."""
Target = tuple[int, int, int, bool, bool]
"""Of one gradient that leaves a node: its place, its edge in the graph (-1 for none), the box that it goes to, whether
that gets nothing else, and whether that is a leaf."""


class Flows:
    """Listens to the nodes of one backward pass, and tells of each if the user goes node by node."""

    def __init__(self, leaves: Leaves, guard: Guard, blackout: Blackout) -> None:
        self._leaves = leaves
        self._guard = guard
        self._blackout = blackout
        self._handles: list[RemovableHandle] = []
        self._drawn = NOT_DRAWN
        self._tell: Tell | None = None
        """Who is told of each node of this pass; None where the user does not go node by node."""
        self.hooked = False
        """The program has put hooks on tensors: a gradient may arrive as another than left."""
        self._direct = False
        """What leaves is measured there; else, if it goes to one place only, where it arrives."""
        self._arrived: dict[int, Arrival] = {}
        self._left: dict[int, Arrival] = {}
        self._passing: dict[int, list[weakref.ref[Tensor]]] = {}
        """What was handed to each box that is used once."""
        self._handed: dict[int, int] = {}
        """Leaves, by their boxes, that got just what left along that edge."""
        self._sums: dict[int, Tensor] = {}
        """Of each leaf with several uses, by its box, the sum of what they handed it."""
        self._unexplained: dict[int, Tensor | float] = {}
        self._inner: dict[int, Arrival] = {}
        """What has arrived at nodes that no op ends with, where the user goes node by node."""
        self._ends: Set[int] = frozenset()
        """Of each op the node from which its result came, by number."""
        self._edges: dict[tuple[int, int], list[int]] = {}
        self._uses: dict[int, list[int]] = {}
        """The edges that leave each box."""
        self.total = 0
        """Nodes that are listened to."""
        self._begun = self._flowing = False
        """Something of this pass is on the graph, on its edges."""
        self._measured: set[int] = set()
        """Edges with what was measured where it left."""

    def listen(self, drawn: Drawn, roots: Sequence[Tensor], deposits: bool, tell: Tell | None) -> None:
        """Backward is about to run from those roots, whose graph is drawn.

        `deposits`: into `.grad`, else the gradients are returned. `tell` is told of each node, if the user goes node by
        node.
        """
        self.close()
        self._drawn, self._tell = drawn, tell
        self._arrived, self._left, self._sums, self._unexplained = {}, {}, {}, {}
        self._passing, self._handed, self._inner = {}, {}, {}
        self._begun = self._flowing = False
        self._measured = set()
        if len(drawn.ops) > MOST_FOLLOWED and tell is None:
            return
        self.total = 0
        self._direct = tell is not None or self.hooked or not deposits
        self._edges, self._uses = defaultdict(list), defaultdict(list)
        for number, edge in enumerate(drawn.graph.edges):
            self._edges[edge].append(number)
            self._uses[edge[0]].append(number)
        self._hook(roots)

    def listen_within(self, roots: Sequence[object]) -> None:
        """A backward pass runs inside this one (re-entrant checkpointing): its nodes are told of, too."""
        if self._tell is not None and not self._guard.tripped and not self._blackout:
            with self._guard, quiet():
                self._hook([item for item in roots if isinstance(item, Tensor)])

    def close(self) -> None:
        """Listen no more."""
        for handle in self._handles:
            handle.remove()
        self._handles.clear()
        self._tell = None

    def _hook(self, roots: Sequence[Tensor]) -> None:
        nodes = walk(roots)
        self.total += len(nodes)
        self._ends = {op.seq for op in self._drawn.ops}
        boxes = {node: (self._box(node, edges), not edges) for node, edges in nodes}
        for node, edges in nodes:
            box, _ = boxes[node]
            note = self._noting(node, edges, boxes) if box >= 0 else None
            if self._tell is not None:
                note = self._on_node(node, note, self._tell)
            if note is not None:
                self._handles.append(node.register_hook(self._unless_ours(note)))

    def _unless_ours(self, note: Note) -> Note:
        """The same, but deaf while a backward pass runs that is not the program's own: a probe's, the prompt's."""
        blackout = self._blackout

        def heard(leaving: Grads, arriving: Grads) -> None:
            if not blackout:
                note(leaving, arriving)

        return heard

    def _box(self, node: Node, edges: Edges) -> int:
        """Where a node stands in the graph; -1 if it is not drawn."""
        if edges:
            return self._drawn.box_of.get(node._sequence_nr(), -1)
        leaf = self.leaf(node)
        return self._drawn.leaf_of.get(leaf, -1) if leaf is not None else -1

    def wide_box(self, node: Node) -> int:
        """The same among all ops that the screen knows."""
        leaf = self.leaf(node)
        return self._drawn.leaf(leaf) if leaf is not None else self._drawn.box(node._sequence_nr())

    def leaf(self, node: Node) -> Leaf | None:
        """The leaf that an `AccumulateGrad` deposits into."""
        variable = variable_of(node)
        return self._leaves.find(variable) if variable is not None else None

    def is_drawn_inside(self, node: Node) -> bool:
        """Whether it belongs to an op that is drawn, and is not the one from which its result came."""
        return self._box(node, node.next_functions) >= 0 and self._inside(node)

    def _inside(self, node: Node) -> bool:
        """Whether it is neither a leaf's nor the one from which an op's result came."""
        return bool(node.next_functions) and node._sequence_nr() not in self._ends

    def arrived_inside(self, node: Node, number: int | None, arriving: Grads) -> None:
        """Note what has arrived at a node that no op ends with."""
        if number is not None and arriving and arriving[0] is not None and self._inside(node):
            self._inner[number] = arrival_of(arriving[0])

    def _on_node(self, node: Node, note: Note | None, tell: Tell) -> Note:
        """Tells of a node that has run."""
        guard = self._guard

        def ran(leaving: Grads, arriving: Grads) -> None:
            if note is not None:
                note(leaving, arriving)
            with guard, quiet():
                tell(node, leaving, arriving)

        return ran

    def _noting(self, node: Node, edges: Edges, boxes: Boxes) -> Note | None:
        """Puts what arrives at a node on its box, and what leaves on its edges; None if there is nothing to be put."""
        box, guard = boxes[node][0], self._guard
        if not edges:
            return self._on_deposit(box)
        targets = self._targets(box, edges, boxes)
        last = node._sequence_nr() in self._ends
        if not targets and not last:
            return None

        def ran(leaving: Grads, arriving: Grads) -> None:
            with guard, quiet():
                first = arriving[0] if last and arriving else None
                arrival = self._arrive(box, first) if first is not None else None
                for at, number, source, alone, leaf in targets:
                    grad = leaving[at]
                    if grad is None:
                        continue
                    if alone:
                        self._passing.setdefault(source, []).append(weakref.ref(grad))
                    elif leaf:
                        self._add_up(source, grad)
                    if self._direct or not alone:
                        self._left[number] = arrival if arrival is not None and grad is first else arrival_of(grad)

        return ran

    def _targets(self, box: int, edges: Edges, boxes: Boxes) -> list[Target]:
        """What of a node's gradients is looked at. An op's inner nodes, and what is not drawn, are left out."""
        taken: dict[int, int] = {}
        found: list[Target] = []
        for at, (above, result) in enumerate(edges):
            source, leaf = boxes[above] if above is not None else (-1, False)
            if above is None or source < 0 or source == box:
                continue
            numbers = self._edges.get((source, box), ())
            use = taken.get(source, 0)
            taken[source] = use + 1
            if use < len(numbers):
                alone = len(self._uses[source]) == 1 and (leaf or (result == 0 and above._sequence_nr() in self._ends))
                found.append((at, numbers[use], source, alone, leaf))
        return found

    def _arrive(self, box: int, grad: Tensor) -> Arrival:
        """Note the gradient of an op's result, which is also what its only use has handed to it."""
        arrival = self._arrived[box] = arrival_of(grad)
        passed = self._passing.pop(box, None)
        if passed is not None and (len(passed) > 1 or passed[0]() is grad):
            self._left.setdefault(self._uses[box][0], arrival)
        return arrival

    def _add_up(self, leaf: int, grad: Tensor) -> None:
        """A leaf's gradient of one more use. Nothing that is used once is kept: autograd would have to copy it."""
        known = self._sums.get(leaf)
        self._sums[leaf] = grad + known if known is not None else grad.clone()

    def _on_deposit(self, box: int) -> Note:
        """Compares what is deposited into a leaf with what its uses handed it."""
        guard = self._guard

        def ran(_leaving: Grads, arriving: Grads) -> None:
            with guard:
                total, passed = arriving[0] if arriving else None, self._passing.pop(box, ())
                if total is not None and len(passed) == 1 and passed[0]() is total:
                    self._handed[box] = self._uses[box][0]
                    self._unexplained[box] = 0.0
                elif total is not None and box in self._sums:
                    with quiet():
                        self._compare(box, total, self._sums.pop(box))

        return ran

    def _compare(self, box: int, total: Tensor, summed: Tensor) -> None:
        if computable(total) and total.numel():
            self._unexplained[box] = _dense(summed - total).abs().max()

    def put_on(self, graph: Graph, gradients: Mapping[str, Gradient]) -> Graph:
        """The graph with what is new: gradients on its boxes, the leaves' own and those on their way, and on edges."""
        large = len(graph.nodes) > 2 * MOST_FOLLOWED
        if large and not self._arrived and not self._begun:
            return graph
        arrived, left, inner = read(self._arrived, self._left, self._inner)
        on_boxes: dict[int, TensorView | None] = dict(arrived)
        on_edges: dict[int, TensorView | None] = dict(left)
        known = graph.inner if self._begun else {}
        self._begun = True
        self._measured.update(left)
        unexplained = self._put_on_leaves(graph, gradients, on_boxes, on_edges)
        if on_edges and not self._flowing:
            self._flowing = True
            before = (number for number, local in enumerate(graph.locals) if local.flow is not None)
            on_edges |= {number: None for number in before if number not in on_edges}
        self._arrived, self._left, self._inner = {}, {}, {}
        grown = graph.grown(Additions(on_boxes, unexplained, flows=on_edges))
        inner = {} if large else known | inner
        return replace(grown, inner=inner) if inner != graph.inner else grown

    def _put_on_leaves(
        self,
        graph: Graph,
        gradients: Mapping[str, Gradient],
        on_boxes: dict[int, TensorView | None],
        on_edges: dict[int, TensorView | None],
    ) -> dict[int, float | None]:
        """Adds what has become of the leaves; returns how much of their gradients is unexplained."""
        unexplained: dict[int, float | None] = {}
        for box in self._drawn.leaf_of.values():
            node = graph.nodes[box]
            entry = gradients.get(node.name)
            if entry is None:
                continue
            rest, shown = self._unexplained.get(box), entry.returned or entry.fresh
            if isinstance(rest, Tensor):
                rest = self._unexplained[box] = float(rest)
            if node.gradient is not shown or node.unexplained != rest:
                on_boxes[box], unexplained[box] = shown, rest
            edge = self._handed.get(box, -1)
            if edge >= 0 and edge not in self._measured:
                on_edges[edge] = entry.fresh
        return unexplained


def _dense(grad: Tensor) -> Tensor:
    return grad.to_dense() if grad.layout is not torch.strided else grad
