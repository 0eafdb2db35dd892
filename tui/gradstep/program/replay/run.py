"""Runs kept calls again, with leaf values of one's choice. The program's own state is as before afterwards."""

from __future__ import annotations

import contextlib
import copy
import inspect
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from types import FunctionType, MethodType
from typing import Any

import numpy
import torch
from torch import Tensor, nn

from gradstep.program.leaves.leaves import Leaf
from gradstep.program.tape.call import (
    HOLE,
    Operand,
    RecordedCall,
    Slot,
    tensors_within,
)
from gradstep.program.tape.calls import Calls
from gradstep.program.tape.signature import RUNNING_STATISTICS
from gradstep.program.tensors import private
from gradstep.program.tensors.devices import random_state, set_random_state
from gradstep.program.tensors.memory import has_memory
from gradstep.program.tensors.modes import put_modes, take_modes

Values = Callable[[Leaf], Tensor | None]
"""The content that a leaf is to have; None for what the program's own tensor holds."""

CallResult = Tensor | list[Tensor]
ResultNote = Callable[[RecordedCall, CallResult], None]


class Lost(Exception):
    """Why calls cannot be made again, in words."""


class Chain:
    """The calls that some results depend on, in their order."""

    def __init__(self, calls: Calls, roots: Sequence[Slot | Leaf]) -> None:
        self.roots = tuple(roots)
        self.calls = _needed(calls, roots)
        self.leaves = tuple(dict.fromkeys(item for call in self.calls for item in call.sources if type(item) is Leaf))
        """Those that the calls read as arguments."""
        self.opaque = any(call.opaque for call in self.calls)
        """Some may read leaves that are not among their arguments."""
        self.grad = any(call.grad or call.opaque for call in self.calls)
        """They have to be run with grad enabled."""
        self._of = calls
        self._last = _last_uses(self.calls, self.roots)

    def overwritten(self) -> str:
        """Name of a call one of whose constants was written to since; empty if there is none."""
        for call in self.calls:
            constants = (item for item in call.sources if isinstance(item, Tensor))
            for item, version in zip(constants, call.versions, strict=True):
                written = version >= 0 and item._version != version and call.name not in RUNNING_STATISTICS
                if written or not has_memory(item):
                    return call.name
        return ""

    def upto(self, number: int) -> Chain:
        """The calls that one of these depends on."""
        known = {call.number: call for call in self.calls}
        if number not in known:
            raise Lost("the loss does not depend on it")
        found: set[int] = set()
        pending = [number]
        while pending:
            at = pending.pop()
            if at not in found:
                found.add(at)
                pending += [_number(item) for item in known[at].sources if isinstance(item, (int, tuple))]
                pending += [writer for writer in self._of.writers(at) if writer < number and writer in known]
        part = copy.copy(self)
        part.roots = (number,)
        part.calls = [call for call in self.calls if call.number in found]
        part._last = _last_uses(part.calls, part.roots)
        return part

    def run(
        self, values: Values, grad: bool, given: dict[int, Tensor] | None = None,
        stand_in: dict[Leaf, Tensor] | None = None, note: ResultNote | None = None,
    ) -> list[Tensor]:  # fmt: skip
        """The roots.

        `given`: results that are not to be computed, by the number of their call; what nobody else needs is left out.
        `stand_in`: tensors that are put where leaves stood, themselves. `note` is told of each result.
        """
        made: dict[int, CallResult] = {}
        leaves: dict[Leaf, Tensor] = dict(stand_in or {})
        needed = self._behind(given) if given else None
        for call, done in zip(self.calls, self._last, strict=True):
            if given and call.number in given:
                made[call.number] = given[call.number] if call.single else [given[call.number]]
            elif needed is None or call.number in needed:
                made[call.number] = _make(call, made, leaves, values, grad)
                if note is not None:
                    note(call, made[call.number])
            for number in done:
                made.pop(number, None)
        return [_pick(made, root) if not isinstance(root, Leaf) else _leaf(root, leaves, values, grad)
                for root in self.roots]  # fmt: skip

    def _behind(self, given: dict[int, Tensor]) -> set[int]:
        """The calls that have to be made where some results are given."""
        known = {call.number: call for call in self.calls}
        if not given.keys() <= known.keys():
            raise Lost("the loss does not depend on it")
        needed: set[int] = set()
        pending = [_number(root) for root in self.roots if not isinstance(root, Leaf)]
        while pending:
            number = pending.pop()
            if number in needed:
                continue
            needed.add(number)
            pending += [writer for writer in self._of.writers(number) if writer in known]
            if number not in given:
                pending += [_number(item) for item in known[number].sources if isinstance(item, (int, tuple))]
        return needed


def _needed(calls: Calls, roots: Sequence[Slot | Leaf]) -> list[RecordedCall]:
    """The calls that the roots depend on, and those that have written to what these made."""
    pending = [_number(root) for root in roots if not isinstance(root, Leaf)]
    newest = max((at for number in pending for at in (number, *calls.writers(number))), default=0)
    found: dict[int, RecordedCall] = {}
    while pending:
        number = pending.pop()
        if number in found:
            continue
        call = calls.get(number)
        if call is None:
            raise Lost(calls.full or "a result of an earlier pass that is not kept any more has a part in the loss")
        if call.problem:
            raise Lost(call.problem)
        found[number] = call
        pending += [_number(item) for item in call.sources if isinstance(item, (int, tuple))]
        pending += [writer for writer in calls.writers(number) if writer <= newest]
    return [found[number] for number in sorted(found)]


