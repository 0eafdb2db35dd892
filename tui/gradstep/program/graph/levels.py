"""What of a drawn graph comes late: ops that were too many to come at once, and the nodes of autograd."""

from __future__ import annotations

import sys
import weakref
from collections.abc import Generator, Iterator, Sequence
from functools import reduce

from torch import Tensor
from torch.autograd.graph import Node

from gradstep.model.autograd import Autograd
from gradstep.model.graph import Additions, Earlier
from gradstep.model.message import Statistics
from gradstep.model.stop import Stop
from gradstep.program.graph.graphs import NOT_DRAWN, Drawn, GraphBuilder
from gradstep.program.graph.walk import NodePlace, WalkedNode, collect, in_order
from gradstep.program.host.talk import Talk
from gradstep.program.host.watcher import Pace
from gradstep.program.leaves.leaves import Leaves
from gradstep.program.leaves.names import Scope
from gradstep.program.tensors.nodes import variable_of
from gradstep.program.tensors.quiet import quietly

_BATCH = 0.05
"""Seconds of work on ops that are sent in one message."""
_AT_ONCE = 100
"""Ops that are handled before a key is looked for."""
_PIECE = 4_000
"""Nodes of autograd that are sent in one message."""

Pieces = Generator[Additions | None, None, None]
"""None: nothing to be sent yet."""


class Levels:
    """Sends the rest of the graph that is drawn: at the stop where it was made, else at the next that shows it.

    Of autograd's nodes names and structure are kept; none of them is held while the program runs. A key may come right
    after a piece: that it was the last is noted before it is sent, or the next stop would send all of them again.
    """

    def __init__(self, talk: Talk, leaves: Leaves) -> None:
        self._talk = talk
        self._leaves = leaves
        self._drawn = NOT_DRAWN
        self._builder: GraphBuilder | None = None
        self._roots: list[weakref.ref[Tensor]] = []
        self._first = 0
        """Autograd's sequence number of the first op."""
        self._built = 0
        """How many of the ops that were left out are built."""
        self._pieces: list[Earlier] = []
        """These, until all of them are sent."""
        self._done = True

    def begin(self, drawn: Drawn, builder: GraphBuilder, roots: list[weakref.ref[Tensor]]) -> None:
        """That graph was drawn by that builder; it leads to those roots."""
        self._drawn, self._builder, self._roots = drawn, builder, roots
        ops = builder.left or drawn.ops
        self._first = ops[0].first_seq if ops else 0
        self._built, self._pieces, self._done = 0, [], not drawn.ops

    def end(self) -> None:
        """No graph is drawn any more."""
        self._drawn, self._builder, self._roots, self._pieces, self._done = NOT_DRAWN, None, [], [], True

    def number_of(self, node: Node) -> int | None:
        """The node's sequence number, counted from that of the first op; None for an `AccumulateGrad`."""
        return None if variable_of(node) is not None else node._sequence_nr() - self._first

    def rest(self, stop: Stop) -> Iterator[Statistics | None]:
        """All that is still to be sent, in pieces. Where nobody waits for it, each op's own graph is not worth it."""
        if self._done or self._talk.launch.detail != "screen" or (self._talk.full and stop.reason == "op"):
            return
        for more in quietly(self._all()):
            yield None if more is None else Statistics(stop.index, graph=more)

    def _all(self) -> Pieces:
        yield from self._ops()
        yield from self._nodes()
        self._done = True

    def _ops(self) -> Pieces:
        """The ops that were left out, from the first on."""
        builder = self._builder
        if builder is None or not builder.left:
            return
        sent, pace = 0, Pace(_BATCH)
        scope = Scope(sys._getframe())
        while self._built < len(builder.left):
            some = builder.left[self._built : self._built + _AT_ONCE]
            self._pieces.append(builder.build_earlier(some, scope, self._drawn.late))
            self._built += len(some)
            if pace.is_due():
                first, sent = sent, len(self._pieces)
                yield Additions(earlier=_together(self._pieces[first:]))
            else:
                yield None
        last = self._pieces[sent:]
        self._builder, self._pieces = None, []
        if last:
            yield Additions(earlier=_together(last))

    def _nodes(self) -> Pieces:
        """Autograd's nodes, if the program still has what they lead to."""
        alive: Sequence[Tensor] = [root for ref in self._roots if (root := ref()) is not None]
        found: list[WalkedNode] = yield from collect(alive, self._look)
        alive = ()
        order: list[int] = yield from in_order(found)
        names: dict[str, int] = {}
        place = {number: at for at, number in enumerate(order)}
        for start in range(0, len(order), _PIECE):
            known = len(names)
            some = [found[number] for number in order[start : start + _PIECE]]
            nodes = tuple(node.placed(names.setdefault(node.name, len(names)), place) for node in some)
            missing = max(0, len(order) - start - _PIECE)
            self._done = not missing
            yield Additions(autograd=Autograd(nodes, tuple(names)[known:], missing))

    def _look(self, node: Node) -> NodePlace:
        """To what of the graph a node belongs, and its number."""
        variable = variable_of(node)
        if variable is not None:
            return self._drawn.leaf(self._leaves.find(variable)), None
        number = node._sequence_nr()
        return self._drawn.box(number), number - self._first


def _together(pieces: Sequence[Earlier]) -> Earlier:
    return reduce(Earlier.followed_by, pieces, Earlier())
