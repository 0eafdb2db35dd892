"""From a call and its row to the derivative of each of its inputs, as trees that can be written and evaluated."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from gradstep.formulas.bind import row_of
from gradstep.formulas.call import Call, Shape, parse
from gradstep.formulas.row import Bound, Expression, Row
from gradstep.formulas.shapes import shape_of
from gradstep.formulas.simplify import simplified, with_ones
from gradstep.formulas.tables import ROWS
from gradstep.model.graph import LocalForm

_OF_NODES = MappingProxyType(
    {name.title(): name for name in "relu tanh sigmoid exp log sqrt rsqrt abs sin cos neg silu t".split()}
    | {"Permute": "t", "Transpose": "t"}
)
"""Ops without settings, by the name of their node. A matrix has but one permutation that is recorded."""


@dataclass(frozen=True, slots=True)
class Derivative:
    """The derivative of a call by one of its inputs."""

    parameter: str
    """The input, as expressions call it."""
    rule: ast.expr
    """What becomes of `grad`."""
    formula: ast.expr | None
    """The local gradient, where there is a simple one."""
    form: LocalForm
    """What the local gradient is in numbers."""


@dataclass(frozen=True, slots=True)
class Derived:
    """The derivatives of a call."""

    row: Row
    """Where they come from."""
    bound: Bound
    """The call's arguments by parameter."""
    inputs: tuple[Derivative | None, ...]
    """One for each tensor input, None where no gradient goes or none is known."""
    value: ast.expr | None
    """The result, where it is simple."""
    lets: Mapping[str, ast.expr]
    """The row's abbreviations."""
    shapes: Mapping[str, Shape | None]
    """Of every name in the trees."""


def derive(call: Call) -> Derived | None:
    """The derivatives of a call; None if the table has no row for it."""
    call = _named_by_node(call)
    found = row_of(call, parse(call), ROWS)
    if found is None:
        return None
    row, bound = found
    values = {**bound.values, **row.constants(bound)}
    values.pop("at", None)
    shapes: dict[str, Shape | None] = {name: item.shape for name, item in bound.tensors.items()}
    shapes["out"] = shapes["grad"] = call.output.shape
    lets: dict[str, ast.expr] = {}
    for name, text in row.lets.items():
        lets[name] = simplified(text, values, shapes)
        shapes[name] = shape_of(lets[name], shapes)
    value = _text(row.value, bound, "")
    inputs = tuple(
        _derivative(row, bound, place, values, shapes) if argument.differentiable else None
        for place, argument in zip(bound.places, call.inputs, strict=True)
    )
    return Derived(row, bound, inputs, simplified(value, values, shapes) if value else None, lets, shapes)


def _named_by_node(call: Call) -> Call:
    """An op of which only its autograd node was seen (`x.T`), as the call that it must have been."""
    if not call.node.endswith("Backward0") or call.op.lower() == call.op or len(call.inputs) != 1:
        return call
    op = _OF_NODES.get(call.node.removesuffix("Backward0"))
    return replace(call, op=op, scalars=(), signature="t") if op is not None else call


def _derivative(
    row: Row, bound: Bound, place: str, values: Mapping[str, object], shapes: Mapping[str, Shape | None]
) -> Derivative | None:
    key = place if place in row.local or place in row.vjp else place.rpartition("_")[0] or place
    local = _text(row.local.get(key, ""), bound, place)
    text = f"sum_to(grad * ({local}), {place})" if local else _text(row.vjp.get(key, ""), bound, place)
    if not text:
        return None
    rule = simplified(text, values, shapes)
    if shapes["out"] is not None and all(size == 1 for size in shapes["out"]):
        formula = with_ones(rule, shapes) if _only_scales(rule) else None
        return Derivative(place, rule, formula, "number")
    if local:
        return Derivative(place, rule, simplified(local, values, shapes), "elementwise")
    jacobian = _text(row.jacobian.get(key, ""), bound, place)
    return Derivative(place, rule, simplified(jacobian, values, shapes) if jacobian else None, "jacobian")


def _only_scales(rule: ast.expr) -> bool:
    """Whether δ is just a factor, so that the rule is the local gradient once δ is 1."""
    match rule:
        case ast.Name(id=name):
            return name != "grads"
        case ast.UnaryOp(operand=operand):
            return _only_scales(operand)
        case ast.BinOp(op=ast.MatMult()):
            return not _has_gradient(rule)
        case ast.BinOp(left=left, right=right):
            return _only_scales(left) and _only_scales(right)
        case ast.Call(func=ast.Name(id="spread" | "sum_to"), args=[first, *_]):
            return _only_scales(first)
        case ast.Call(func=ast.Name(id="nonzero"), args=[first, *_]):
            return _only_scales(first)
    return not _has_gradient(rule)


def _has_gradient(tree: ast.expr) -> bool:
    return any(isinstance(part, ast.Name) and part.id in ("grad", "grads") for part in ast.walk(tree))


def _text(expression: Expression, bound: Bound, place: str) -> str:
    return expression if isinstance(expression, str) else expression(bound, place)
