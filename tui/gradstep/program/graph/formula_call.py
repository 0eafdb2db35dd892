"""A recorded op as the formulas want it."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from gradstep.formulas import Argument, Call
from gradstep.program.leaves.leaves import Leaf
from gradstep.program.tape.ops import Constant, Op, Result
from gradstep.program.tape.tape import Tape
from gradstep.program.tensors.nodes import short_name
from gradstep.program.tensors.views import shape_of

Namer = Callable[[Tensor | None], str | None]


def call_of(op: Op, tape: Tape, name: Namer) -> Call:
    """The op's arguments with the user's names, its numbers and where each stood."""
    inputs = tuple(_input(item, tape, name) for item in op.inputs)
    return Call(op.name, inputs, op.scalars, _seen(op, name, differentiable=True), op.signature, _node(op))


def _input(item: int | Leaf | Constant, tape: Tape, name: Namer) -> Argument:
    if isinstance(item, Leaf):
        tensor = item.tensor
        return (
            Argument()
            if tensor is None
            else Argument(item.name, tuple(shape_of(tensor)), dtype=_short(str(tensor.dtype)))
        )
    if isinstance(item, Constant):
        return _seen(item, name, differentiable=False)
    op = tape.get(item)
    return Argument() if op is None else _seen(op, name, differentiable=True)


def _seen(result: Result, name: Namer, *, differentiable: bool) -> Argument:
    kept = result.kept
    shape, dtype = (kept.shape, kept.dtype) if kept is not None else (result.shape, result.dtype)
    return Argument(name(result.ref()) or "", tuple(shape or ()), differentiable, _short(str(dtype)), _smallest(result))


def _smallest(result: Result) -> float | None:
    """Of few integers, such as classes: what they cannot be need not be said."""
    kept = result.kept
    if kept is None or kept.dtype.is_floating_point or kept.dtype.is_complex or not kept.numel():
        return None
    return float(kept.min())


def _node(op: Op) -> str:
    """The autograd node of the result, if the op is that one node and the result is still there."""
    tensor = op.ref()
    if tensor is None or tensor.grad_fn is None or op.first_seq != op.seq:
        return op.node
    return short_name(tensor.grad_fn)


def _short(dtype: str) -> str:
    return dtype.removeprefix("torch.")
