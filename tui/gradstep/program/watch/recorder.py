"""The function mode that sees the program's torch calls. What it does here is paid on every call: keep it short."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from gradstep.program.host.frames import is_user_file, user_frame, user_frames
from gradstep.program.watch.ops import Constant, Op
from gradstep.program.watch.signature import RUNNING_STATISTICS, signature

if TYPE_CHECKING:
    from gradstep.program.watch.session import Session

_MOST = 100_000
"""Ops kept at a time; a program that runs forward for ever without a backward must not fill the memory."""

_ATTRIBUTE = type(Tensor.data.__get__)  # type: ignore[attr-defined]
_NO_OP = frozenset(
    "_set_grad_enabled __repr__ __format__ __len__ __hash__ item tolist numpy size dim stride backward grad "
    "numel is_floating_point is_complex element_size data_ptr storage untyped_storage __deepcopy__ __reduce_ex__ "
    "retain_grad register_hook is_contiguous type __bool__ __float__ __int__ __index__ __contains__ "
    "register_post_accumulate_grad_hook __array__ is_same_size get_device has_names".split()
)
_peek_transform = torch._C._functorch.peek_interpreter_stack
_tracing = torch._C._get_tracing_state
_sequence_nr = torch._C._autograd._get_sequence_nr


class Recorder(TorchFunctionMode):
    """Records the forward ops of the thread that it was pushed in, and notes writes to leaves."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.updates = session.updates
        self.by_seq: dict[int, Op] = {}
        """Ops by the sequence number of each of their results."""
        self.floor = -1
        """Results up to this sequence number were made before the last backward."""
        self.scalars: list[Op] = []
        """Ops with a scalar result since the last forward stop."""
        self.aside = False
        """We have left the stack of modes for a while."""
        self.calls_without_grad = 0
        self.wrote_without_grad = False
        self._count = 0
        self._begun = 0
        self._by_id: dict[int, Op] = {}
        self._constants: dict[int, Constant] = {}
        self._user_code: dict[CodeType, bool] = {}

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Run the call; before and after it, see what it reads, writes and makes."""
        kwargs = kwargs or {}
        if type(func) is _ATTRIBUTE:
            if func.__name__ == "__set__" and self.updates.awaiting:
                self._before_set(func, args)
            return func(*args, **kwargs)
        name = getattr(func, "__name__", "")
        if not torch.is_grad_enabled():
            self.calls_without_grad += 1
            if not self.updates.awaiting or self.updates.stepping:
                return func(*args, **kwargs)
            if name[-1:] == "_" or "out" in kwargs or name == "__setitem__":
                self._before_write(args, kwargs)
            return self._followed(func, args, kwargs)
        if name == "backward":
            return self._backward(func, args, kwargs)
        if self.session.guard.tripped or name in _NO_OP or _peek_transform() is not None or _tracing() is not None:
            if name == "numpy":
                self.updates.expose(args[0])
            return func(*args, **kwargs)
        if types:
            return self._with_subclass(func, name, args, kwargs)
        inputs: list[Any] = []
        scalars: list[Any] = []
        reads = False
        with self.session.guard:
            reads = self._read(name, args, kwargs, inputs, scalars)
        if not reads:
            return func(*args, **kwargs) if not self.updates.awaiting else self._followed(func, args, kwargs)
        start = _sequence_nr()
        result = func(*args, **kwargs)
        with self.session.guard:
            if _sequence_nr() != start:
                self._called(result, name, inputs, scalars, start, args, kwargs)
            if self.updates.awaiting:
                self.updates.derive(inputs, result)
        return result

    def _with_subclass(self, func: Callable[..., Any], name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The same where a tensor subclass must not notice that it is looked at."""
        inputs: list[Any] = []
        scalars: list[Any] = []
        reads = False
        with self.session.guard, torch._C.DisableTorchFunctionSubclass():
            reads = self._read(name, args, kwargs, inputs, scalars)
        start = _sequence_nr()
        result = func(*args, **kwargs)
        if reads and _sequence_nr() != start:
            with self.session.guard, torch._C.DisableTorchFunctionSubclass():
                self._called(result, name, inputs, scalars, start, args, kwargs)
        return result

    def step_aside(self) -> bool:
        """Leave the stack of modes, if we are on top of it."""
        depth = torch._C._len_torch_function_stack()
        self.aside = bool(depth) and torch._C._get_function_stack_at(depth - 1) is self
        if self.aside:
            torch._C._pop_torch_function_stack()
        return self.aside

    def come_back(self) -> None:
        """Be on the stack of modes again."""
        if self.aside:
            self.aside = False
            torch._C._push_on_torch_function_stack(self)

    def reset(self) -> None:
        """A new iteration: forget the ops of those before, but for the last one's, whose results may be used still."""
        kept = {seq: op for seq, op in self.by_seq.items() if seq >= self._begun}
        self.by_seq.clear()
        self.by_seq.update(kept)
        self._begun = _sequence_nr()
        self._by_id.clear()
        self.scalars.clear()
        if len(self._constants) > 4096:
            self._constants.clear()

    def forget_scalars(self) -> None:
        """A forward stop was made."""
        self.scalars.clear()

    def _backward(self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A call of backward that raises before it reaches autograd's engine still ends a forward phase."""
        roots = args[:1] if args and isinstance(args[0], Tensor) else (args or (kwargs.get("tensors"),))[0]
        try:
            return func(*args, **kwargs)
        except RuntimeError:
            self.session.end_forward([item for item in roots or () if isinstance(item, Tensor)], sys._getframe(2))
            raise

    def _followed(self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Between backward and the next forward: a new tensor may be the next value of a leaf."""
        result = func(*args, **kwargs)
        with self.session.guard:
            self.updates.derive(list(_tensors(args, kwargs)), result)
        return result

    def _read(
        self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], inputs: list[Any], scalars: list[Any]
    ) -> bool:
        """Whether this is a forward op; collects its inputs and numbers. Makes the update stop that it may bring."""
        reads = self._scan(args, inputs, scalars, 0)
        if kwargs:
            reads |= self._scan(kwargs.values(), inputs, scalars, 0)
        if not self.updates.awaiting:
            return reads
        if name[-1:] == "_" or "out" in kwargs or name == "__setitem__":
            self._before_write(args, kwargs)
        if reads and name not in ("detach", "requires_grad_"):
            self.session.before_forward(sys._getframe(2))
        return reads

    def _scan(self, values: Any, inputs: list[Any], scalars: list[Any], depth: int) -> bool:
        """Collect results, leaves and constants; True if a leaf or a result since backward is among them."""
        reads = False
        for value in values:
            if isinstance(value, Tensor):
                if not value.requires_grad:
                    inputs.append(value)
                    continue
                known = self._by_id.get(id(value))
                if known is not None and known.ref() is value and known.version == value._version:
                    seq = known.seq
                else:
                    node = value.grad_fn
                    if node is None:
                        inputs.append(self.session.leaves.find(value) or self.updates.new_leaf(value))
                        reads = True
                        continue
                    seq = node._sequence_nr()
                    if seq > self.floor and seq not in self.by_seq:
                        self._opaque(node, seq, value)
                inputs.append(seq)
                reads |= seq > self.floor
            elif isinstance(value, (int, float, str)):
                scalars.append(value)
            elif depth < 3 and isinstance(value, (list, tuple)):
                reads |= self._scan(value, inputs, scalars, depth + 1)
        return reads

    def _called(
        self,
        result: Any,
        name: str,
        inputs: list[Any],
        scalars: list[Any],
        start: int,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> None:
        """Record the op with the places of its arguments."""
        op = self._made(result, name, inputs, scalars, start)
        if op is not None:
            op.signature = signature(name, args, kwargs, scalars)

    def _made(self, result: Any, name: str, inputs: list[Any], scalars: list[Any], start: int) -> Op | None:
        """Record the op, if its result requires grad. Autograd's nodes since `start` are its own."""
        if isinstance(result, Tensor):
            if not result.requires_grad:
                return None
            first: Tensor = result
            outputs: tuple[Tensor, ...] = (result,)
        else:
            outputs = tuple(item for item in _tensors((result,), {}) if item.requires_grad)
            if not outputs:
                return None
            first = outputs[0]
        inputs = self._keys(name, inputs, scalars)
        if self.updates.awaiting:
            self.session.op_made()
        self._count += 1
        last = _sequence_nr() - 1
        op = Op(self._count, name, tuple(inputs), tuple(scalars), last)
        for seq in range(start, last + 1):
            self.by_seq[seq] = op
        op.see(first)
        if len(outputs) == 1:
            self._by_id[id(first)] = op
        self._locate(op, sys._getframe(2))
        if first.numel() == 1 and first.ndim < 2:
            op.stack = tuple((part.f_code, part.f_lasti) for part in user_frames(sys._getframe(2)))
            self.scalars.append(op)
        if len(self.by_seq) > _MOST:
            self._forget_half()
        return op

    def _keys(self, name: str, inputs: list[Any], scalars: list[Any]) -> list[Any]:
        """Inputs as they are kept: constants by their record. What is read is consumed."""
        if name in RUNNING_STATISTICS and scalars[:1] != [False]:
            inputs = [item for item in inputs if not (isinstance(item, Tensor) and item.ndim == 1)]
        for position, item in enumerate(inputs):
            if isinstance(item, Tensor):
                inputs[position] = self._constant(item)
            elif type(item) is int and item in self.by_seq:
                self.by_seq[item].consumed = True
        return inputs

    def _forget_half(self) -> None:
        for key in list(self.by_seq)[: _MOST // 2]:
            del self.by_seq[key]
        self._by_id.clear()
        self._constants.clear()
        self.scalars = self.scalars[-1:]

    def record_call(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], call: Callable[[], Any]) -> Any:
        """One op for a call that is not to be looked into: a compiled callable."""
        if not torch.is_grad_enabled():
            return call()
        inputs: list[Any] = []
        scalars: list[Any] = []
        self._read(name, args, kwargs, inputs, scalars)
        start = _sequence_nr()
        result = call()
        if _sequence_nr() != start:
            self._made(result, name, inputs, scalars, start)
        return result

    def _locate(self, op: Op, frame: FrameType | None) -> None:
        start, known = frame, self._user_code
        while frame is not None:
            code = frame.f_code
            user = known.get(code)
            if user is None:
                user = known[code] = is_user_file(code.co_filename)
            if user:
                op.code, op.instruction = code, frame.f_lasti
                return
            frame = frame.f_back
        found = user_frame(start)
        if found is not None:
            op.code, op.instruction = found.f_code, found.f_lasti

    def _constant(self, tensor: Tensor) -> Constant:
        """The record of a constant; made once for as long as the tensor is the same and unchanged."""
        known = self._constants.get(id(tensor))
        version = -1 if tensor.is_inference() else tensor._version
        if known is None or known.ref() is not tensor or known.version != version:
            known = self._constants[id(tensor)] = Constant(tensor)
        return known

    def _opaque(self, node: torch.autograd.graph.Node, seq: int, value: Tensor) -> None:
        """A result made where the mode does not see: a custom Function, another thread. One op for each such node."""
        pending, made = [(node, seq)], []
        while pending:
            current, number = pending.pop()
            if number in self.by_seq:
                continue
            inputs: list[Any] = []
            for parent, _ in current.next_functions:
                variable = getattr(parent, "variable", None)
                if isinstance(variable, Tensor):
                    inputs.append(self.session.leaves.find(variable) or self.updates.new_leaf(variable))
                elif parent is not None:
                    above = parent._sequence_nr()
                    inputs.append(above)
                    if above in self.by_seq:
                        self.by_seq[above].consumed = True
                    elif above > self.floor:
                        pending.append((parent, above))
            name = current.name().split("Backward")[0] or current.name()
            op = self.by_seq[number] = Op(0, name, tuple(inputs), (), number)
            op.node = current.name()
            op.unseen()
            made.append(op)
        for op in sorted(made, key=lambda item: item.seq):
            self._count += 1
            op.number = self._count
            self._locate(op, sys._getframe(3))
        op = self.by_seq[seq]
        op.see(value)
        if value.numel() == 1:
            op.stack = tuple((part.f_code, part.f_lasti) for part in user_frames(sys._getframe(3)))
            self.scalars.append(op)

    def root(self, tensor: Tensor) -> Op | None:
        """The op that made that result."""
        node = tensor.grad_fn
        if node is None:
            return None
        seq = node._sequence_nr()
        if seq not in self.by_seq and seq > self.floor:
            self._opaque(node, seq, tensor)
        return self.by_seq.get(seq)

    def _before_set(self, func: Callable[..., Any], args: tuple[Any, ...]) -> None:
        if func.__self__.__name__ in ("data", "requires_grad"):  # type: ignore[attr-defined]
            self.updates.before_write(args[0], sys._getframe(2))

    def _before_write(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if self.updates.stepping:
            return
        target = kwargs.get("out", args[0] if args else kwargs.get("input"))
        for tensor in target if isinstance(target, (list, tuple)) else (target,):
            if isinstance(tensor, Tensor) and self.updates.before_write(tensor, sys._getframe(2)):
                self.wrote_without_grad = True


def _tensors(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Iterator[Tensor]:
    """The tensors among arguments, inside lists and tuples too."""
    for value in (*args, *kwargs.values()):
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, (list, tuple)):
            yield from _tensors(tuple(value), {})
        elif isinstance(value, dict):
            yield from _tensors(tuple(value.values()), {})
