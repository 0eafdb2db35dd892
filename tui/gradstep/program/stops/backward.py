"""Stops inside a backward pass: at each node if the user goes node by node."""

from __future__ import annotations

from collections.abc import Sequence
from types import FrameType

from torch import Tensor
from torch.autograd.graph import Node

from gradstep.model.pattern import fits
from gradstep.model.stop import Flow, Step, Stop
from gradstep.program.graph.arrivals import seen
from gradstep.program.graph.flows import Flows, Grads
from gradstep.program.host.frames import here
from gradstep.program.host.guard import Guard
from gradstep.program.host.talk import Talk
from gradstep.program.leaves.ledger import Ledger
from gradstep.program.stops.describe import Describer
from gradstep.program.stops.forward import ForwardStops
from gradstep.program.tape.tape import Tape
from gradstep.program.tensors.nodes import short_name


class BackwardStops:
    """Makes a stop after each node that runs."""

    def __init__(
        self,
        talk: Talk,
        guard: Guard,
        describer: Describer,
        tape: Tape,
        ledger: Ledger,
        flows: Flows,
        forward: ForwardStops,
    ) -> None:
        self._talk = talk
        self._guard = guard
        self._describer = describer
        self._tape = tape
        self._ledger = ledger
        self._flows = flows
        self._forward = forward
        self._frame: FrameType | None = None
        """Where the user's code calls backward."""
        self._done = 0
        """Nodes that have run."""

    def begin(self, roots: Sequence[Tensor], frame: FrameType, deposits: bool) -> None:
        """Backward is about to run from those roots. `deposits`: into `.grad`, else the gradients are returned."""
        self._frame, self._done = frame, 0
        self._flows.listen(self._describer.drawn, roots, deposits, self._ran if self._goes_in() else None)

    def _goes_in(self) -> bool:
        """Whether the user goes node by node, or to some node."""
        return self._talk.each or bool(self._talk.node_patterns)

    def end(self) -> None:
        """Backward is over. The frame would keep alive what the program drops."""
        self._flows.close()
        self._frame = None

    def _ran(self, node: Node, leaving: Grads, arriving: Grads) -> None:
        """A node has run."""
        self._done += 1
        number = self._forward.levels.number_of(node)
        self._flows.arrived_inside(node, number, arriving)
        reached = any(fits(short_name(node), pattern) for pattern in self._talk.node_patterns)
        if (self._talk.each or reached) and not self._guard.tripped:
            self._stop(node, number, leaving, arriving)

    def _stop(self, node: Node, number: int | None, leaving: Grads, arriving: Grads) -> None:
        flows, describer = self._flows, self._describer
        leaf = flows.leaf(node)
        first = arriving[0] if arriving else None
        if leaf is not None and first is not None:
            self._ledger.deposited(leaf, first)
        step = Step(
            short_name(node),
            flows.wide_box(node),
            number,
            flows.is_drawn_inside(node),
            seen(first),
            tuple(self._flow(above, grad) for (above, _), grad in zip(node.next_functions, leaving, strict=False)),
            self._done,
            flows.total,
        )
        op = self._tape.get(node._sequence_nr()) if leaf is None else None
        where = op.place if op is not None and op.code is not None else here(self._frame)
        stop = Stop(phase="backward", reason="node", place=where, loss=self._forward.loss, step=step)
        describer.look_if_needed(self._frame)
        self._talk.stop(describer.fill(stop, self._talk.full, flows), self._forward.rest_inside)

    def _flow(self, above: Node | None, grad: Tensor | None) -> Flow:
        if above is None:
            return Flow("constant")
        box = self._flows.wide_box(above)
        inner = box < 0 or self._flows.is_drawn_inside(above)
        return Flow(short_name(above) if inner else self._describer.drawn.name(box), box, seen(grad), inner)
