"""Custom autograd functions: does backward agree with what a small change of the input does to the forward?"""

from __future__ import annotations

import dis
import inspect
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import CodeType, FunctionType, ModuleType
from typing import Any

import torch
from torch import Tensor

from gradstep.model.clue import Clue
from gradstep.model.place import Place
from gradstep.program.host.blackout import Blackout
from gradstep.program.host.frames import is_user_file, place
from gradstep.program.replay.run import untouched
from gradstep.program.replay.runs import FAILS
from gradstep.program.tensors.views import readable

_MOST = 1 << 16
"""Elements of the inputs of a call that is checked."""
_STEPS = (1e-4, 0.25e-4)
"""Parts of the inputs' size by which they are moved, in float64."""
_COARSE_STEPS = (1e-2, 0.5e-2)
"""The same in float32."""
_ROUGH = 0.01
"""Differences of two steps that disagree by more have met a kink or a jump."""
_WRONG = 0.03
"""A derivative that is off by more than this part is wrong."""
_DIRECTIONS = 3
_CONTEXT = frozenset(
    "save_for_backward saved_tensors needs_input_grad mark_non_differentiable set_materialize_grads saved_for_forward "
    "save_for_forward".split()
)
_BUILTINS = frozenset(
    "len range min max sum abs float int bool tuple list zip enumerate isinstance any all round sorted reversed pow "
    "True False None".split()
)
_LEAVING = re.compile(r"(set_|manual_seed|seed|save$|load|compile|use_|register_|backward|retain_grad|share_|print|_)")
"""Names of torch's that leave something behind, or may."""


@dataclass(frozen=True)
class _Call:
    """A call as it was made, with copies of its tensors."""

    function: Any
    args: tuple[Any, ...]
    needed: tuple[int, ...]
    """Places of the inputs that need a gradient."""


class FunctionChecks:
    """Checks the first call of each of the program's own functions, while the program waits."""

    def __init__(self, blackout: Blackout) -> None:
        self._blackout = blackout
        self._met: set[Any] = set()
        self._waiting: list[_Call] = []
        self.checked: dict[str, Clue | None] = {}
        """Those that were, by name, with what was wrong."""

    def before(self, function: Any, args: tuple[Any, ...]) -> None:
        """That function is about to be called in a forward pass."""
        if function in self._met:
            return
        self._met.add(function)
        tensors = [item for item in args if isinstance(item, Tensor)]
        needed = tuple(at for at, item in enumerate(args) if isinstance(item, Tensor) and item.requires_grad)
        if not needed or sum(item.numel() for item in tensors) > _MOST or not all(map(_is_plain, tensors)):
            return
        if _can_be_repeated(function):
            copies = tuple(item.detach().clone() if isinstance(item, Tensor) else item for item in args)
            self._waiting.append(_Call(function, copies, needed))

    def look(self) -> Iterator[Clue]:
        """The functions among those that wait whose backward is wrong."""
        while self._waiting:
            call = self._waiting.pop()
            with self._blackout, untouched(), torch.set_grad_enabled(True):
                found = _off(call)
            name = call.function.__name__
            self.checked[name] = None
            if found is not None:
                expected, told = found
                numbers = {"expected": expected, "told": told}
                clue = Clue("wrong-backward", of=name, place=_line_of(call.function), numbers=numbers)
                self.checked[name] = clue
                yield clue


def _off(call: _Call) -> tuple[float, float] | None:
    """A directional derivative by differences and by backward, if they disagree in all directions that were tried."""
    for dtype, steps in ((torch.float64, _STEPS), (torch.float32, _COARSE_STEPS)):
        try:
            return _compared(call, dtype, steps)
        except FAILS:
            continue
    return None


def _compared(call: _Call, dtype: torch.dtype, steps: tuple[float, float]) -> tuple[float, float] | None:
    args = [item.to(dtype) if isinstance(item, Tensor) and item.is_floating_point() else item for item in call.args]
    generator = torch.Generator().manual_seed(0)
    inputs = [args[at].clone().requires_grad_() for at in call.needed]
    outputs = _run(call, args, inputs)
    again = _run(call, args, inputs)
    same = all(torch.equal(one, two) for one, two in zip(outputs, again, strict=True))
    if not outputs or not same or any(_equals(one, item) for one in outputs for item in inputs):
        return None
    weights = [torch.randn(item.shape, generator=generator, dtype=dtype).to(item.device) for item in outputs]
    grads = torch.autograd.grad(outputs, inputs, weights, allow_unused=True)
    found = None
    for _ in range(_DIRECTIONS):
        ways = [torch.randn(item.shape, generator=generator, dtype=dtype).to(item.device) for item in inputs]
        ways = [way if grad is not None else torch.zeros_like(way) for way, grad in zip(ways, grads, strict=True)]
        told = sum(float((grad * way).sum()) for grad, way in zip(grads, ways, strict=True) if grad is not None)
        one, two = (_difference(call, args, inputs, ways, weights, step) for step in steps)
        size = max(abs(one), abs(two))
        if not size or abs(one - two) > _ROUGH * size or abs(two - told) <= _WRONG * max(size, abs(told)):
            return None
        found = two, told
    return found


