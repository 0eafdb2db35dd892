"""Expressions of the table with a call's numbers put in, and what is then superfluous left out."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Mapping
from copy import deepcopy

from gradstep.formulas.call import Shape
from gradstep.formulas.shapes import broadcast, shape_of

_ARITHMETIC = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


def simplified(text: str, values: Mapping[str, object], shapes: Mapping[str, Shape | None]) -> ast.expr:
    """The expression as a tree with those values for its names. Equal in value, but for constants left unexpanded."""
    return _Simplify(values, shapes).expression(ast.parse(text.strip(), mode="eval").body)


def with_ones(tree: ast.expr, shapes: Mapping[str, Shape | None]) -> ast.expr:
    """The rule for a gradient of 1: of a scalar result its gradient."""
    return _Simplify({"grad": 1}, shapes).expression(deepcopy(tree))


def number(tree: ast.AST) -> int | float | None:
    """The number that the tree is, if it is one."""
    if isinstance(tree, ast.Constant) and isinstance(tree.value, int | float) and not isinstance(tree.value, bool):
        return tree.value
    return None


class _Simplify(ast.NodeTransformer):
    def __init__(self, values: Mapping[str, object], shapes: Mapping[str, Shape | None]) -> None:
        self._values = values
        self._shapes = shapes

    def expression(self, tree: ast.AST) -> ast.expr:
        result = self.visit(tree)
        assert isinstance(result, ast.expr)
        return result

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self._values:
            return ast.Constant(self._values[node.id])  # type: ignore[arg-type]
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        operand = self.expression(node.operand)
        value = number(operand)
        if isinstance(node.op, ast.USub):
            if value is not None:
                return ast.Constant(-value)
            if isinstance(operand, ast.UnaryOp) and isinstance(operand.op, ast.USub):
                return operand.operand
        return ast.UnaryOp(node.op, operand)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        arguments = [self.expression(argument) for argument in node.args]
        first = arguments[0]
        if name == "size":
            return self._size(arguments)
        if name in ("sqrt", "T", "spread", "sum_to", "channel") and (value := number(first)) is not None:
            if name != "sqrt":
                return first
            if value >= 0 and math.sqrt(value).is_integer():
                return ast.Constant(int(math.sqrt(value)))
        if name == "sum_to" and shape_of(first, self._shapes) == shape_of(arguments[1], self._shapes) is not None:
            return first
        return ast.Call(node.func, arguments, [])

    def _size(self, arguments: list[ast.expr]) -> ast.expr:
        """`size(x)`: how many elements; `size(x, 0)` or `size(x, (0, 1))`: along those axes."""
        shape = shape_of(arguments[0], self._shapes)
        if shape is None:
            return ast.Call(ast.Name("size", ast.Load()), arguments, [])
        axes: object = arguments[1].value if len(arguments) > 1 and isinstance(arguments[1], ast.Constant) else None
        chosen = range(len(shape)) if axes is None or axes == () else axes if isinstance(axes, tuple) else (axes,)
        return ast.Constant(math.prod(shape[axis] for axis in chosen) if shape else 1)

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        left, right = self.expression(node.left), self.expression(node.right)
        a, b = number(left), number(right)
        if a is not None and b is not None and (folded := _fold(node.op, a, b)) is not None:
            return ast.Constant(folded)
        plain = _plain(node.op, left, right)
        if plain is not None and self._same_shape(plain, left, right):
            return plain
        return ast.BinOp(left, node.op, right)

    def _same_shape(self, plain: ast.expr, left: ast.expr, right: ast.expr) -> bool:
        """A number may stand for any shape; `x + 0` may not lose the shape of the sum."""
        if number(plain) is not None:
            return True
        whole = broadcast(shape_of(left, self._shapes), shape_of(right, self._shapes))
        return shape_of(plain, self._shapes) == whole or whole is None


def _plain(op: ast.operator, left: ast.expr, right: ast.expr) -> ast.expr | None:
    """What is left of an operation with 0 or 1."""
    a, b = number(left), number(right)
    match op:
        case ast.Mult():
            return _times(left, right, a, b)
        case ast.Div():
            return left if b == 1 else None
        case ast.Pow():
            return left if b == 1 else ast.Constant(1) if b == 0 else None
        case ast.Add():
            return left if b == 0 else right if a == 0 else None
        case ast.Sub():
            return left if b == 0 else ast.UnaryOp(ast.USub(), right) if a == 0 else None
    return None


def _times(left: ast.expr, right: ast.expr, a: float | None, b: float | None) -> ast.expr | None:
    if a == 0 or b == 0:
        return ast.Constant(0)
    if a == 1 or b == 1:
        return right if a == 1 else left
    if a == -1 or b == -1:
        return ast.UnaryOp(ast.USub(), right if a == -1 else left)
    return None


def _fold(op: ast.operator, a: float, b: float) -> float | None:
    try:
        value = _ARITHMETIC[type(op)](a, b)
    except (ArithmeticError, KeyError):
        return None
    if isinstance(value, complex):
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < 1 << 53:
        return int(value)
    if isinstance(op, ast.Div):
        return None
    return value  # type: ignore[no-any-return]
