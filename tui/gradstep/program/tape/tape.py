"""The forward ops as they are recorded, by the sequence numbers that autograd gives to its nodes."""

from __future__ import annotations

import sys
import weakref
from collections import deque
from collections.abc import Iterator
from types import CodeType, FrameType
from typing import Any

import torch
from torch import Tensor

from gradstep.program.host.frames import is_user_file, user_frame, user_frames
from gradstep.program.leaves.leaves import Leaf, Leaves
from gradstep.program.leaves.updates import Updates
from gradstep.program.tape.modules import ModuleStack
from gradstep.program.tape.ops import Constant, Op
from gradstep.program.tape.signature import RUNNING_STATISTICS
from gradstep.program.tensors.nodes import short_name, variable_of
from gradstep.program.tensors.private import sequence_nr
from gradstep.program.tensors.views import bytes_of, shape_of, version_of

_MOST = 100_000
"""Ops kept at a time; a program that runs forward for ever without a backward must not fill the memory."""

_TRIMMED_AT, _PASSES = 2_000, 16
"""Ops, and passes as long as the first, from which on an iteration without an update forgets those nobody needs."""

_MOST_KEPT = 2_000
"""Small results whose values are kept, the newest."""


class Tape:
    """The ops of this iteration, and of the one before, whose results may be used still."""

    def __init__(self, leaves: Leaves, updates: Updates, modules: ModuleStack) -> None:
        self.floor = -1
        """Results up to this sequence number were made before the last backward."""
        self.within = -1
        """Those above it and up to this one inside it: gradients that have a graph of their own."""
        self.scalars: list[Op] = []
        """Ops with a scalar result since the last forward stop."""
        self.lean = False
        """Nobody will look at this forward pass: values of its results are not kept."""
        self.hooks = 0
        """Depth of the program's hooks on saved tensors."""
        self._leaves = leaves
        self._updates = updates
        self._modules = modules
        self._ops: dict[int, Op] = {}
        self._earlier: dict[int, Op] = {}
        self._kept: deque[Op] = deque()
        self.longest = 0
        """Ops of the longest pass of this iteration that led to a loss."""
        self._far = 0
        """Ops so far from the end of a pass, to judge from the iteration before, that their values would be dropped."""
        self._by_id: dict[int, Op] = {}
        """By identity of its only result: cheaper than asking autograd, which makes an object to answer."""
        self._constants: dict[int, Constant] = {}
        self._shapes: dict[torch.Size, torch.Size] = {}
        self._user_code: dict[CodeType, bool] = {}
        self._trim_at = 0
        """Ops at which those nobody needs are forgotten; 0 until the iteration's first backward pass is over."""
        self.met = 0
        """Bytes of the constants that were met for the first time in this iteration."""

    def get(self, seq: int) -> Op | None:
        """The op one of whose nodes has that sequence number."""
        return self._ops.get(seq) or self._earlier.get(seq)

    def known(self, tensor: Tensor) -> Op | None:
        """The op that made that very tensor, whatever was written to it since."""
        op = self._by_id.get(id(tensor))
        return op if op is not None and op.ref() is tensor else None

    def end_of(self, seq: int) -> int:
        """Sequence number of the last node of the op that has that node."""
        op = self.get(seq)
        return op.seq if op is not None else -2

    def leaf(self, tensor: Tensor) -> Leaf:
        """The leaf that this tensor is."""
        return self._leaves.find(tensor) or self._updates.new_leaf(tensor)

    def ops(self) -> list[Op]:
        """The ops of this iteration, in the order of execution."""
        return sorted(dict.fromkeys(self._ops.values()), key=_by_seq)

    def __len__(self) -> int:
        """About how many ops there are: autograd's nodes that are theirs."""
        return len(self._ops)

    def since_backward(self) -> list[Op]:
        """The ops since the last backward pass."""
        return [op for op in self.ops() if op.seq > self.floor]

    def feeding(self, roots: list[Op]) -> list[Op]:
        """The ops that the roots depend on, in the order of execution."""
        mark, found, get = object(), [], self._ops.get
        pending = list(roots)
        for op in pending:
            op.mark = mark
        while pending:
            op = pending.pop()
            found.append(op)
            for item in op.inputs:
                if type(item) is int:
                    above = get(item) or self._earlier.get(item)
                    if above is not None and above.mark is not mark:
                        above.mark = mark
                        pending.append(above)
        found.sort(key=_by_seq)
        return found

    def reset(self) -> None:
        """A new iteration: forget the ops of the one before the last."""
        self._earlier, self._ops = self._ops, {}
        self._far, self.longest = self.longest - 2 * _MOST_KEPT, 0
        self._kept.clear()
        self._by_id.clear()
        self.scalars.clear()
        self.met = 0
        self._trim_at = 0
        if len(self._constants) > 4096:
            self._constants.clear()

    def trim(self) -> bool:
        """A backward pass is over: if there are many ops by now, forget all but those that live results came from.

        An iteration may be as long as the program: gradients added up without end, updates that change nothing.
        """
        if not self._trim_at:
            self._trim_at = max(_TRIMMED_AT, _PASSES * len(self._ops))
        if len(self._ops) < self._trim_at:
            return False
        needed = {id(op) for op in self.feeding([op for op in self.ops() if op.ref() is not None])}
        for ops in (self._ops, self._earlier, self._by_id):
            for key in [key for key, op in ops.items() if id(op) not in needed]:
                del ops[key]
        self._trim_at = max(self._trim_at, 2 * len(self._ops))
        return True

    def scan(self, values: Any, inputs: list[Any], scalars: list[Any], depth: int = 0) -> bool:
        """Collect results (as numbers), leaves and constants; True if a leaf or a result since backward is there."""
        reads = False
        floor, by_id = self.floor, self._by_id
        for value in values:
            if isinstance(value, Tensor):
                if not value.requires_grad:
                    inputs.append(value)
                    continue
                known = by_id.get(id(value))
                if known is not None and known.ref() is value and known.version == value._version:
                    seq = known.seq
                else:
                    node = value.grad_fn
                    if node is None:
                        inputs.append(self._leaves.find(value) or self._updates.new_leaf(value))
                        reads = True
                        continue
                    seq = node._sequence_nr()
                    if seq > floor and self.get(seq) is None:
                        if not self._is_forward(node):
                            inputs.append(seq)
                            continue
                        self._opaque(node, seq, value)
                inputs.append(seq)
                reads |= seq > floor
            elif isinstance(value, (int, float, str)):
                scalars.append(value)
            elif depth < 3 and isinstance(value, (list, tuple)):
                reads |= self.scan(value, inputs, scalars, depth + 1)
        return reads

    def record(
        self,
        first: Tensor,
        single: bool,
        name: str,
        inputs: list[Any],
        scalars: list[Any],
        start: int,
        frame: FrameType,
    ) -> Op:
        """Record the op whose (first or `single`) result is `first`. Autograd's nodes since `start` are its own."""
        if name in RUNNING_STATISTICS and scalars[:1] != [False]:
            inputs = [item for item in inputs if not (isinstance(item, Tensor) and item.ndim == 1)]
        ops = self._ops
        for position, item in enumerate(inputs):
            kind = type(item)
            if kind is int:
                source = ops.get(item) or self._earlier.get(item)
                if source is not None:
                    source.consumed = True
            elif kind is not Leaf:
                inputs[position] = self._constant(item)
        last = sequence_nr() - 1
        modules = self._modules.current
        op = Op(name=name, inputs=tuple(inputs), scalars=tuple(scalars), first_seq=start, seq=last, modules=modules)
        op.hooked = self.hooks > 0
        ops[last] = op
        for seq in range(start, last):
            ops[seq] = op
        self._locate(op, frame)
        shape = first.shape if not first.is_nested else shape_of(first)
        if len(shape) < 2 and first.numel() == 1:
            op.see(first)
            self._note_scalar(op, frame)
        elif not self.near:
            op.ref, op.version = weakref.ref(first), first._version
            op.shape, op.dtype = self._shapes.setdefault(shape, shape), first.dtype
        else:
            op.see(first)
            self._keep_newest(op)
        if single:
            self._by_id[id(first)] = op
        if len(self._ops) > _MOST:
            self._forget_half()
        return op

    @property
    def near(self) -> bool:
        """Whether somebody may look at the op now under way."""
        return not self.lean and len(self._ops) >= self._far

    def _keep_newest(self, op: Op) -> None:
        if op.kept is not None:
            self._kept.append(op)
            if len(self._kept) > _MOST_KEPT:
                self._kept.popleft().drop()

    def _note_scalar(self, op: Op, frame: FrameType) -> None:
        op.stack = tuple((part.f_code, part.f_lasti) for part in user_frames(frame))
        self.scalars.append(op)

    def _forget_half(self) -> None:
        for key in list(self._ops)[: _MOST // 2]:
            del self._ops[key]
        self._earlier.clear()
        self._by_id.clear()
        self._constants.clear()
        self.scalars = self.scalars[-1:]

    def _locate(self, op: Op, frame: FrameType) -> None:
        """Find the innermost line of the user's own code."""
        known = self._user_code
        part: FrameType | None = frame
        while part is not None:
            code = part.f_code
            user = known.get(code)
            if user is None:
                user = known[code] = is_user_file(code.co_filename)
            if user:
                op.code, op.instruction = code, part.f_lasti
                return
            part = part.f_back
        found = user_frame(frame)
        if found is not None:
            op.code, op.instruction = found.f_code, found.f_lasti

    def _constant(self, tensor: Tensor) -> Constant:
        """The record of a constant; made once for as long as the tensor is the same and unchanged."""
        known = self._constants.get(id(tensor))
        version = version_of(tensor)
        if known is None or known.ref() is not tensor or known.version != version:
            known = self._constants[id(tensor)] = Constant()
            known.note(tensor, self.lean)
            if not self.lean:
                self.met += bytes_of(tensor)
        return known

    def _is_forward(self, node: torch.autograd.graph.Node) -> bool:
        """Whether a result whose making was not seen comes of a leaf, of the last backward, or of an op since.

        Else it is arithmetic on losses that are done: `(loss_a + loss_b) / 2`, to be printed.
        """
        pending, seen = [node], {node}
        while pending:
            current = pending.pop()
            if current._sequence_nr() <= self.within:
                return True
            for above, _ in current.next_functions:
                if above is None or above in seen:
                    continue
                seen.add(above)
                if variable_of(above) is not None:
                    return True
                seq = above._sequence_nr()
                if seq > self.floor:
                    if self.get(seq) is not None:
                        return True
                    pending.append(above)
        return False

    def _opaque(self, node: torch.autograd.graph.Node, seq: int, value: Tensor) -> None:
        """A result made where the mode does not see: a custom Function, another thread. One op for each such node."""
        pending, made = [(node, seq)], []
        while pending:
            current, number = pending.pop()
            if self.get(number) is not None:
                continue
            inputs: list[Any] = []
            for parent, _ in current.next_functions:
                variable = variable_of(parent) if parent is not None else None
                if variable is not None:
                    inputs.append(self._leaves.find(variable) or self._updates.new_leaf(variable))
                elif parent is not None:
                    above = parent._sequence_nr()
                    inputs.append(above)
                    source = self.get(above)
                    if source is not None:
                        source.consumed = True
                    elif above > self.floor:
                        pending.append((parent, above))
            name = current.name().split("Backward")[0] or current.name()
            op = self._ops[number] = Op(
                name=name, inputs=tuple(inputs), scalars=(), first_seq=number, seq=number, modules=self._modules.current
            )
            op.node = short_name(current)
            made.append(op)
        frame = sys._getframe(3)
        for op in made:
            self._locate(op, frame)
        op = self._ops[seq]
        op.see(value)
        if value.numel() == 1:
            self._note_scalar(op, frame)

    def leaves_under(self, result: Any, known: list[Any]) -> list[Leaf]:
        """The leaves that a result's own node leads to, besides the known inputs: parameters of a compiled module."""
        first = first_differentiable(result)
        node = first.grad_fn if first is not None else None
        variables = [variable_of(above) for above, _ in node.next_functions if above is not None] if node else []
        found = [self._leaves.find(item) or self._updates.new_leaf(item) for item in variables if item is not None]
        return [leaf for leaf in dict.fromkeys(found) if leaf not in known]

    def root(self, tensor: Tensor) -> Op | None:
        """The op that made that result."""
        node = tensor.grad_fn
        if node is None:
            return None
        seq = node._sequence_nr()
        if seq > self.floor and self.get(seq) is None:
            self._opaque(node, seq, tensor)
        return self.get(seq)


def tensors_in(values: Any) -> Iterator[Tensor]:
    """The tensors among values, inside lists, tuples and dicts too."""
    for value in values:
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, (list, tuple)):
            yield from tensors_in(value)
        elif isinstance(value, dict):
            yield from tensors_in(value.values())


def first_differentiable(result: Any) -> Tensor | None:
    """The first tensor in a result that requires grad."""
    if isinstance(result, Tensor):
        return result if result.requires_grad else None
    return next((item for item in tensors_in((result,)) if item.requires_grad), None)


def _by_seq(op: Op) -> int:
    return op.seq
