"""Stops of a forward pass: at each op if the user goes op by op, and at its end."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Sequence
from types import FrameType

from msgspec.structs import replace
from torch import Tensor

from gradstep.model.graph import Additions, Local, plain
from gradstep.model.message import Statistics
from gradstep.model.stop import Loss, Reason, Step, Stop
from gradstep.program.graph.graphs import MOST_DRAWN, NOT_DRAWN, Drawn, GraphBuilder
from gradstep.program.graph.levels import Levels
from gradstep.program.graph.local import LocalGradients
from gradstep.program.graph.losses import PassSeed, Root, coarsest
from gradstep.program.host.frames import here, user_frame
from gradstep.program.host.talk import Talk
from gradstep.program.host.watcher import Pace
from gradstep.program.leaves.names import Scope, assigned_at, name_to_come
from gradstep.program.stops.describe import Describer
from gradstep.program.tape.ops import Op
from gradstep.program.tape.tape import Tape
from gradstep.program.tensors.private import sequence_nr
from gradstep.program.tensors.quiet import quiet

_BATCH = 0.02
"""Seconds of local gradients that are sent in one message."""


class ForwardStops:
    """Draws the graph of a forward pass and makes its stops; knows the latest loss."""

    def __init__(self, talk: Talk, describer: Describer, tape: Tape, local: LocalGradients, levels: Levels) -> None:
        self.loss: Loss | None = None
        """Of the latest forward pass."""
        self.shown_seq = -1
        """Autograd's sequence number at the last stop: what was made before it was shown."""
        self.names: dict[str, str] = {}
        """The user's name of each loss, by its site."""
        self.roots: list[weakref.ref[Tensor]] = []
        """What the graph that is drawn leads to."""
        self.levels = levels
        self._talk = talk
        self._describer = describer
        self._tape = tape
        self._local = local
        self._random = PassSeed()
        self._builder: GraphBuilder | None = None
        """Who has drawn the ops so far, where the user goes op by op."""

    def note(self) -> None:
        """An op is about to run that may be the first of an iteration."""
        self._random.note()

    def begin(self) -> None:
        """The first op of an iteration has run."""
        self._builder = None
        self._random.begin()

    def after_op(self, op: Op, frame: FrameType) -> None:
        """Make the stop after one op."""
        with quiet():
            ops = [known for known in self._tape.ops() if known.seq > self._tape.floor]
            scope = self._describer.look_on(frame)
            result = op.ref()
            if result is not None:
                scope.expect(result, name_to_come(frame, op.name))
            drawn = self._draw_on(ops, scope, [result] if result is not None else [])
            where = op.place if op.code is not None else here(frame)
            step = Step(op.name, drawn.box_of.get(op.seq, -1), done=len(ops))
            stop = Stop(phase="forward", reason="op", place=where, loss=self.loss, step=step)
            self._talk.stop(self._describer.fill(stop, self._talk.full), self.rest_inside)

    def at_end(self, root: Root, reason: Reason, frame: FrameType | None, full: bool) -> Stop:
        """The stop at the end of a forward phase, `full` where somebody looks at it. `frame`: where the program is."""
        op = _users(root, frame)
        where = op.place if op.code is not None else here(frame)
        stop = Stop(phase="forward", reason=reason, place=where, light=not full)
        if not full:
            self._describer.use(NOT_DRAWN)
            self.levels.end()
        self.look(root, frame, full)
        stop = replace(stop, loss=self.loss)
        if full:
            stop = self._describer.fill(stop, self._talk.full)
        self.shown_seq = sequence_nr()
        self._tape.scalars.clear()
        return stop

    def look(self, root: Root, frame: FrameType | None, full: bool) -> None:
        """Take that root for the loss, named as the user names it; `full`: and draw its graph."""
        self._builder = None
        scope = None
        if full:
            scope = self._draw(root, frame)
        elif root.site not in self.names:
            scope = Scope(frame)
            self.names[root.site] = scope.name_of(root.op.ref()) or root.op.name
        own = _users(root, frame)
        if own.is_scalar and (own is not root.op or self.names.get(root.site) == plain(root.op.name)):
            named = scope.name_of(own.ref()) if scope is not None else self.names.get(root.site, "")
            self.names[root.site] = named or assigned_at(own.code, own.instruction) or own.name
        name = self.names.get(root.site, root.op.name)
        self.loss = Loss(name, root.value, root.dtype, root.site, self._random.data(root.ops), coarsest(root))

    def draw_part(self, ops: list[Op], frame: FrameType | None) -> None:
        """Draw a forward pass that was broken off."""
        scope = self._describer.look_on(frame)
        builder = GraphBuilder(scope, self._tape)
        self._use(builder.build(ops, None), builder, scope, [])

    def _draw(self, root: Root, frame: FrameType | None) -> Scope:
        scope = self._describer.look(frame)
        builder = GraphBuilder(scope, self._tape)
        drawn = builder.build(root.ops, root.op, self._talk.phases + 1)
        graph = drawn.graph
        self._use(drawn, builder, scope, root.tensors)
        if graph.root >= 0:
            self.names[root.site] = graph.nodes[graph.root].name
        return scope

    def _draw_on(self, ops: list[Op], scope: Scope, roots: Sequence[Tensor]) -> Drawn:
        """Draw those ops: if they begin with the ones that are drawn, only the new ones."""
        before, builder = self._describer.drawn, self._builder
        done = len(before.ops)
        if builder is None or builder.left or len(ops) > MOST_DRAWN or tuple(ops[:done]) != before.ops:
            self._builder = GraphBuilder(scope, self._tape)
            drawn = self._builder.build(ops, None)
            self._use(drawn, self._builder, scope, roots)
            return drawn
        drawn = builder.extend(before, ops[done:], scope)
        kept = all(old.name == new.name for old, new in zip(before.graph.nodes, drawn.graph.nodes, strict=False))
        self._use(drawn, builder, scope, roots, kept)
        return drawn

    def _use(
        self, drawn: Drawn, builder: GraphBuilder, scope: Scope, roots: Sequence[Tensor], goes_on: bool = False
    ) -> None:
        """Show that graph from now on; `goes_on`: the one before, with more ops."""
        self._describer.use(drawn, goes_on)
        self._local.begin(drawn, scope.names, goes_on)
        self.roots = [weakref.ref(item) for item in roots]
        self.levels.begin(drawn, builder, self.roots)

    def rest_inside(self, stop: Stop) -> Iterator[Statistics | None]:
        """The same for a stop inside a phase."""
        yield from self.rest(stop)
        yield from self.levels.rest(stop)

    def rest(self, stop: Stop) -> Iterator[Statistics | None]:
        """The local gradients of the graph, in numbers while backward has not freed it; then statistics."""
        found: dict[int, Local] = {}
        pace = Pace(_BATCH)
        numbers = stop.phase == "forward" and self._talk.launch.detail == "screen"
        alive = [root() for root in self.roots] if numbers else []
        pieces = self._local.pieces([root for root in alive if root is not None])
        try:
            while True:
                with quiet():
                    piece = next(pieces, None)
                found |= piece or {}
                if found and (piece is None or pace.is_due()):
                    added, found = Additions(locals=found), {}
                    self._describer.grow(added)
                    yield Statistics(stop.index, graph=added)
                if piece is None:
                    break
                yield None
        finally:  # a key has come: what is not sent yet stands in the graph of the next stop
            if found:
                self._describer.grow(Additions(locals=found))
        yield from self._describer.rest(stop)


def _users(root: Root, frame: FrameType | None) -> Op:
    """The op that made a root; if a library did, in a call that is still under way, the user's own last one in it."""
    caller = user_frame(frame)
    if caller is None:
        return root.op
    here = caller.f_code, caller.f_lasti
    own = (op for op in reversed(root.ops) if op.code is not None and (op.code, op.instruction) != here)
    return root.op if (root.op.code, root.op.instruction) != here else next(own, root.op)
