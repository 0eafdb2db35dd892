"""The phases: forward, backward, update. Knows where in an iteration the program is and makes the stops."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from types import FrameType
from typing import Any

import torch
from msgspec.structs import replace
from torch import Tensor

from gradstep.model.graph import Graph
from gradstep.model.message import Fetch, Fetched
from gradstep.model.stop import Loss, Place, Reason, Stop, Update
from gradstep.model.tensor import TensorView
from gradstep.program.host.frames import is_called_by, line_of, place, user_frame
from gradstep.program.host.talk import Talk
from gradstep.program.watch.describe import MOST_RESULTS, Describer
from gradstep.program.watch.graphs import GraphBuilder
from gradstep.program.watch.guard import Guard
from gradstep.program.watch.inspect import Inspector
from gradstep.program.watch.leaves import Leaf, Leaves
from gradstep.program.watch.ledger import Ledger, mark_used
from gradstep.program.watch.losses import RandomState, Root, find_root, is_statistic, kept_root
from gradstep.program.watch.names import Scope
from gradstep.program.watch.quiet import quiet
from gradstep.program.watch.recorder import Recorder
from gradstep.program.watch.scaling import Scaling
from gradstep.program.watch.updates import Updates
from gradstep.program.watch.views import readable, view

Run = Callable[..., Any]

_DERIVATIVES = ("torch/autograd/functional.py", "torch/autograd/gradcheck.py")
"""Calls of these (`jacobian`, `gradcheck`) are no phases, however often they run backward."""


class Session:
    """One run of one program, seen from inside. Reads torch only while `quiet`."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk
        self.guard = Guard(talk.notice)
        self.leaves = Leaves()
        self.updates = Updates(self.leaves)
        self.ledger = Ledger(self.leaves)
        self.recorder = Recorder(self)
        self.describer = Describer(self.leaves, self.ledger)
        self.inspector = Inspector(self.leaves, self.describer, self.recorder.by_seq)
        self.scaling = Scaling()
        self.opaque = 0
        """Depth of compiled callables under way."""
        self._random = RandomState()
        self._inside_backward = False
        self._updated = True
        self._stepped: list[torch.optim.Optimizer] = []
        self._shown_seq = -1
        self._loss: Loss | None = None
        self._loss_names: dict[str, str] = {}
        self._thread = threading.get_ident()
        self._told_of_threads = False

    # Forward

    def before_forward(self, frame: FrameType) -> None:
        """A forward op is about to run, and an update has not been seen since backward: was there one by hand?"""
        updates = self.updates
        if updates.stepping or self._inside_backward or updates.is_own_line(user_frame(frame)):
            return
        if updates.suspicious or updates.rebound:
            self._by_hand(frame if updates.rebound else None)

    def op_made(self) -> None:
        """A forward op has run while updates were awaited: a new iteration begins if there was one."""
        if self._updated and not self._inside_backward and not self.updates.stepping:
            self._begin_iteration()

    def _begin_iteration(self) -> None:
        self._updated = False
        self.updates.begin()
        self.talk.iteration += 1
        self.recorder.reset()
        self._random.begin()

    def _forward(self, root: Root, reason: Reason, frame: FrameType | None) -> None:
        """Make the stop at the end of a forward phase. `frame`: where the program is now."""
        if self._updated:
            self._begin_iteration()
        full = self.talk.full or self.talk.will_wait("forward")
        op = root.op
        where = place(op.code, line_of(op.code, op.instruction)) if op.code is not None else _here(frame)
        stop = Stop(phase="forward", reason=reason, place=where, light=not full)
        if full:
            self._draw(root, frame)
        else:
            self.describer.use(Graph(), {})
            self._name_loss(root, frame)
        self._take_loss(root)
        stop = replace(stop, loss=self._loss)
        if full:
            stop = self.describer.fill(stop, [], self.talk.full)
        self._shown_seq = torch._C._autograd._get_sequence_nr()
        self.recorder.forget_scalars()
        self._stop(stop)

    def _draw(self, root: Root, frame: FrameType | None) -> None:
        names = self.describer.look(frame).names
        builder = GraphBuilder(lambda item: names.get(id(item)) if item is not None else None, self.recorder.by_seq)
        graph = builder.build(root.ops, root.op)
        self.describer.use(graph, builder.node_of)
        if graph.root >= 0:
            self._loss_names[root.site] = graph.nodes[graph.root].name

    def _name_loss(self, root: Root, frame: FrameType | None) -> None:
        """Find the user's name of a loss that is not drawn; once for each place that makes one."""
        if root.site not in self._loss_names:
            self._loss_names[root.site] = Scope(frame).names.get(id(root.op.ref()), root.op.name)

    def _take_loss(self, root: Root) -> None:
        name = self._loss_names.get(root.site, root.op.name)
        self._loss = Loss(name, root.value, root.dtype, root.site, self._random.data(root.ops))

    # Backward

    def ignores(self, outputs: Sequence[Any]) -> bool:
        """Whether that call into the engine is no phase of the program."""
        if (
            self.guard.tripped
            or self._inside_backward
            or self.opaque
            or torch._C._functorch.peek_interpreter_stack() is not None
        ):
            return True
        if is_called_by(sys._getframe(2), _DERIVATIVES):
            return True
        if threading.get_ident() != self._thread:
            if not self._told_of_threads:
                self._told_of_threads = True
                self.talk.notice("a backward pass runs in another thread; only the main thread is followed")
            return True
        with quiet():
            return any(isinstance(item, Tensor) and not readable(item) for item in outputs)

    def backward(self, run: Run, outputs: Sequence[Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """One call into autograd's engine: the forward stop before it, its deposits, the backward stop after it."""
        frame = sys._getframe(2)
        self.recorder.come_back()
        tensors = [item for item in outputs if isinstance(item, Tensor)]
        full = self.talk.full or self.talk.will_wait("backward")
        caught: dict[int, TensorView] = {}
        with self.guard, quiet():
            self.end_forward(tensors, frame)
            full = self.talk.full or self.talk.will_wait("backward")
            self.ledger.before()
            caught = self._catch(tensors) if full else {}
        self.recorder.floor = torch._C._autograd._get_sequence_nr() - 1
        self._inside_backward = True
        start = time.perf_counter()
        try:
            result = run(outputs, *args, **kwargs)
        finally:
            self._inside_backward = False
            deposited: list[Leaf] = []
            with self.guard, quiet():
                deposited = self.ledger.after()
        if self.talk.will_wait("backward") and torch.accelerator.is_available():
            torch.accelerator.synchronize()
        seconds = time.perf_counter() - start
        with self.guard:
            if not kwargs.get("accumulate_grad", args[5] if len(args) > 5 else True):
                deposited = self._returned(kwargs.get("inputs", args[3] if len(args) > 3 else ()), result)
            self._after_backward(full, deposited, caught, frame, seconds)
        return result

    def end_forward(self, tensors: Sequence[Tensor], frame: FrameType) -> None:
        """Backward is called on those results: make the stops that come before it."""
        with quiet():
            if not self.updates.stepping:
                self._by_hand(frame)
            root = find_root(tensors, self.recorder, self.scaling)
            if root is None:
                return
            if root.newest >= self._shown_seq:
                self._forward(root, "step", frame)
            elif self._loss is None or self._loss.site != root.site or self._loss.value != root.value:
                self._name_loss(root, frame)
                self._take_loss(root)

    def _after_backward(
        self, full: bool, deposited: list[Leaf], caught: dict[int, TensorView], frame: FrameType, seconds: float
    ) -> None:
        stop = Stop(phase="backward", place=_here(frame), loss=self._loss, seconds=seconds, light=not full)
        with quiet():
            for leaf in deposited:
                leaf.scale = self.scaling.factor()
            if full:
                self.describer.look_if_needed(frame)
                stop = self.describer.fill(stop, [], self.talk.full, caught)
            self.updates.wait()
            self._stop(stop)
            if self._stepped:
                optimizer, self._stepped = self._stepped[-1], []
                self._step(optimizer, frame)
            elif self.ledger.hooked:
                self._by_hand(frame)

    def _catch(self, tensors: list[Tensor]) -> dict[int, TensorView]:
        """Listen for the gradients of small intermediate results; by node of the graph, filled while backward runs."""
        caught: dict[int, TensorView] = {}
        wanted = self.describer.node_of
        if len(wanted) > MOST_RESULTS:
            return caught
        pending = [item.grad_fn for item in tensors if item.grad_fn is not None]
        seen: set[Any] = set()
        while pending and len(seen) < 4 * MOST_RESULTS:
            node = pending.pop()
            if node in seen:
                continue
            seen.add(node)
            pending += [above for above, _ in node.next_functions if above is not None]
            target = wanted.get(node._sequence_nr())
            if target is not None:
                self.ledger.listen_to(node, caught, target)
        return caught

    def _returned(self, inputs: Sequence[Any], grads: Sequence[Tensor | None]) -> list[Leaf]:
        """What `torch.autograd.grad` gave for each leaf among its inputs."""
        found = []
        with quiet():
            for item, grad in zip(inputs, grads, strict=False):
                if isinstance(item, Tensor) and item.is_leaf and grad is not None:
                    leaf = self.leaves.find(item) or self.updates.new_leaf(item)
                    leaf.returned = view(grad)
                    leaf.train()
                    found.append(leaf)
        return found

    # Update

    def before_step(self, optimizer: torch.optim.Optimizer, closure: bool) -> None:
        """An optimizer's step begins. Unless it runs the program's closure there is nothing to be seen in it."""
        self.updates.stepping += 1
        if not closure:
            self.recorder.step_aside()
        self.updates.know(optimizer)

    def after_step(self, optimizer: torch.optim.Optimizer) -> None:
        """An optimizer's step is over; inside backward the stop waits for the backward stop."""
        self.scaling.count_step()
        self.updates.stepping = max(0, self.updates.stepping - 1)
        self.recorder.come_back()
        if self.guard.tripped or self.updates.stepping or self.opaque or threading.get_ident() != self._thread:
            return
        if self._inside_backward:
            self._stepped.append(optimizer)
        else:
            with self.guard, quiet():
                self._step(optimizer, sys._getframe(2))

    def _step(self, optimizer: torch.optim.Optimizer, frame: FrameType) -> None:
        """Make the stop after an optimizer's step."""
        group = optimizer.param_groups[0]
        rate = group.get("lr")
        update = Update(
            type(optimizer).__name__,
            float(rate) if rate is not None else None,
            bool(group.get("maximize", False)),
            self.scaling.take_skipped(),
        )
        self._update(update, "step", _here(frame), self.updates.owned_by(optimizer), frame)

    def _by_hand(self, search: FrameType | None) -> None:
        """Make an update stop if the program has changed leaves without an optimizer's step."""
        moved = self.updates.take_changed(search)
        if moved:
            frame = search or sys._getframe(1)
            self._update(Update(), "by-hand", self.updates.where() or _here(frame), moved, frame)

    def _update(self, update: Update, reason: Reason, where: Place, moved: list[Leaf], frame: FrameType) -> None:
        full = self.talk.full or self.talk.will_wait("update")
        stop = Stop(phase="update", reason=reason, place=where, loss=self._loss, light=not full)
        with quiet():
            for leaf in moved:
                mark_used(leaf)
                leaf.view = None
            if full:
                self.describer.look_if_needed(frame)
                stop = self.describer.fill(stop, moved, self.talk.full)
            self.updates.settle()
            self.updates.wait()
            self.recorder.forget_scalars()
            self._updated = True
            changed = tuple(leaf.name for leaf in moved if leaf.name in stop.changed)
            self._stop(replace(stop, update=replace(update, leaves=changed)))

    # The program's end, and the screen's wishes

    def finish(self, cell: bool) -> None:
        """The end of a notebook's cell or of the program: an update by hand, a loss that nothing has consumed."""
        with self.guard, quiet():
            if self.guard.tripped:
                return
            if not self.updates.stepping:
                self._by_hand(sys._getframe(1))
            made = [op for op in self.recorder.scalars if not op.consumed and op.seq >= self._shown_seq]
            roots = [kept_root(op, self.recorder) for op in made]
            losses = [root for root in roots if not is_statistic(root) or self._loss_names.keys() <= {root.site}]
            if losses:
                self._forward(losses[-1], "cell" if cell else "exit", None)

    def describe(self, stop: Stop) -> Stop:
        """A stop that is no phase: leaves, gradients and the latest loss."""
        with self.guard, quiet():
            self.describer.look(sys._getframe(1))
            stop = self.describer.fill(replace(stop, loss=self._loss), list(self.leaves), eager=True)
            stop = replace(stop, changed=())
        return stop

    def inspect(self, fetch: Fetch) -> Iterator[Fetched | None]:
        """Answer what the screen asks about a tensor of this stop."""
        with self.guard:
            yield from self.inspector.answer(fetch)

    def clear_used(self) -> None:
        """Set `.grad = None` wherever an update has used it."""
        for leaf in self.leaves:
            tensor = leaf.tensor
            if leaf.used and tensor is not None:
                with quiet():
                    tensor.grad = None
                leaf.used = False

    def detach(self) -> None:
        """Stop watching."""
        modes = [torch._C._pop_torch_function_stack() for _ in range(torch._C._len_torch_function_stack())]
        for mode in reversed(modes):
            if mode is not self.recorder:
                torch._C._push_on_torch_function_stack(mode)
        self._inside_backward = True

    def _stop(self, stop: Stop) -> None:
        self.talk.stop(stop, None if stop.light else self.describer.rest)


def _here(frame: FrameType | None) -> Place:
    user = user_frame(frame)
    return place(user.f_code, user.f_lineno) if user is not None else Place()
