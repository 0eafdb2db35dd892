"""The calls of a forward pass, kept so that they can be made again. Paid on every call looked at: kept short."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd.graph import Node

from gradstep.program.leaves.leaves import Leaf
from gradstep.program.tape.call import (
    HOLE,
    BeforeCall,
    Operand,
    RecordedCall,
    Slot,
    needed,
    number_of,
    tensors_within,
    writes_in_place,
)
from gradstep.program.tape.tape import Tape
from gradstep.program.tensors.devices import autocast_state, may_draw, random_state
from gradstep.program.tensors.nodes import variable_of
from gradstep.program.tensors.private import any_autocast
from gradstep.program.tensors.views import bytes_of

_MOST_CALLS = 20_000
"""Calls kept of one iteration."""

_SWEPT, _SWEPT_BYTES = 512, 32 << 20
"""Calls, and bytes of their constants, from which on it is worth looking for those that nothing alive was made of."""

_FRESH = (
    "_like",
    "new_",
    "rand",
    "zeros",
    "ones",
    "empty",
    "full",
    "size",
    "dim",
    "detach",
    "bernoulli",
    "multinomial",
)
_COMPARING = frozenset(
    "gt lt ge le eq ne __gt__ __lt__ __ge__ __le__ __eq__ __ne__ greater less greater_equal less_equal not_equal sign "
    "isfinite isnan logical_and logical_or logical_not logical_xor".split()
)
"""Calls whose result needs no gradient and yet depends on the weights: they are made again too."""

_PLAIN = (int, float, str, bool, type(None), torch.dtype, torch.device, torch.layout, slice, type(...))


class Calls:
    """The calls of this iteration and of the one before."""

    def __init__(self, tape: Tape, most: int) -> None:
        """`most`: bytes of constants that the calls of one iteration may keep alive; beyond it there is no proof."""
        self._tape = tape
        self._most = most
        self._now: dict[int, RecordedCall] = {}
        self._earlier: dict[int, RecordedCall] = {}
        self._by_seq: dict[int, int] = {}
        self._by_seq_earlier: dict[int, int] = {}
        self._objects: dict[int, tuple[weakref.ref[Tensor], Slot]] = {}
        self._writers: dict[int, list[int]] = {}
        self._detached: dict[int, weakref.ref[Tensor]] = {}
        self._derived = False
        self._number = 0
        self._bytes = 0
        self._sweep_at, self._sweep_above = _SWEPT, min(most, _SWEPT_BYTES)
        """Calls, and bytes of constants, at which those that no live result needs are dropped."""
        self.full = ""
        """Why calls are not kept any more in this iteration."""
        self.kinds: dict[str, int] = {}
        """Of each name: 1 it writes to its argument, 2 it may draw random numbers, 3 both, 0 neither."""

    def get(self, number: int) -> RecordedCall | None:
        """The call of that number."""
        return self._now.get(number) or self._earlier.get(number)

    def writers(self, number: int) -> Sequence[int]:
        """The calls that have written to what that call made."""
        return self._writers.get(number, ())

    def reset(self) -> None:
        """A new iteration: forget the calls of the one before the last."""
        self._earlier, self._now = self._now, {}
        self._by_seq_earlier, self._by_seq = self._by_seq, {}
        self._objects = {key: known for key, known in self._objects.items() if self._is_kept(*known)}
        self._writers = {key: by for key, by in self._writers.items() if key in self._earlier}
        self._detached.clear()
        self._bytes, self.full, self._derived = 0, "", False
        self._sweep_at, self._sweep_above = _SWEPT, min(self._most, _SWEPT_BYTES)

    def _sweep(self) -> None:
        """Drop the calls of this iteration that nothing alive was made of: an evaluation with grad leaves many."""
        alive = {number_of(slot) for ref, slot in self._objects.values() if ref() is not None}
        for seq, number in self._by_seq.items():
            op = self._tape.get(seq)
            if op is None or op.ref() is not None:
                alive.add(number)
        kept = needed(alive, self._now, self._writers)
        self._now = {number: call for number, call in self._now.items() if number in kept}
        self._by_seq = {seq: number for seq, number in self._by_seq.items() if number in kept}
        constants = {id(item): item for call in self._now.values() for item in call.sources if isinstance(item, Tensor)}
        self._bytes, self._tape.met = sum(map(bytes_of, constants.values())), 0
        self._sweep_at = max(_SWEPT, 2 * len(self._now))
        self._sweep_above = min(self._most, max(_SWEPT_BYTES, 2 * self._bytes))

    def _is_kept(self, ref: weakref.ref[Tensor], slot: Slot) -> bool:
        """Whether a result and its call are still there; a result that outlives its call is a constant."""
        return ref() is not None and number_of(slot) in self._earlier

    def forget(self) -> None:
        """Nobody looks any more: keep nothing."""
        for kept in (self._now, self._earlier, self._by_seq, self._by_seq_earlier, self._objects, self._writers):
            kept.clear()
        self._bytes, self._derived = 0, False

    def before(self, kind: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> BeforeCall:
        """A call of that kind is about to run: its random state; a constant that it will write to as it is now."""
        if kind & 1:
            target = kwargs.get("out", args[0] if args else None)
            if isinstance(target, Tensor) and not target.requires_grad and _brings_grad(args, kwargs):
                self._keep_content(target)
        return BeforeCall(random_state() if kind & 2 else None, bool(kind & 1))

    def kind(self, name: str) -> int:
        """What has to be done before calls of that name."""
        kind = self.kinds[name] = writes_in_place(name) + 2 * may_draw(name)
        return kind

    def keep(
        self,
        func: Callable[..., Any],
        name: str,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        inputs: Sequence[Any],
        result: Any,
        last: int,
        before: BeforeCall | None = None,
        opaque: bool = False,
    ) -> RecordedCall | None:
        """Keep a call that was made. `inputs`: its tensors as the tape knows them; `last`: autograd's newest node."""
        if self.full or not self._has_room():
            return None
        items = iter(inputs)
        sources: list[Operand] = []
        versions: list[int] = []
        problems: list[str] = []
        holes = self._holes(args, items, sources, versions, problems, 0)
        named = None
        if kwargs:
            values = self._holes(kwargs.values(), items, sources, versions, problems, 0)
            named = dict(zip(kwargs, values, strict=True))
        self._number = number = self._number + 1
        call = RecordedCall(number, name, func, tuple(holes), named, tuple(sources), tuple(versions), opaque=opaque)
        if self._detached:
            constants = (item for item in sources if isinstance(item, Tensor))
            call.detached = any(self._detached.get(id(item), _nothing)() is item for item in constants)
        if problems:
            call.problem = f"{name}: {problems[0]}"
        if before is not None:
            call.random = before.random
        if (before is not None and before.writes) or (args and result is args[0]):
            self._note_write(call, result, args, kwargs)
        if any_autocast():
            call.autocast = autocast_state()
        if not isinstance(result, Tensor) and not call.writes:
            call.single = False
            for position, item in enumerate(tensors_within(result)):
                self._objects[id(item)] = (weakref.ref(item), (number, position))
        self._now[number] = call
        if last >= 0:
            self._by_seq[last] = number
        if number & 0xFF == 0 and len(self._now) > _MOST_CALLS:
            self._overflow(f"more than {_MOST_CALLS:,} calls")
        return call

    def _has_room(self) -> bool:
        """Whether one more call may be kept."""
        if len(self._now) > self._sweep_at or self._bytes + self._tape.met > self._sweep_above:
            self._sweep()
        if self._bytes + self._tape.met > self._most:
            self._overflow("--history is too small to keep its constants")
        return not self.full

    def keep_backward(
        self, run: Callable[..., Any], outputs: Any, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any
    ) -> None:
        """`autograd.grad` was called for a graph of its own: what it returned may have a part in a loss."""
        if not any(item.requires_grad for item in tensors_within(result)):
            return
        call = self.keep(run, "grad", (tuple(outputs), *args), kwargs, (), result, -1)
        if call is not None:
            call.grad = True

    def derive(
        self, func: Callable[..., Any], name: str, args: tuple[Any, ...], kwargs: dict[str, Any],
        inputs: Sequence[Any], result: Any,
    ) -> None:  # fmt: skip
        """A call has run without a node of autograd: `x > 0` depends on the weights all the same, and what it feeds."""
        kind = self.kinds.get(name, 0)
        if name == "detach" and isinstance(result, Tensor):
            self._detached[id(result)] = weakref.ref(result)
        if kind & 1 and args and self._derived and id(args[0]) in self._objects:
            self.keep(func, name, args, kwargs, inputs, result, -1, BeforeCall(writes=True))
        if kind or not isinstance(result, Tensor) or result.requires_grad:
            return
        if (name in _COMPARING and _needs_grad(args, kwargs)) or (
            self._derived and self._reads_derived(args, kwargs, name)
        ):
            call = self.keep(func, name, args, kwargs, inputs, result, -1)
            if call is not None:
                self._derived = True
                self._objects[id(result)] = (weakref.ref(result), call.number)

    def number_at(self, seq: int) -> int | None:
        """The call that made autograd's node of that sequence number last."""
        return self._by_seq.get(seq) or self._by_seq_earlier.get(seq)

    def slot(self, tensor: Tensor) -> Slot | None:
        """Where a result is made; None if that was not seen."""
        found = self._find(tensor, None)
        return found if isinstance(found, (int, tuple)) else None

    @property
    def follows(self) -> bool:
        """Whether there may be results without a gradient that depend on the weights."""
        return self._derived

    def _reads_derived(self, args: tuple[Any, ...], kwargs: dict[str, Any], name: str) -> bool:
        if any(part in name for part in _FRESH):
            return False
        for item in tensors_within((*args, *kwargs.values())):
            known = self._objects.get(id(item))
            if known is not None and known[0]() is item and not item.requires_grad:
                return True
        return False

    def _overflow(self, why: str) -> None:
        self.forget()
        self.full = why

    def _holes(
        self, values: Any, items: Iterator[Any], sources: list[Operand], versions: list[int], problems: list[str],
        depth: int,
    ) -> list[Any]:  # fmt: skip
        """The same arguments with holes for their tensors, and what fills them."""
        kept: list[Any] = []
        for value in values:
            if isinstance(value, Tensor):
                source = self._find(value, next(items, None))
                if source is None:
                    problems.append(f"gradstep did not see what made one of its inputs ({_node(value)})")
                    source = value.detach()
                if isinstance(source, Tensor):
                    versions.append(-1 if source.is_inference() else source._version)
                sources.append(source)
                kept.append(HOLE)
            elif isinstance(value, (list, tuple)) and depth < 3 and type(value) is not torch.Size:
                inside = self._holes(value, items, sources, versions, problems, depth + 1)
                kept.append(inside if type(value) is list else tuple(inside))
            else:
                if not isinstance(value, _PLAIN) and isinstance(value, (dict, set)) and value:
                    problems.append(f"a {type(value).__name__} among its arguments is not looked into")
                kept.append(value)
        return kept

    def _find(self, value: Tensor, item: Any) -> Operand | None:
        """What a tensor among the arguments is; None for a result whose making was not seen."""
        known = self._objects.get(id(value))
        if known is not None and known[0]() is value:
            return known[1]
        if not value.requires_grad:
            return value
        if type(item) is Leaf:
            return item
        node = value.grad_fn
        if node is None:
            return self._tape.leaf(value)
        op = self._tape.known(value)
        seq = item if type(item) is int else node._sequence_nr()
        for key in (seq, op.seq if op is not None else -2, self._tape.end_of(seq)):
            number = self._by_seq.get(key) or self._by_seq_earlier.get(key)
            if number is not None:
                return number
        return self._behind_alias(node)

    def _behind_alias(self, node: Node) -> Operand | None:
        """What was wrapped: `as_subclass` is no call that is seen, and gives the same values."""
        above, position = node.next_functions[0] if node.name() == "AliasBackward0" else (None, 0)
        if above is None:
            return None
        variable = variable_of(above)
        if variable is not None:
            return self._tape.leaf(variable)
        number = self.number_at(above._sequence_nr()) or self.number_at(self._tape.end_of(above._sequence_nr()))
        call = self.get(number) if number is not None else None
        if call is None:
            return self._behind_alias(above)
        return call.number if call.single else (call.number, position)

    def _keep_content(self, target: Tensor) -> None:
        """Remember a constant as it is before it is written to; a view of one through its base."""
        known = self._objects.get(id(target))
        if known is not None and known[0]() is target:
            return
        base = target._base if target._is_view() else None
        if base is not None and base.requires_grad:
            return
        whole = target if base is None else base
        of = self._objects.get(id(whole))
        if of is None or of[0]() is not whole:
            self._made(whole, torch.clone, (HOLE,), whole.detach().clone(memory_format=torch.preserve_format))
        if base is not None:
            view = (HOLE, tuple(target.shape), tuple(target.stride()), target.storage_offset() - base.storage_offset())
            self._made(target, torch.as_strided, view, self._objects[id(base)][1])

    def _made(self, tensor: Tensor, func: Callable[..., Any], args: tuple[Any, ...], source: Operand) -> None:
        self._number = number = self._number + 1
        versions = (source._version,) if isinstance(source, Tensor) else ()
        self._now[number] = RecordedCall(number, func.__name__, func, args, None, (source,), versions)
        self._objects[id(tensor)] = (weakref.ref(tensor), number)
        if isinstance(source, Tensor):
            self._bytes += bytes_of(source)

    def _note_write(self, call: RecordedCall, result: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """What is written to is the same object from now on, whatever node autograd gives it."""
        target = kwargs.get("out", args[0] if args else None)
        if not isinstance(target, Tensor):
            return
        call.writes = result is None or result is target
        base = target._base if target._is_view() else None
        for tensor in (target, base):
            slot = self._find_made(tensor) if tensor is not None else None
            if slot is not None and tensor is not None:
                self._objects[id(tensor)] = (weakref.ref(tensor), slot)
                self._writers.setdefault(number_of(slot), []).append(call.number)

    def _find_made(self, tensor: Tensor) -> Slot | None:
        """Where an object was made, before it was written to."""
        known = self._objects.get(id(tensor))
        if known is not None and known[0]() is tensor:
            return known[1]
        op = self._tape.known(tensor)
        number = None if op is None else self._by_seq.get(op.seq) or self._by_seq_earlier.get(op.seq)
        return number


def _nothing() -> None:
    return None


def _brings_grad(args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Whether what is written to a constant needs a gradient."""
    return _needs_grad(args[1:], kwargs)


def _needs_grad(args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    return any(item.requires_grad for item in tensors_within((args, tuple(kwargs.values()))))


def _node(tensor: Tensor) -> str:
    return tensor.grad_fn.name().removesuffix("Backward") if tensor.grad_fn is not None else "a leaf"
