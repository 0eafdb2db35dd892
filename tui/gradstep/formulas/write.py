"""Expression trees to readable notation: `grad * (1 - out ** 2)` is `δ * (1 − y²)`."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field

from gradstep.formulas.call import Shape
from gradstep.formulas.names import subscript
from gradstep.formulas.shapes import shape_of, summed_axes
from gradstep.formulas.simplify import number
from gradstep.formulas.vocabulary import WORDS, Level

_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_COMPARE = {ast.Gt: ">", ast.Lt: "<", ast.GtE: "≥", ast.LtE: "≤", ast.Eq: "=", ast.NotEq: "≠"}
_POWERED = frozenset("sin cos tan sinh cosh tanh sigmoid log".split())
"""Functions whose powers are written `tanh²(x)`."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes expressions with the user's names."""

    names: Mapping[str, str]
    """The text of every name."""
    shapes: Mapping[str, Shape | None]
    """The shape of every name."""
    of_an_element: bool = False
    """What is written is about one element: there are no tensors, and products are `·`."""

    def text(self, tree: ast.expr) -> str:
        """The whole expression."""
        return self._part(tree)[0]

    def within(self, tree: ast.expr, level: Level) -> str:
        """The expression, in parentheses if it is not as tight as that."""
        text, own = self._part(tree)
        return text if own >= level else f"({text})"

    def _part(self, tree: ast.expr) -> tuple[str, Level]:
        match tree:
            case ast.Name(id=name):
                return self.names.get(name, name), Level.ATOM
            case ast.Constant(value=value):
                return constant(value), Level.SUM if isinstance(value, int | float) and value < 0 else Level.ATOM
            case ast.UnaryOp(operand=operand):
                return f"−{self.within(operand, Level.PRODUCT)}", Level.SUM
            case ast.Compare():
                return f"[{self._condition(tree)}]", Level.ATOM
            case ast.BinOp(op=ast.Add() | ast.Sub()):
                return self._sum(tree), Level.SUM
            case ast.BinOp(left=left, op=ast.MatMult(), right=right):
                return f"{self.within(left, Level.MATRIX)} @ {self.within(right, Level.MATRIX)}", Level.MATRIX
            case ast.BinOp(left=left, op=ast.Pow(), right=right):
                return self._power(left, right), Level.POWER
            case ast.BinOp():
                return self._product(tree)
            case ast.Call():
                return self._call(tree)
        raise TypeError(ast.dump(tree))

    def _condition(self, tree: ast.Compare) -> str:
        sign = _COMPARE[type(tree.ops[0])]
        return f"{self.within(tree.left, Level.SUM)} {sign} {self.within(tree.comparators[0], Level.SUM)}"

    def _sum(self, tree: ast.BinOp) -> str:
        right, sign = tree.right, isinstance(tree.op, ast.Add)
        value = number(right)
        if isinstance(right, ast.UnaryOp):
            right, sign = right.operand, not sign
        elif value is not None and value < 0:
            right, sign = ast.Constant(-value), not sign
        return f"{self.within(tree.left, Level.SUM)} {'+' if sign else '−'} {self.within(right, Level.PRODUCT)}"

    def _power(self, base: ast.expr, exponent: ast.expr) -> str:
        value = number(exponent)
        raised = f"^{self.within(exponent, Level.ATOM)}"
        if isinstance(value, int) and value >= 0:
            raised = str(value).translate(_SUPERSCRIPT)
        elif value is not None:
            raised = f"^{constant(value)}" if value >= 0 else f"^({constant(value)})"
        if isinstance(base, ast.Call) and isinstance(base.func, ast.Name) and base.func.id in _POWERED and value:
            written = self.text(base)
            return written.replace("(", f"{raised}(", 1)
        return f"{self.within(base, Level.ATOM)}{raised}"

    def _product(self, tree: ast.BinOp) -> tuple[str, Level]:
        found = _Factors()
        _collect(tree, found)
        size = abs(found.number)
        level = Level.PRODUCT if len(found.above) > 1 or found.below or size != 1 else Level.MATRIX
        text = constant(size) if size != 1 or not found.above else ""
        tensor = False
        for position, factor in enumerate(found.above):
            written = self.within(factor, Level.MATRIX if len(found.above) == 1 else Level.POWER)
            is_tensor = not self.of_an_element and shape_of(factor, self.shapes) != ()
            if position:
                text += f" * {written}" if tensor and is_tensor else f"·{written}"
            elif text:
                text += written if _juxtaposed(written) else f"·{written}"
            else:
                text = written
            tensor |= is_tensor
        if found.below:
            below = [self.within(factor, Level.POWER) for factor in found.below]
            text += f" / {below[0]}" if len(below) == 1 else f" / ({'·'.join(below)})"
        return (f"−{text}", Level.SUM) if found.number < 0 else (text, level)

    def _call(self, tree: ast.Call) -> tuple[str, Level]:
        name = tree.func.id if isinstance(tree.func, ast.Name) else ""
        word = WORDS[name]
        if name in ("where", "truth", "no") and isinstance(tree.args[0], ast.Compare):
            arguments = [self._condition(tree.args[0])]
            arguments += [self.within(argument, word.inner) for argument in tree.args[1:]]
        else:
            arguments = [self.within(argument, word.inner) for argument in tree.args]
        text = word.template.format(
            *arguments,
            axes=self._axes(name, tree.args),
            shape=_bracketed(shape_of(tree, self.shapes)),
            slice=_slice(name, tree.args[1:], shape_of(tree.args[0], self.shapes)),
            kind=arguments[1] if len(arguments) > 1 else "",
            rest=", ".join(arguments[1:]),
            transposed="mT" if len(shape_of(tree.args[0], self.shapes) or ()) > 2 else "T",
        )
        if name == "spread":
            return self._part(tree.args[0])
        return text, word.level

    def _axes(self, name: str, arguments: list[ast.expr]) -> str:
        whole = shape_of(arguments[0], self.shapes)
        if name == "sum_channel":
            rank = len(whole) if whole is not None else 0
            return subscripts(tuple(axis for axis in range(rank) if axis != 1))
        if name == "sum_to":
            summed = summed_axes(whole, shape_of(arguments[1], self.shapes))
            return subscripts(summed) if summed is not None and whole is not None and len(summed) < len(whole) else ""
        for argument in arguments[1:]:
            if isinstance(argument, ast.Constant) and isinstance(argument.value, int | tuple):
                axes = argument.value if isinstance(argument.value, tuple) else (argument.value,)
                rank = len(whole) if whole is not None else 0
                return subscripts(tuple(axis + rank if axis < 0 else axis for axis in axes if isinstance(axis, int)))
        return ""


