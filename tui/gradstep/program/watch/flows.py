"""Gradients on their way through one backward pass: what arrives at each op, what leaves along each edge."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from types import FrameType
from typing import TYPE_CHECKING

import torch
from msgspec.structs import replace
from torch import Tensor
from torch.autograd.graph import Node
from torch.utils.hooks import RemovableHandle

from gradstep.model.graph import Graph, GraphNode, Local
from gradstep.model.stop import Flow, Gradient, Step, Stop
from gradstep.model.tensor import SMALL, TensorView
from gradstep.program.host.frames import here, place
from gradstep.program.watch.graphs import Drawn
from gradstep.program.watch.leaves import Leaf
from gradstep.program.watch.nodes import nodes_above, short_name, variable_of
from gradstep.program.watch.quiet import quiet
from gradstep.program.watch.views import frame_of, norm_view, readable, shortest

if TYPE_CHECKING:
    from gradstep.program.watch.session import Session

MOST_FOLLOWED = 200
"""In a graph of more ops gradients are followed only node by node, when the user asks for it."""

Grads = tuple[Tensor | None, ...]
Arrival = tuple[TensorView, Tensor | None]
"""A gradient; of a large one its frame, and its norm still on its device, to be read once backward is over."""


class Flows:
    """Listens to the nodes of one backward pass, and stops at each if the user goes node by node."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._handles: list[RemovableHandle] = []
        self._drawn: Drawn | None = None
        self._frame: FrameType | None = None
        self._arrived: dict[int, Arrival] = {}
        self._left: dict[int, Arrival] = {}
        self._sums: dict[int, Tensor | int] = {}
        """Of each leaf, by its box, the sum of what its uses hand it; of a single use only the address."""
        self._unexplained: dict[int, Tensor] = {}
        self._edges: dict[tuple[int, int], list[int]] = {}
        self._uses: Counter[int] = Counter()
        self._done = 0
        self._total = 0

    def listen(self, roots: Sequence[Tensor], frame: FrameType) -> None:
        """Backward is about to run from those roots. `frame`: where the user's code calls it."""
        self.close()
        drawn = self._drawn = self._session.describer.drawn
        self._arrived, self._left, self._sums, self._unexplained, self._done = {}, {}, {}, {}, 0
        each = self._session.talk.each
        if len(drawn.ops) > MOST_FOLLOWED and not each:
            return
        self._frame = frame
        self._total = 0
        self._edges = defaultdict(list)
        for number, edge in enumerate(drawn.graph.edges):
            self._edges[edge].append(number)
        self._uses = Counter(source for source, _ in drawn.graph.edges)
        self._hook(roots, each)

    def listen_within(self, roots: Sequence[object]) -> None:
        """A backward pass runs inside this one (re-entrant checkpointing): its nodes are stops too."""
        if self._frame is not None and self._session.talk.each and not self._session.guard.tripped:
            with self._session.guard, quiet():
                self._hook([item for item in roots if isinstance(item, Tensor)], True)

    def _hook(self, roots: Sequence[Tensor], each: bool) -> None:
        nodes = nodes_above(roots)
        self._total += len(nodes)
        for node in nodes:
            box = self._box(node)
            if each or box >= 0:
                self._handles.append(node.register_hook(self._on_node(node, box)))

    def close(self) -> None:
        """Listen no more."""
        for handle in self._handles:
            handle.remove()
        self._handles.clear()
        self._frame = None

    def _box(self, node: Node) -> int:
        """Where a node stands in the graph; -1 if it is not drawn."""
        drawn = self._session.describer.drawn
        leaf = self._leaf(node)
        if leaf is not None:
            return drawn.leaf_of.get(leaf, -1)
        return drawn.box_of.get(node._sequence_nr(), -1)

    def _leaf(self, node: Node) -> Leaf | None:
        """The leaf that an `AccumulateGrad` deposits into."""
        variable = variable_of(node)
        return self._session.leaves.find(variable) if variable is not None else None

    def _on_node(self, node: Node, box: int) -> Callable[[Grads, Grads], None]:
        def ran(leaving: Grads, arriving: Grads) -> None:
            session = self._session
            with session.guard, quiet():
                self._done += 1
                self._note(node, box, leaving, arriving)
                if session.talk.each and not session.guard.tripped:
                    self._stop(node, box, leaving, arriving)

        return ran

    def _note(self, node: Node, box: int, leaving: Grads, arriving: Grads) -> None:
        """Put what arrives on the box, and what leaves on its edges."""
        if box < 0:
            return
        if not node.next_functions:
            self._compare(box, arriving)
            return
        if self._is_result(node, box) and arriving and arriving[0] is not None:
            self._arrived[box] = _arrival(arriving[0])
        taken: dict[int, int] = {}
        for (above, _), grad in zip(node.next_functions, leaving, strict=False):
            source = self._box(above) if above is not None else -1
            if source < 0 or source == box:
                continue
            numbers = self._edges.get((source, box), ())
            use = taken.get(source, 0)
            taken[source] = use + 1
            if use < len(numbers) and grad is not None:
                self._left[numbers[use]] = _arrival(grad)
                if above is not None and not above.next_functions:
                    self._add_up(source, grad)

    def _add_up(self, leaf: int, grad: Tensor) -> None:
        """A leaf's gradient of one more use. Nothing that is used once is kept: autograd would have to copy it."""
        if self._uses[leaf] > 1:
            known = self._sums.get(leaf)
            self._sums[leaf] = grad + known if isinstance(known, Tensor) else grad.clone()
        elif readable(grad):
            self._sums[leaf] = _address(grad)

    def _compare(self, box: int, arriving: Grads) -> None:
        """What is deposited into a leaf, with the sum of what its uses handed it."""
        total, summed = arriving[0] if arriving else None, self._sums.pop(box, None)
        if total is None or summed is None or not total.numel() or not readable(total):
            return
        if isinstance(summed, Tensor):
            self._unexplained[box] = _dense(summed - total).abs().max()
        elif _address(total) == summed:
            self._unexplained[box] = torch.zeros(())

    def _is_result(self, node: Node, box: int) -> bool:
        """Whether the node is the last of its op: what arrives there is the gradient of the op's result."""
        op = self._session.tape.get(node._sequence_nr())
        return op is not None and op.seq == node._sequence_nr()

    def _stop(self, node: Node, box: int, leaving: Grads, arriving: Grads) -> None:
        session = self._session
        leaf = self._leaf(node)
        first = arriving[0] if arriving else None
        if leaf is not None and first is not None:
            session.ledger.deposited(leaf, first)
        step = Step(
            short_name(node),
            box,
            _small(first),
            tuple(self._flow(above, grad) for (above, _), grad in zip(node.next_functions, leaving, strict=False)),
            self._done,
            self._total,
        )
        op = session.tape.get(node._sequence_nr()) if leaf is None else None
        where = place(op.code, op.line) if op is not None and op.code is not None else here(self._frame)
        stop = Stop(phase="backward", reason="node", place=where, loss=session.loss, step=step)
        session.describer.look_if_needed(self._frame)
        session.talk.stop(session.describer.fill(stop, session.talk.full, self), session.describer.rest)

    def _flow(self, above: Node | None, grad: Tensor | None) -> Flow:
        if above is None:
            return Flow("constant")
        box = self._box(above)
        graph = self._session.describer.graph
        name = graph.nodes[box].name if box >= 0 else short_name(above)
        return Flow(name, box, _small(grad))

    def put_on(self, graph: Graph, gradients: dict[str, Gradient]) -> Graph:
        """The graph with gradients on its boxes, the leaves' own and those on their way, and on its edges."""
        if len(graph.nodes) > 2 * MOST_FOLLOWED and not self._arrived:
            return graph

        def filled(node: GraphNode) -> GraphNode:
            if node.kind == "leaf" and node.name in gradients:
                ledger, rest = gradients[node.name], self._unexplained.get(node.id)
                unexplained = None if rest is None else float(rest)
                return replace(node, gradient=ledger.returned or ledger.fresh, unexplained=unexplained)
            return replace(node, gradient=_read(self._arrived[node.id])) if node.id in self._arrived else node

        nodes = tuple(filled(node) for node in graph.nodes)
        locals_ = graph.locals or tuple(Local() for _ in graph.edges)
        if self._left:
            left = {number: _read(arrival) for number, arrival in self._left.items()}
            locals_ = tuple(replace(item, flow=left.get(number)) for number, item in enumerate(locals_))
        return replace(graph, nodes=nodes, locals=locals_)


def _address(grad: Tensor) -> int:
    if grad.layout is torch.sparse_coo:
        return grad._values().data_ptr()
    return grad.data_ptr() if grad.layout is torch.strided else 0


def _dense(grad: Tensor) -> Tensor:
    return grad.to_dense() if grad.layout is not torch.strided else grad


def _small(grad: Tensor | None) -> TensorView | None:
    if grad is None:
        return None
    return norm_view(grad) if readable(grad) else frame_of(grad)


def _arrival(grad: Tensor) -> Arrival:
    if grad.numel() <= SMALL or not readable(grad) or grad.layout is not torch.strided:
        return _small(grad) or frame_of(grad), None
    wide = torch.float32 if grad.dtype in (torch.float16, torch.bfloat16) else None
    return frame_of(grad), torch.linalg.vector_norm(grad.detach(), dtype=wide)


def _read(arrival: Arrival) -> TensorView:
    frame, length = arrival
    return frame if length is None else replace(frame, norm=shortest(length.item(), length.dtype))