def _difference(
    call: _Call,
    args: list[Any],
    inputs: Sequence[Tensor],
    ways: Sequence[Tensor],
    weights: Sequence[Tensor],
    step: float,
) -> float:
    """Change of the weighed outputs along a way, for a step of 1, by central differences."""
    with torch.no_grad():
        size = max(max((float(item.abs().mean()) for item in inputs if item.numel()), default=1.0), 1e-3) * step
        moved = ([item + sign * size * way for item, way in zip(inputs, ways, strict=True)] for sign in (1, -1))
        high, low = (
            sum(float((out.double() * weight).sum()) for out, weight in zip(_run(call, args, at), weights, strict=True))
            for at in moved
        )
    return (high - low) / (2 * size)


def _run(call: _Call, args: list[Any], inputs: Sequence[Tensor]) -> list[Tensor]:
    given = list(args)
    for at, item in zip(call.needed, inputs, strict=True):
        given[at] = item
    result = call.function.apply(*given)
    results = result if isinstance(result, (tuple, list)) else (result,)
    return [item for item in results if isinstance(item, Tensor) and item.is_floating_point()]


def _equals(one: Tensor, two: Tensor) -> bool:
    """Whether the forward hands its input on: what such a function does to gradients is meant (scaling, reversal)."""
    return one.shape == two.shape and torch.equal(one, two)


def _is_plain(tensor: Tensor) -> bool:
    return type(tensor) in (Tensor, torch.nn.Parameter) and readable(tensor) and tensor.layout is torch.strided


def _own(function: Any) -> list[FunctionType]:
    """What the program itself has written of it."""
    methods = (inspect.getattr_static(function, name, None) for name in ("forward", "backward", "setup_context"))
    plain = (getattr(method, "__func__", method) for method in methods)
    return [item for item in plain if isinstance(item, FunctionType) and is_user_file(item.__code__.co_filename)]


def _can_be_repeated(function: Any) -> bool:
    """Whether it is the program's own, and calls torch and mathematics alone: to run it leaves nothing behind."""
    own = _own(function)
    return len(own) > 1 and all(_is_mathematics(item.__code__, item.__globals__) for item in own)


def _is_mathematics(code: CodeType, known: Mapping[str, Any]) -> bool:
    """Whether code reads only its own variables, torch and what is pure, and writes to its first argument at most."""
    context, before = code.co_varnames[:1], ""
    for one in dis.get_instructions(code):
        name = str(one.argval)
        if one.opname.startswith(("STORE_GLOBAL", "STORE_DEREF", "DELETE_", "IMPORT_", "LOAD_BUILD_CLASS")):
            return False
        if one.opname in ("LOAD_GLOBAL", "LOAD_NAME") and not (name in _BUILTINS or _is_torch(known.get(name))):
            return False
        if one.opname in ("LOAD_ATTR", "LOAD_METHOD") and (before,) != context and not _is_pure(name):
            return False
        if one.opname == "STORE_ATTR" and (before,) != context:
            return False
        before = name
    inside = [item for item in code.co_consts if isinstance(item, CodeType)]
    return all(_is_mathematics(item, known) for item in inside)


def _is_torch(value: object) -> bool:
    """A module or a function of torch's, of `math`, or a number."""
    if isinstance(value, (int, float, torch.dtype)):
        return True
    name = value.__name__ if isinstance(value, ModuleType) else getattr(type(value), "__module__", "")
    if callable(value) and not isinstance(value, (ModuleType, type)):
        name = str(getattr(value, "__module__", None) or "")
    return name.partition(".")[0] in ("torch", "math")


def _is_pure(name: str) -> bool:
    """An attribute of a tensor, of torch or of `math` that leaves nothing behind."""
    if name in _CONTEXT:
        return True
    there = (hasattr(owner, name) for owner in (Tensor, torch, torch.nn.functional, math))
    return (any(there) and not _LEAVING.match(name)) or name in ("nn", "functional", "special", "linalg", "fft")


def _line_of(function: Any) -> Place:
    codes = {item.__name__: item.__code__ for item in _own(function)}
    code = codes.get("backward") or next(iter(codes.values()), None)
    return place(code, code.co_firstlineno) if code is not None else Place()
