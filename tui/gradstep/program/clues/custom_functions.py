"""Custom autograd functions: does backward agree with what a small change of the input does to the forward?"""

from __future__ import annotations

import dis
import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import CodeType
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
_CHANGING = frozenset("append extend add update pop setdefault write print insert remove clear put send".split())
"""Methods that leave something behind: what calls them is not run again."""


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
            if found is not None:
                expected, told = found
                numbers = {"expected": expected, "told": told}
                yield Clue("wrong-backward", of=call.function.__name__, place=_line_of(call.function), numbers=numbers)


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


def _codes(function: Any) -> list[CodeType]:
    methods = (inspect.getattr_static(function, name, None) for name in ("forward", "backward", "setup_context"))
    plain = (getattr(method, "__func__", method) for method in methods)
    return [method.__code__ for method in plain if hasattr(method, "__code__")]


def _can_be_repeated(function: Any) -> bool:
    """Whether it is the program's own, and what its source says leaves nothing behind."""
    codes = _codes(function)
    own = [code for code in codes if is_user_file(code.co_filename)]
    return bool(own) and not any(map(_leaves_something, own))


def _leaves_something(code: CodeType) -> bool:
    """Whether it binds names outside of itself, or calls what changes an object."""
    if _CHANGING & set(code.co_names):
        return True
    before = ""
    for one in dis.get_instructions(code):
        if one.opname in ("STORE_GLOBAL", "STORE_DEREF"):
            return True
        if one.opname == "STORE_ATTR" and before != code.co_varnames[:1][0]:
            return True
        before = str(one.argval)
    return False


def _line_of(function: Any) -> Place:
    codes = {code.co_name: code for code in _codes(function)}
    code = codes.get("backward") or next(iter(codes.values()), None)
    return place(code, code.co_firstlineno) if code is not None else Place()