def _last_uses(calls: Sequence[RecordedCall], roots: Sequence[Slot | Leaf]) -> list[list[int]]:
    """For each call the results that nobody needs after it."""
    kept = {_number(root) for root in roots if not isinstance(root, Leaf)}
    seen: set[int] = set(kept)
    ends: list[list[int]] = []
    for call in reversed(calls):
        used = {_number(item) for item in call.sources if isinstance(item, (int, tuple))} | {call.number}
        ends.append([number for number in used if number not in seen])
        seen |= used
    return ends[::-1]


def _number(slot: Slot) -> int:
    return slot if isinstance(slot, int) else slot[0]


def _make(
    call: RecordedCall, made: dict[int, CallResult], leaves: dict[Leaf, Tensor], values: Values, grad: bool
) -> CallResult:
    """Make one call again."""
    spared = call.name in RUNNING_STATISTICS or call.opaque

    def value(source: Operand) -> Tensor:
        if isinstance(source, Leaf):
            return _leaf(source, leaves, values, grad)
        if isinstance(source, Tensor):
            return source.clone() if spared and not source.is_inference() else source
        return _pick(made, source)

    filled = iter([value(source) for source in call.sources])
    args = _filled(call.args, filled)
    kwargs = dict(zip(call.kwargs, _filled(call.kwargs.values(), filled), strict=True)) if call.kwargs else {}
    if call.random is not None:
        set_random_state(call.random)
    with _autocast(call), _as_found(call, values) if call.opaque else contextlib.nullcontext():
        result = call.func(*args, **kwargs)
    if call.writes:
        return args[0] if args else kwargs["out"]  # type: ignore[no-any-return]
    return result if call.single else list(tensors_within(result))


def _leaf(leaf: Leaf, leaves: dict[Leaf, Tensor], values: Values, grad: bool) -> Tensor:
    """A tensor in the leaf's place; the same for all its uses."""
    known = leaves.get(leaf)
    if known is None:
        value = values(leaf)
        if value is None:
            value = leaf.content
        if value is None:
            raise Lost("a leaf that it needs is gone")
        known = value.detach().clone(memory_format=torch.preserve_format)
        leaves[leaf] = known.requires_grad_(grad)
    return known


def _pick(made: dict[int, CallResult], slot: Slot) -> Tensor:
    result = made[_number(slot)]
    if isinstance(result, Tensor):
        return result
    return result[slot[1]] if isinstance(slot, tuple) else result[0]


def _filled(values: Iterable[Any], filled: Iterator[Tensor]) -> list[Any]:
    full: list[Any] = []
    for value in values:
        if value is HOLE:
            full.append(next(filled))
        elif type(value) in (list, tuple):
            inside = _filled(value, filled)
            full.append(inside if type(value) is list else tuple(inside))
        else:
            full.append(value)
    return full


def _autocast(call: RecordedCall) -> contextlib.ExitStack:
    stack = contextlib.ExitStack()
    for kind, dtype in call.autocast or ():
        stack.enter_context(torch.autocast(kind, dtype, cache_enabled=False))
    return stack


@contextmanager
def _as_found(call: RecordedCall, values: Values) -> Iterator[None]:
    """The program's own leaves hold the wanted values, and its modules' buffers what they held, once it is over."""
    modules = list(_modules((call.func, call.args, call.kwargs), 0))
    buffers = [buffer for module in modules for buffer in module.buffers()]
    preserve = private.preserve_version
    if buffers and preserve is None:
        raise Lost("with this torch the buffers that it writes to cannot be put back")
    kept = [buffer.detach().clone() for buffer in buffers]
    swapped: list[tuple[Tensor, Tensor]] = []
    for leaf in values.leaves() if isinstance(values, Content) else ():
        tensor, value = leaf.tensor, values(leaf)
        if tensor is not None and value is not None:
            swapped.append((tensor, tensor.data))
            tensor.data = value.detach().clone(memory_format=torch.preserve_format)
    try:
        yield
    finally:
        for tensor, data in swapped:
            tensor.data = data
        for buffer, content in zip(buffers, kept, strict=True):
            assert preserve is not None
            with torch.no_grad(), preserve(buffer):
                buffer.copy_(content)


def _modules(values: Any, depth: int) -> Iterator[nn.Module]:
    """The modules that a callable and its arguments lead to."""
    if isinstance(values, nn.Module):
        yield values
    elif depth > 4:
        return
    elif isinstance(values, (list, tuple)):
        for value in values:
            yield from _modules(value, depth + 1)
    elif isinstance(values, dict):
        yield from _modules(tuple(values.values()), depth)
    elif isinstance(values, MethodType):
        yield from _modules((values.__self__, values.__func__), depth + 1)
    elif isinstance(values, FunctionType):
        found = inspect.getclosurevars(values)
        yield from _modules((*found.nonlocals.values(), *found.globals.values()), depth + 1)
    elif hasattr(values, "func") and hasattr(values, "args"):
        yield from _modules((values.func, values.args), depth + 1)


class Content:
    """Leaf values by lineage: what takes a leaf's place has its value too."""

    def __init__(self, values: dict[int, Tensor], leaves: Iterable[Leaf] = ()) -> None:
        self._values = values
        self._leaves = tuple(leaves)

    def leaves(self) -> tuple[Leaf, ...]:
        """The program's leaves now."""
        return self._leaves

    def __call__(self, leaf: Leaf) -> Tensor | None:
        """What a leaf is to hold."""
        return self._values.get(leaf.lineage)


@contextmanager
def untouched() -> Iterator[None]:
    """Whatever is drawn inside, and whichever modes are off, all is as before afterwards."""
    states = random_state()
    python, arrays = random.getstate(), numpy.random.get_state()
    functions = private.function_state()
    private.set_function_state(private.ENABLED)
    modes = take_modes()
    try:
        yield
    finally:
        put_modes(modes)
        private.set_function_state(functions)
        set_random_state(states)
        random.setstate(python)
        numpy.random.set_state(arrays)
