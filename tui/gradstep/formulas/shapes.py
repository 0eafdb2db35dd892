"""The shape that an expression of the table has, from the shapes of its names."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from itertools import zip_longest

from gradstep.formulas.call import Shape
from gradstep.formulas.vocabulary import WORDS

_REDUCING = frozenset("size sum mean var norm count".split())


def shape_of(tree: ast.AST, shapes: Mapping[str, Shape | None]) -> Shape | None:
    """Shape of an expression's value; None where it is not known."""
    match tree:
        case ast.Constant():
            return ()
        case ast.Name(id=name):
            return shapes.get(name)
        case ast.UnaryOp(operand=operand):
            return shape_of(operand, shapes)
        case ast.BinOp(left=left, op=ast.MatMult(), right=right):
            return matmul(shape_of(left, shapes), shape_of(right, shapes))
        case ast.BinOp(left=left, right=right):
            return broadcast(shape_of(left, shapes), shape_of(right, shapes))
        case ast.Compare(left=left, comparators=[right]):
            return broadcast(shape_of(left, shapes), shape_of(right, shapes))
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return _of_call(name, arguments, shapes)
    return None


def _of_call(name: str, arguments: list[ast.expr], shapes: Mapping[str, Shape | None]) -> Shape | None:
    parts = [shape_of(argument, shapes) for argument in arguments]
    if name == "T":
        first = parts[0]
        return first if first is None or len(first) < 2 else (*first[:-2], first[-1], first[-2])
    if name == "outer":
        left, right = parts[0], parts[1]
        return None if left is None or right is None else (*left, *right)
    if name in _REDUCING:
        return _reduced(parts[0], arguments[1:])
    word = WORDS[name]
    if word.like is not None:
        return parts[word.like]
    if word.elementwise:
        whole: Shape | None = ()
        for part in parts:
            whole = broadcast(whole, part)
        return whole
    return None


def _reduced(shape: Shape | None, axes: list[ast.expr]) -> Shape | None:
    """The words for reductions keep their axes, with size 1; without axes they reduce to a number."""
    given: object = axes[0].value if axes and isinstance(axes[0], ast.Constant) else None
    if given is None or given == ():
        return ()
    if shape is None:
        return None
    chosen = {axis % len(shape) for axis in (given if isinstance(given, tuple) else (given,)) if isinstance(axis, int)}
    return tuple(1 if axis in chosen else size for axis, size in enumerate(shape))


def broadcast(left: Shape | None, right: Shape | None) -> Shape | None:
    """The shape that both broadcast to."""
    if left is None or right is None:
        return None
    pairs = list(zip_longest(reversed(left), reversed(right), fillvalue=1))
    return tuple(b if a == 1 else a for a, b in reversed(pairs))


def matmul(left: Shape | None, right: Shape | None) -> Shape | None:
    """The shape of a matrix product, by the rules of `torch.matmul`."""
    if not left or not right:
        return None
    batch = broadcast(left[:-2], right[:-2]) or ()
    return (*batch, *left[-2:-1], *(right[-1:] if len(right) > 1 else ()))


def summed_axes(whole: Shape | None, part: Shape | None) -> tuple[int, ...] | None:
    """The axes of `whole` that are summed over to get `part`, which was broadcast to it."""
    if whole is None or part is None:
        return None
    extra = len(whole) - len(part)
    return (*range(extra), *(extra + axis for axis, size in enumerate(part) if size == 1 != whole[extra + axis]))
