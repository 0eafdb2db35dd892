"""From a call and its row to the derivative of each of its inputs, as trees that can be written and evaluated."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from gradstep.formulas.bind import row_of
from gradstep.formulas.call import Call, Shape, parse
from gradstep.formulas.row import Bound, Expression, Row
from gradstep.formulas.shapes import shape_of
from gradstep.formulas.simplify import simplified, with_ones
from gradstep.formulas.tables import ROWS
from gradstep.model.graph import LocalForm


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
    found = row_of(call, parse(call), ROWS)
    if found is None:
        return None
    row, bound = found
    values = {**bound.values, **row.constants(bound)}
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
        formula = with_ones(rule, shapes) if "grads" not in text else None
        return Derivative(place, rule, formula, "number")
    if local:
        return Derivative(place, rule, simplified(local, values, shapes), "elementwise")
    jacobian = _text(row.jacobian.get(key, ""), bound, place)
    return Derivative(place, rule, simplified(jacobian, values, shapes) if jacobian else None, "jacobian")


def _text(expression: Expression, bound: Bound, place: str) -> str:
    return expression if isinstance(expression, str) else expression(bound, place)