@dataclass(slots=True)
class _Factors:
    number: float = 1
    above: list[ast.expr] = field(default_factory=list)
    below: list[ast.expr] = field(default_factory=list)


def _collect(tree: ast.expr, found: _Factors) -> None:
    """The factors of a product of products and quotients."""
    value = number(tree)
    if value is not None:
        found.number *= value
    elif isinstance(tree, ast.UnaryOp):
        found.number = -found.number
        _collect(tree.operand, found)
    elif isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Mult):
        _collect(tree.left, found)
        _collect(tree.right, found)
    elif isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Div):
        _collect(tree.left, found)
        found.below.append(tree.right)
    else:
        found.above.append(tree)


def _juxtaposed(text: str) -> bool:
    """Whether a number may stand right before it: `2s`, `3x²`, `2(a − b)`, but `2·y_hat`."""
    second = text[1:2]
    letter = text[:1].isalpha() and not (second.isalpha() or second.isdecimal() or (second != "" and second in "_.("))
    return letter or text.startswith("(")


def constant(value: object) -> str:
    """A number as it is read: no `.0`, six digits of a long one."""
    if isinstance(value, bool | None):
        return str(value)
    if isinstance(value, float):
        short = f"{value:.6g}"
        text = short if float(short) == value else f"{short}…"
        return text.replace("-", "−").replace("inf", "∞")
    if isinstance(value, int):
        return str(value).replace("-", "−")
    return _bracketed(value) if isinstance(value, tuple) else str(value)


def subscripts(axes: tuple[int, ...]) -> str:
    """Axes below the line: `₀₁`; counted from the last, in brackets: `[−1]`."""
    if any(axis < 0 for axis in axes):
        return f"[{','.join(map(constant, axes))}]"
    return subscript("".join(map(str, axes)))


def _slice(name: str, arguments: list[ast.expr], shape: Shape | None) -> str:
    """`[:, 3:5]` for the part from 3 to 5 of axis 1, `[:, 3]` for layer 3."""
    numbers = [argument.value for argument in arguments if isinstance(argument, ast.Constant)]
    if name not in ("part", "layer") or not numbers or not isinstance(numbers[0], int):
        return ""
    own = ":".join(str(value) for value in numbers[1:])
    return f"[{', '.join([':'] * numbers[0] + [own])}]"


def _bracketed(shape: tuple[object, ...] | None) -> str:
    return f"[{','.join(str(size) for size in shape)}]" if shape is not None else "the shape of before"
