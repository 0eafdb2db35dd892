"""`--assert`: an expression over a stop, `loss < 100`, `grad("fc1.weight").norm() > 0`. It is read, never executed."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Iterable
from typing import Any

from gradstep.model.pattern import fits
from gradstep.model.stop import Stop
from gradstep.model.tensor import TensorView, not_finite, statistic

NAMES = ("loss", "iteration", "lr", "params", "grads")
FUNCTIONS = ("grad", "param", "finite", "abs", "min", "max", "sum", "all", "any", "len", "sqrt", "log")
METHODS = ("norm", "min", "max", "mean", "numel")

_COMPARED: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}  # fmt: skip
_COMPUTED: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.Mod: operator.mod, ast.FloorDiv: operator.floordiv,
}  # fmt: skip
_MOST = 1_000
"""Characters of an expression."""


class AssertionTextError(ValueError):
    """A text that cannot be asserted: one line, with what may stand there."""


class NotKnown(Exception):
    """Something of the expression is not known at this stop."""


class Assertion:
    """One expression, judged at each stop at which all that it speaks of is known."""

    def __init__(self, text: str) -> None:
        """Raises AssertionTextError."""
        self.text = " ".join(text.split())
        self.judged = 0
        """At how many stops."""
        self.lacks = ""
        """What was not known at the latest stop at which something was not."""
        try:
            if len(text) > _MOST:
                raise AssertionTextError(f"{self.text[:20]}…: too long to be asserted")
            self._tree = ast.parse(self.text, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            if isinstance(error, AssertionTextError):
                raise
            raise AssertionTextError(f"{self.text}: no expression: {getattr(error, 'msg', error)}") from None
        for node in ast.walk(self._tree):
            if why := _unknown(node):
                raise AssertionTextError(f"{self.text}: {why}")

    def holds(self, stop: Stop) -> bool | None:
        """Whether it does; None where something of it is not known. Raises AssertionTextError where it is nonsense."""
        if not stop.whole or stop.light:
            return None
        try:
            value = _Judge(stop).value(self._tree)
        except NotKnown as lack:
            self.lacks = str(lack)
            return None
        except (TypeError, ZeroDivisionError, OverflowError, ValueError, RecursionError) as error:
            raise AssertionTextError(f"{self.text}: {error}") from None
        if isinstance(value, list | _Tensor | str):
            raise AssertionTextError(f"{self.text}: compare it with something, or write finite(…)")
        self.judged += 1
        return bool(value)


def _unknown(node: ast.AST) -> str:
    """What cannot stand in an assertion; empty for what can."""
    if isinstance(node, ast.Name):
        known = node.id in NAMES or node.id in FUNCTIONS
        return "" if known else f"{node.id} is not known here; known are {', '.join((*NAMES, *FUNCTIONS))}"
    if isinstance(node, ast.Attribute):
        return "" if node.attr in METHODS else f".{node.attr} is not known here; known are {', '.join(METHODS)}"
    if isinstance(node, ast.Call):
        named = isinstance(node.func, ast.Attribute) or (isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS)
        return "" if named and not node.keywords else "that cannot be called here"
    if isinstance(node, ast.Constant):
        return "" if isinstance(node.value, int | float | str) else "only numbers and names of tensors can stand here"
    if isinstance(node, ast.Compare):
        return "" if all(type(sign) in _COMPARED for sign in node.ops) else "compare by <, <=, >, >=, == or !="
    if isinstance(node, ast.BinOp):
        return "" if type(node.op) in _COMPUTED else "compute by +, -, *, /, // or %"
    fine = (ast.BoolOp, ast.UnaryOp, ast.boolop, ast.unaryop, ast.operator, ast.cmpop, ast.expr_context)
    return "" if isinstance(node, fine) and not isinstance(node, ast.Invert) else "that cannot be asserted"


class _Tensor:
    """A parameter or a gradient at a stop."""

    def __init__(self, name: str, view: TensorView) -> None:
        self.name, self.view = name, view

    def finite(self) -> bool:
        """Whether no element is NaN or infinite."""
        found = not_finite(self.view)
        if found is None:
            raise NotKnown(f"the elements of {self.name}")
        return not any(found)

    def call(self, method: str) -> float:
        """`norm`, `min`, `max`, `mean` or `numel`."""
        if method == "numel":
            return self.view.size
        value = statistic(self.view, method)
        if value is None:
            raise NotKnown(f"{method} of {self.name}")
        return float(value)


class _Judge:
    """Reads an expression at one stop."""

    def __init__(self, stop: Stop) -> None:
        self._stop = stop

    def value(self, node: ast.expr) -> Any:
        """What it is."""
        match node:
            case ast.Constant(value):
                return value
            case ast.Name(name):
                return self._named(name)
            case ast.UnaryOp(sign, operand):
                value = self.value(operand)
                return not value if isinstance(sign, ast.Not) else -value if isinstance(sign, ast.USub) else +value
            case ast.BinOp(left, sign, right):
                return _COMPUTED[type(sign)](_number(self.value(left)), _number(self.value(right)))
            case ast.BoolOp(sign, values):
                judged = (self.value(value) for value in values)
                return all(judged) if isinstance(sign, ast.And) else any(judged)
            case ast.Compare(left, signs, rights):
                values = [_number(self.value(part)) for part in (left, *rights)]
                pairs = zip(signs, values, values[1:], strict=False)
                return all(_COMPARED[type(sign)](one, other) for sign, one, other in pairs)
            case ast.Call(ast.Attribute(value, method), []):
                tensor = self.value(value)
                if not isinstance(tensor, _Tensor):
                    raise TypeError(f".{method}() is of one tensor: grad(…).{method}()")
                return tensor.call(method)
            case ast.Call(ast.Name(name), args):
                return self._called(name, [self.value(part) for part in args])
        raise TypeError("that cannot be asserted")

    def _named(self, name: str) -> Any:
        stop = self._stop
        if name == "iteration":
            return stop.iteration
        if name == "params":
            return self._all(stop.leaves, stop.tensors.get)
        if name == "grads":
            return self._all(stop.gradients, self._now)
        if name == "lr" and stop.update is not None and stop.update.lr is not None:
            return stop.update.lr
        if name == "loss" and stop.scalar is not None and stop.scalar.value is not None:
            return stop.scalar.value
        raise NotKnown(name)

    def _now(self, name: str) -> TensorView | None:
        """A gradient as backward has left it: before the next backward it may have been cleared."""
        if self._stop.phase != "backward":
            return None
        ledger = self._stop.gradients.get(name)
        return None if ledger is None else ledger.now

    def _all(self, names: Iterable[str], view: Callable[[str], TensorView | None]) -> list[_Tensor]:
        found = [_Tensor(name, known) for name in names if (known := view(name)) is not None]
        if not found:
            raise NotKnown("any parameter or gradient")
        return found

    def _called(self, name: str, values: list[Any]) -> Any:
        if name in ("grad", "param"):
            return self._tensor(name, *values)
        if name == "finite":
            (value,) = values
            tensors = value if isinstance(value, list) else [value]
            return all(item.finite() if isinstance(item, _Tensor) else math.isfinite(item) for item in tensors)
        if name == "len":
            return len(*values)
        numbers = [_number(value) for value in values]
        simple: dict[str, Callable[..., Any]] = {
            "abs": abs, "min": min, "max": max, "sqrt": math.sqrt, "log": math.log, "all": lambda *items: all(items),
            "any": lambda *items: any(items), "sum": lambda *items: sum(items),
        }  # fmt: skip
        return simple[name](*numbers)

    def _tensor(self, kind: str, name: object) -> _Tensor:
        """By its name, or the end of it: `fc1.weight` of `model.fc1.weight`."""
        if not isinstance(name, str):
            raise TypeError(f'{kind} takes the name of a parameter: {kind}("fc1.weight")')
        names = self._stop.leaves or tuple(self._stop.gradients)
        named = [known for known in names if known == name] or [known for known in names if fits(known, name)]
        if len(named) > 1:
            raise TypeError(f"{name} is the name of {len(named)} parameters: {', '.join(named[:3])}")
        view = (self._now if kind == "grad" else self._stop.tensors.get)(named[0]) if named else None
        if view is None:
            raise NotKnown(f"{kind}({name!r})")
        return _Tensor(named[0], view)


def _number(value: Any) -> Any:
    if isinstance(value, _Tensor):
        if value.view.size != 1:
            raise TypeError(
                f"{value.name} has {value.view.size:,} elements; say which: .norm(), .max(), .min(), .mean()"
            )
        return value.call("mean")
    if isinstance(value, list | str):
        raise TypeError("only numbers can be compared and computed with")
    return value
