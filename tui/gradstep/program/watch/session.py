"""The phases: forward, backward, update. Knows where in an iteration the program is and makes the stops."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Sequence
from types import CodeType, FrameType
from typing import Any

import torch
from msgspec.structs import replace
from torch import Tensor

from gradstep.model.stop import Loss, Place, Reason, Stop, Update
from gradstep.model.tensor import TensorView
from gradstep.program.host.frames import line_of, place, user_frame
from gradstep.program.host.talk import Talk
from gradstep.program.watch.describe import MOST_RESULTS, Describer
from gradstep.program.watch.graphs import GraphBuilder, data_of, feeding, site_of
from gradstep.program.watch.leaves import Leaf, Leaves
from gradstep.program.watch.ledger import Ledger, mark_used
from gradstep.program.watch.ops import Op, fingerprint
from gradstep.program.watch.quiet import quiet
from gradstep.program.watch.recorder import Recorder
from gradstep.program.watch.scaling import Scaling
from gradstep.program.watch.views import name_of, readable, shortest, view

Run = Callable[..., Any]


class Session:
    """One run of one program, seen from inside."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk
        self.leaves = Leaves()
        self.ledger = Ledger(self.leaves)
        self.recorder = Recorder(self)
        self.describer = Describer(self.leaves, self.ledger)
        self.scaling = Scaling()
        self.awaiting = True
        """Backward has run (or an update): writes to leaves are looked for until the next forward begins."""
        self.stepping = 0
        """Depth of optimizers' steps under way."""
        self.opaque = 0
        """Depth of compiled callables under way."""
        self._inside_backward = False
        self._updated = True
        self._stepped: list[torch.optim.Optimizer] = []
        self._optimizers: dict[int, int] = {}
        self._owned: dict[int, int] = {}
        self._derived: dict[int, Leaf] = {}
        self._rebound: list[Leaf] = []
        self._suspicious = True
        self._written: set[tuple[CodeType, int]] = set()
        self._last_write: tuple[CodeType, int] | None = None
        self._shown_seq = -1
        self._random_state = 0
        self._loss: Loss | None = None
        self._root_names: dict[str, str] = {}
        self._thread = threading.get_ident()
        self._told_of_threads = False

    # Forward

    def new_leaf(self, tensor: Tensor) -> Leaf:
        """A leaf that is read for the first time: perhaps the next value of one we know."""
        leaf = self.leaves.add(tensor)
        leaf.owner = self._owned.get(id(tensor), -1)
        before = self._derived.get(tensor.untyped_storage().data_ptr()) if self._derived else None
        if self.awaiting and before is not None and before.view and before.view.shape == tuple(tensor.shape):
            leaf.name, leaf.trained = before.name, True
            self._rebound.append(leaf)
            before.trained, before.name = False, ""
        if leaf.owner < 0:
            with quiet():
                leaf.remember()
        return leaf

    def derive(self, inputs: list[Any], result: Any) -> None:
        """Between backward and forward: `result` was computed from `inputs`; it may become a leaf's next value."""
        if not isinstance(result, Tensor) or self.stepping or result.layout is not torch.strided:
            return
        for item in inputs:
            source = item if isinstance(item, Leaf) else None
            if isinstance(item, Tensor) and item.layout is torch.strided:
                source = self.leaves.find(item) or self._derived.get(item.untyped_storage().data_ptr())
                source = source or next(iter(self.leaves.sharing(item)), None)
            tensor = source.tensor if source is not None else None
            if source is not None and tensor is not None and tensor.shape == result.shape:
                if result.untyped_storage().data_ptr() != tensor.untyped_storage().data_ptr():
                    self._derived[result.untyped_storage().data_ptr()] = source
                    self._note_line(sys._getframe(2))
                return

    def before_forward(self, inputs: list[Any], frame: FrameType) -> None:
        """A forward op is about to run for the first time since backward: was there an update by hand?"""
        if self.stepping or self._inside_backward:
            return
        user = user_frame(frame)
        if user is not None and (user.f_code, user.f_lineno) in self._written and not self._rebound:
            return
        if self._suspicious or self._rebound:
            self._by_hand()
        if self._updated:
            self._begin_iteration()

    def _begin_iteration(self) -> None:
        self._updated = False
        self.awaiting = False
        self._derived.clear()
        self.talk.iteration += 1
        self.recorder.reset()
        self._random_state = _random_state()

    def forward(self, roots: list[tuple[Op, Tensor | None]], reason: Reason, frame: FrameType | None) -> None:
        """Make the stop at the end of a forward phase. `frame`: where the program is now."""
        if self._updated:
            self._begin_iteration()
        full = self.talk.full or self.talk.will_wait("forward")
        by_seq = self.recorder.by_seq
        op, tensor = roots[-1]
        scaled = self.scaling.unscaled(tensor) if tensor is not None else None
        if scaled is not None:
            op = self.recorder.root(scaled) or op
        ops = feeding([root for root, _ in roots], by_seq)
        where = place(op.code, line_of(op.code, op.instruction)) if op.code is not None else _here(frame)
        stop = Stop(phase="forward", reason=reason, place=where)
        site = site_of(op, ops)
        with quiet():
            data = data_of(ops, self._random_state, _random_state())
            values = [scaled if scaled is not None else tensor] if len(roots) == 1 else [item for _, item in roots]
            value, kind = _loss_value(values, [root for root, _ in roots])
            name = self._root_names.get(site, op.name)
            if full:
                scope = self.describer.look(frame)
                by_id = scope.names
                builder = GraphBuilder(lambda item: by_id.get(id(item)) if item is not None else None, by_seq)
                self.describer.use(builder.build(ops, op))
                name = self._root_names[site] = self.describer.graph.nodes[self.describer.graph.root].name
            self._loss = Loss(name, value, kind, site, data)
            stop = replace(stop, loss=self._loss, light=not full)
            if full:
                stop = self.describer.fill(stop, [], self.talk.full)
        self._shown_seq = torch._C._autograd._get_sequence_nr()
        self.recorder.forget_scalars()
        self._stop(stop)

    # Backward

    def ignores(self, outputs: Sequence[Any]) -> bool:
        """Whether that call into the engine is no phase of the program."""
        if self._inside_backward or self.opaque or torch._C._functorch.peek_interpreter_stack() is not None:
            return True
        if threading.get_ident() != self._thread:
            if not self._told_of_threads:
                self._told_of_threads = True
                self.talk.notice("a backward pass runs in another thread; only the main thread is followed")
            return True
        return any(isinstance(item, Tensor) and not readable(item) for item in outputs)

    def backward(self, run: Run, outputs: Sequence[Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """One call into autograd's engine: the forward stop before it, its deposits, the backward stop after it."""
        frame = sys._getframe(2)
        self.recorder.come_back()
        if not self.stepping:
            self._by_hand()
        tensors = [item for item in outputs if isinstance(item, Tensor)]
        roots: list[tuple[Op, Tensor | None]] = [
            (op, item) for item in tensors if (op := self.recorder.root(item)) is not None
        ]
        if any(op.seq >= self._shown_seq for op, _ in roots):
            self.forward(roots, "step", frame)
        accumulates = kwargs.get("accumulate_grad", args[5] if len(args) > 5 else True)
        full = self.talk.full or self.talk.will_wait("backward")
        with quiet():
            self.ledger.before()
            caught = self._catch([op for op, _ in roots], tensors) if full else {}
        self.recorder.floor = torch._C._autograd._get_sequence_nr() - 1
        self._inside_backward = True
        start = time.perf_counter()
        try:
            result = run(outputs, *args, **kwargs)
        finally:
            self._inside_backward = False
            with quiet():
                deposited = self.ledger.after()
        if self.talk.will_wait("backward") and torch.accelerator.is_available():
            torch.accelerator.synchronize()
        seconds = time.perf_counter() - start
        if not accumulates:
            deposited = self._returned(kwargs.get("inputs", args[3] if len(args) > 3 else ()), result)
        self._after_backward(full, deposited, caught, frame, seconds)
        return result

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
        self._await_update()
        self._stop(stop)
        if self._stepped:
            optimizer, self._stepped = self._stepped[-1], []
            self.update(optimizer, frame)
        elif self.ledger.hooked:
            self._by_hand()

    def _catch(self, roots: list[Op], tensors: list[Tensor]) -> dict[int, TensorView]:
        """Listen for the gradients of small intermediate results; by node of the graph, filled while backward runs."""
        caught: dict[int, TensorView] = {}
        nodes = self.describer.graph.nodes
        if not roots or len(nodes) > MOST_RESULTS:
            return caught
        wanted = {op.seq: op for op in feeding(roots, self.recorder.by_seq)}
        ids = {(node.name, node.line): node.id for node in nodes if node.kind == "op"}
        order = sorted(wanted.values(), key=lambda op: op.number)
        ops = [node.id for node in nodes if node.kind == "op"]
        if len(ops) != len(order) or not ids:
            return caught
        by_seq = {op.seq: number for op, number in zip(order, ops, strict=True)}
        pending = [item.grad_fn for item in tensors if item.grad_fn is not None]
        seen: set[Any] = set()
        while pending and len(seen) < 4 * MOST_RESULTS:
            node = pending.pop()
            if node in seen:
                continue
            seen.add(node)
            pending += [above for above, _ in node.next_functions if above is not None]
            target = by_seq.get(node._sequence_nr())
            if target is not None:
                self.ledger.listen_to(node, caught, target)
        return caught

    def _returned(self, inputs: Sequence[Any], grads: Sequence[Tensor | None]) -> list[Leaf]:
        """What `torch.autograd.grad` gave for each leaf among its inputs."""
        found = []
        with quiet():
            for item, grad in zip(inputs, grads, strict=False):
                if isinstance(item, Tensor) and item.is_leaf and grad is not None:
                    leaf = self.leaves.find(item) or self.new_leaf(item)
                    leaf.returned, leaf.trained = view(grad), True
                    found.append(leaf)
        return found

    def _await_update(self) -> None:
        self.awaiting = True
        self._suspicious = True
        self._written.clear()
        self._derived.clear()
        self.leaves.index_storages()

    # Update

    def add_group(self, optimizer: torch.optim.Optimizer) -> None:
        """The parameters of an optimizer are leaves, and that optimizer's."""
        number = self._optimizers.setdefault(id(optimizer), len(self._optimizers))
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                if parameter.requires_grad and parameter.is_leaf:
                    self._owned[id(parameter)] = number
                    leaf = self.leaves.add(parameter)
                    leaf.owner, leaf.trained, leaf.snapshot = number, True, None

    def before_step(self, optimizer: torch.optim.Optimizer, closure: bool) -> None:
        """An optimizer's step begins. Unless it runs the program's closure there is nothing to be seen in it."""
        self.stepping += 1
        if not closure:
            self.recorder.step_aside()
        if id(optimizer) not in self._optimizers:
            self.add_group(optimizer)

    def after_step(self, optimizer: torch.optim.Optimizer) -> None:
        """An optimizer's step is over; inside backward the stop waits for the backward stop."""
        self.stepping = max(0, self.stepping - 1)
        self.recorder.come_back()
        if self.stepping or self.opaque or threading.get_ident() != self._thread:
            return
        if self._inside_backward:
            self._stepped.append(optimizer)
        else:
            self.update(optimizer, sys._getframe(2))

    def update(self, optimizer: torch.optim.Optimizer, frame: FrameType) -> None:
        """Make the stop after an optimizer's step."""
        number = self._optimizers.get(id(optimizer), -1)
        group = optimizer.param_groups[0]
        rate = group.get("lr")
        moved = [leaf for leaf in self.leaves if leaf.owner == number]
        update = Update(
            type(optimizer).__name__,
            float(rate) if rate is not None else None,
            bool(group.get("maximize", False)),
            self.scaling.take_skipped(),
        )
        self._update(update, "step", _here(frame), moved, frame)

    def _by_hand(self) -> None:
        """Make an update stop if the program has changed leaves without an optimizer's step."""
        self._suspicious = False
        moved = self._rebound
        self._rebound = []
        with quiet():
            moved += [leaf for leaf in self.leaves if leaf.trained and leaf.snapshot is not None and leaf.differs()]
        if moved:
            frame = sys._getframe(1)
            where = place(self._last_write[0], self._last_write[1]) if self._last_write else _here(frame)
            self._update(Update(), "by-hand", where, moved, frame)

    def _update(self, update: Update, reason: Reason, where: Place, moved: list[Leaf], frame: FrameType) -> None:
        full = self.talk.full or self.talk.will_wait("update")
        stop = Stop(phase="update", reason=reason, place=where, loss=self._loss, light=not full)
        with quiet():
            for leaf in moved:
                mark_used(leaf)
            if full:
                self.describer.look_if_needed(frame)
                stop = self.describer.fill(stop, moved, self.talk.full)
            else:
                for leaf in moved:
                    leaf.view = None
            for leaf in self.leaves:
                if leaf.owner >= 0:
                    leaf.snapshot = None
                elif leaf.trained:
                    leaf.remember()
        changed = tuple(leaf.name for leaf in moved if full and leaf.name in stop.changed)
        self._await_update()
        self._updated = True
        self._last_write = None
        self._stop(replace(stop, update=replace(update, leaves=changed)))

    def before_write(self, target: Tensor, frame: FrameType) -> bool:
        """The program is about to write into `target`; True if that is a leaf's memory."""
        if not self.awaiting or self.stepping or self._inside_backward:
            return False
        touched = self.leaves.sharing(target)
        if not touched:
            return False
        with quiet():
            for leaf in touched:
                leaf.now_of = None
                if leaf.snapshot is None:
                    leaf.remember()
        self._suspicious = True
        self._note_line(frame)
        return True

    def expose(self, tensor: Tensor) -> None:
        """A leaf's memory is handed out as a numpy array: writes to it are not seen, so keep its content to compare."""
        if isinstance(tensor, Tensor) and self.awaiting:
            with quiet():
                for leaf in self.leaves.sharing(tensor):
                    if leaf.snapshot is None:
                        leaf.remember()
            self._suspicious = True

    def _note_line(self, frame: FrameType | None) -> None:
        user = user_frame(frame)
        if user is not None:
            self._last_write = (user.f_code, user.f_lineno)
            self._written.add(self._last_write)

    def _stop(self, stop: Stop) -> None:
        self.talk.stop(stop, None if stop.light else self.describer.rest)

    # The screen's wishes

    def finish(self, cell: bool) -> None:
        """The end of a notebook's cell or of the program: an update by hand, a loss that nothing has consumed."""
        if not self.stepping:
            self._by_hand()
        made = [op for op in self.recorder.scalars if not op.consumed and op.seq >= self._shown_seq]
        if made:
            op = made[-1]
            tensor = op.ref()
            self.forward([(op, tensor if tensor is not None else op.tensor())], "cell" if cell else "exit", None)

    def describe(self, stop: Stop, full: bool) -> Stop:
        """A stop that is no phase: leaves, gradients and the latest loss."""
        with quiet():
            self.describer.look(sys._getframe(1))
            return self.describer.fill(replace(stop, loss=self._loss), list(self.leaves), eager=True)

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


def _here(frame: FrameType | None) -> Place:
    user = user_frame(frame)
    return place(user.f_code, user.f_lineno) if user is not None else Place()


def _random_state() -> int:
    with quiet():
        return fingerprint(torch.default_generator.get_state())


def _loss_value(tensors: Sequence[Tensor | None], ops: Sequence[Op]) -> tuple[float | None, str]:
    """The sum of the scalar roots; None if one of them is no scalar."""
    total = 0.0
    kind = torch.float32
    for tensor, op in zip(tensors, ops, strict=True):
        source = tensor if tensor is not None else op.tensor()
        if source is None or source.numel() != 1 or source.is_complex() or not readable(source):
            return None, "float32"
        kind = source.dtype
        total += float(source.detach())
    return shortest(total, kind), name_of(kind)
