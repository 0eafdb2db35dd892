"""The function mode that sees the program's torch calls. What it does here is paid on every call: keep it short."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import nullcontext
from types import FrameType
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from gradstep.program.clues.modes import DROPOUTS
from gradstep.program.clues.search import CALLS
from gradstep.program.graph.flows import Flows
from gradstep.program.host.guard import Guard
from gradstep.program.host.talk import Talk
from gradstep.program.leaves.updates import Updates
from gradstep.program.session.originals import HANDS_OVER, Originals
from gradstep.program.tape.call import BeforeCall
from gradstep.program.tape.calls import Calls
from gradstep.program.tape.ops import Op
from gradstep.program.tape.signature import signature
from gradstep.program.tape.tape import Tape, first_differentiable, tensors_in
from gradstep.program.tensors.private import (
    count_dispatch_modes,
    count_modes,
    mode_at,
    no_dispatch_modes,
    no_subclasses,
    pop_mode,
    push_mode,
    sequence_nr,
    tracing,
    transform,
)

_ATTRIBUTE = type(Tensor.data.__get__)  # type: ignore[attr-defined]
_NO_OP = frozenset(
    "backward _set_grad_enabled __repr__ __format__ __len__ __hash__ item tolist numpy size dim stride grad "
    "numel is_floating_point is_complex element_size data_ptr storage untyped_storage __deepcopy__ __reduce_ex__ "
    "retain_grad register_hook is_contiguous type __bool__ __float__ __int__ __index__ __contains__ "
    "register_post_accumulate_grad_hook __array__ is_same_size get_device has_names".split()
)
_VIEWS = frozenset(("T", "mT", "H", "mH", "real", "imag"))
"""Attributes that are ops."""
_grad_enabled = torch.is_grad_enabled


class Phases(Protocol):
    """Who makes stops of what is recorded."""

    def before_forward(self, frame: FrameType) -> None:
        """A forward op is about to run, and an update has not been seen since backward."""

    def op_made(self) -> None:
        """A forward op has run while updates were awaited."""

    def op_stop(self, op: Op, frame: FrameType) -> None:
        """One op of a forward pass has run, and the user goes op by op."""


class CallClues(Protocol):
    """Who searches calls for what may be a fault."""

    def called(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any, frame: FrameType) -> None:
        """One of `CALLS` has returned."""

    def grad_read(self, tensor: Any, frame: FrameType) -> None:
        """`.grad` is read."""


class Recorder(TorchFunctionMode):
    """Records the forward ops of the thread that it was pushed in, and notes writes to leaves."""

    def __init__(
        self, phases: Phases, talk: Talk, guard: Guard, updates: Updates, tape: Tape, calls: Calls, flows: Flows,
        clues: CallClues,
    ) -> None:  # fmt: skip
        super().__init__()
        self.phases = phases
        self.talk = talk
        self.guard = guard
        self.updates = updates
        self.tape = tape
        self.calls = calls
        self.flows = flows
        self.clues = clues
        self._originals = Originals()
        self.aside = False
        """We have left the stack of modes for a while."""
        self.calls_without_grad = 0
        self.wrote_without_grad = False

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Run the call; before and after it, see what it reads, writes and makes."""
        kwargs = kwargs or {}
        caller = sys._getframe(1)
        if caller.f_code is HANDS_OVER and caller.f_back is not None:
            func = self._originals.behind(func, caller.f_back)
        name = getattr(func, "__name__", "")
        if type(func) is _ATTRIBUTE:
            name = self._attribute(func, name, args, caller)
            if name not in _VIEWS:
                return func(*args, **kwargs)
        if not _grad_enabled():
            return self._without_grad(func, name, args, kwargs)
        if name in _NO_OP or self.guard.tripped or transform() is not None or tracing() is not None:
            return self._no_op(func, name, args, kwargs)
        inputs: list[Any] = []
        scalars: list[Any] = []
        hidden = bool(types) or count_dispatch_modes() > 0
        reads, before = self._look_before(hidden, name, args, kwargs, inputs, scalars, caller)
        turn = self.guard.turn
        if turn.late:
            turn.catch_up()
        start = sequence_nr()
        result = func(*args, **kwargs)
        if name in CALLS:
            with self.guard:
                (_hidden(self.clues.called) if hidden else self.clues.called)(name, args, kwargs, result, caller)
        if not reads and not self.updates.awaiting and not self.calls.follows:
            return result
        after = _hidden(self._after) if hidden else self._after
        turn.depth += 1
        try:
            after(reads, result, func, name, args, kwargs, inputs, scalars, start, caller, before)
        except RecursionError:
            return result
        except Exception as error:  # noqa: BLE001  (told and not passed on to the program)
            self.guard.pass_or_slip(error)
        finally:
            turn.depth -= 1
        if turn.late:
            turn.catch_up()
        return result

    def _attribute(self, func: Callable[..., Any], name: str, args: tuple[Any, ...], caller: FrameType) -> str:
        """An attribute is read or set, which may be a write to a leaf; its name."""
        if self.updates.awaiting and name == "__set__":
            self._before_set(func, args, caller)
        attribute: str = func.__self__.__name__  # type: ignore[attr-defined]
        if attribute == "grad" and name == "__get__":
            self.updates.gradient_read(args[0], caller)
            if type(args[0]) is Tensor:
                self.clues.grad_read(args[0], caller)
        return attribute

    def _look_before(
        self,
        hidden: bool,
        name: str,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        inputs: list[Any],
        scalars: list[Any],
        frame: FrameType,
    ) -> tuple[bool, BeforeCall | None]:
        """What there is to be seen before a call."""
        reads, before, turn = False, None, self.guard.turn
        kind = self.calls.kinds.get(name, -1)
        turn.depth += 1
        try:
            reads = (_hidden(self._read) if hidden else self._read)(name, args, kwargs, inputs, scalars, frame)
            if kind and self.tape.near:
                kind = kind if kind > 0 else self.calls.kind(name)
                before = (_hidden(self.calls.before) if hidden else self.calls.before)(kind, args, kwargs)
        except RecursionError:
            return False, None  # the program is as deep as it may be, and will be told so itself
        except Exception as error:  # noqa: BLE001
            self.guard.pass_or_slip(error)
        finally:
            turn.depth -= 1
        return reads, before

    def _read(
        self,
        name: str,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        inputs: list[Any],
        scalars: list[Any],
        frame: FrameType,
    ) -> bool:
        """Whether this is a forward op; collects its inputs and numbers. Makes the update stop that it may bring."""
        reads = self.tape.scan(args, inputs, scalars)
        if kwargs:
            reads |= self.tape.scan(kwargs.values(), inputs, scalars)
        if self.updates.awaiting:
            if self._writes(name) or "out" in kwargs:
                self._before_write(args, kwargs, frame)
            if reads and name not in ("detach", "requires_grad_"):
                self.phases.before_forward(frame)
        return reads

    def _after(
        self,
        reads: bool,
        result: Any,
        func: Callable[..., Any],
        name: str,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        inputs: list[Any],
        scalars: list[Any],
        start: int,
        frame: FrameType,
        before: BeforeCall | None,
    ) -> None:
        """Record what the call has made."""
        if reads and sequence_nr() != start:
            self._made(result, func, name, args, kwargs, inputs, scalars, start, frame, before)
        elif self.tape.near:
            self.calls.derive(func, name, args, kwargs, inputs, result)
        if self.updates.awaiting:
            self.updates.derive(inputs, result, frame)

    def _made(
        self,
        result: Any,
        func: Callable[..., Any],
        name: str,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        inputs: list[Any],
        scalars: list[Any],
        start: int,
        frame: FrameType,
        before: BeforeCall | None = None,
        opaque: bool = False,
    ) -> None:
        first = first_differentiable(result)
        if first is not None and self.updates.awaiting:
            self.phases.op_made()
        if self.tape.near and (first is not None or name == "__setitem__"):
            self.calls.keep(func, name, args, kwargs, inputs, result, sequence_nr() - 1, before, opaque)
        if first is None:
            return
        op = self.tape.record(first, first is result, name, inputs, scalars, start, frame)
        if self.tape.near:
            op.signature = signature(name, args, kwargs, scalars)
        if self.talk.each or self.talk.op_patterns:
            self.phases.op_stop(op, frame)

    def _without_grad(self, func: Callable[..., Any], name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """No phase; but between backward and forward leaves may be written here."""
        self.calls_without_grad += 1
        if name in DROPOUTS:
            with self.guard:
                self.clues.called(name, args, kwargs, None, sys._getframe(2))
        if not self.updates.awaiting or self.updates.stepping or transform() is not None:
            return func(*args, **kwargs)
        frame = sys._getframe(2)
        with self.guard:
            if self._writes(name) or "out" in kwargs:
                self._before_write(args, kwargs, frame)
        result = func(*args, **kwargs)
        with self.guard:
            self.updates.derive(list(tensors_in((args, kwargs))), result, frame)
        return result

    def _no_op(self, func: Callable[..., Any], name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if name == "numpy":
            with self.guard:
                self.updates.expose(args[0])
        elif name == "register_hook":
            self.flows.hooked = True
        return func(*args, **kwargs)

    def record_call(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], call: Callable[..., Any]) -> Any:
        """One op for a call that is not to be looked into: a compiled callable."""
        if not torch.is_grad_enabled():
            self.updates.unseen = True
            return call(*args, **kwargs)
        inputs: list[Any] = []
        scalars: list[Any] = []
        frame = sys._getframe(2)
        with self.guard:
            self._read(name, args, kwargs, inputs, scalars, frame)
        before = None
        with self.guard:
            before = self.calls.before(2, args, kwargs) if self.tape.near else None
        start = sequence_nr()
        result = call(*args, **kwargs)
        with self.guard:
            if sequence_nr() != start:
                inputs += self.tape.leaves_under(result, inputs)
                self._made(result, call, name, args, kwargs, inputs, scalars, start, frame, before, opaque=True)
        return result

    def step_aside(self) -> bool:
        """Leave the stack of modes, if we are on top of it. Whether we have left now: who has, comes back."""
        if self.aside:
            return False
        depth = count_modes()
        self.aside = bool(depth) and mode_at(depth - 1) is self
        if self.aside:
            pop_mode()
        return self.aside

    def come_back(self) -> None:
        """Be on the stack of modes again."""
        if self.aside:
            self.aside = False
            push_mode(self)

    def _before_set(self, func: Callable[..., Any], args: tuple[Any, ...], frame: FrameType) -> None:
        with self.guard:
            name = func.__self__.__name__  # type: ignore[attr-defined]
            if name in ("data", "requires_grad"):
                self.updates.before_write(args[0], frame if name == "data" else None)

    def _writes(self, name: str) -> bool:
        """Whether calls of that name write to their first argument."""
        kind = self.calls.kinds.get(name, -1)
        return bool((kind if kind >= 0 else self.calls.kind(name)) & 1)

    def _before_write(self, args: tuple[Any, ...], kwargs: dict[str, Any], frame: FrameType) -> None:
        if self.updates.stepping:
            return
        target = kwargs.get("out", args[0] if args else kwargs.get("input"))
        for tensor in target if isinstance(target, (list, tuple)) else (target,):
            if isinstance(tensor, Tensor) and self.updates.before_write(tensor, frame):
                self.wrote_without_grad = True


CALLING = frozenset(
    method.__code__ for method in (Recorder.__torch_function__, Recorder._without_grad, Recorder._no_op)
)
"""The methods that make the program's calls: in a traceback their frames have the arguments."""


def _hidden(call: Callable[..., Any]) -> Callable[..., Any]:
    """The same where a tensor subclass or a dispatch mode of the program's must not notice that it is looked at."""

    def run(*args: Any) -> Any:
        with no_subclasses(), no_dispatch_modes() if count_dispatch_modes() else nullcontext():
            return call(*args)

    return run
