"""Follows a value back through the user's source to the weights, and finds where their gradients are cut off."""

from __future__ import annotations

import ast
import inspect
from dataclasses import dataclass, field
from types import FunctionType, MethodType, ModuleType
from typing import Any

from torch import Tensor, nn

from gradstep.program.clues.faults.source import SORTING, Body, bound_by, called, part_of, statements, tree_of
from gradstep.program.host.frames import is_user_file

_METHODS = frozenset(
    "item tolist numpy detach detach_ argmax argmin argsort long int bool byte short char nonzero multinomial "
    "eq ne gt lt ge le any all count_nonzero searchsorted bucketize histc one_hot".split()
)
"""Methods whose result has no gradient."""
_FUNCTIONS = _METHODS | frozenset("tensor Tensor FloatTensor DoubleTensor LongTensor from_numpy asarray array".split())
_BUILTINS = frozenset(("float", "int", "bool"))
_ATTRIBUTES = frozenset(("data", "indices"))
_OFF = frozenset(("no_grad", "inference_mode"))
_SHAPES = frozenset("shape dtype device size dim ndim numel requires_grad grad grad_fn is_leaf".split())
"""What is asked of a tensor that is no value of it."""
_DEEP = 24


@dataclass(frozen=True)
class Cut:
    """The place."""

    what: str
    """`call`, `no_grad`, `frozen`."""
    by: str
    """`argmax`, `.item()`, or the model that is frozen."""
    of: str
    """What was cut off, as it is written."""
    file: str
    line: int


@dataclass(frozen=True)
class Found:
    """Of one expression."""

    carries: bool = False
    """Gradients would reach a weight through it."""
    cut: Cut | None = None
    """They would, were they not cut there."""


_NOTHING = Found()


@dataclass
class Scope:
    """Where names mean something: a frame, or a function that was called and is over."""

    body: Body
    file: str
    line: int
    """Of the expression that is looked at: what is bound later counts only in a loop."""
    values: dict[str, Any]
    alive: bool = False
    """The values are those of the variables."""
    given: dict[str, tuple[ast.expr, Scope]] = field(default_factory=dict)
    """Arguments, as the caller has written them."""

    def value(self, node: ast.expr) -> Any:
        """What an expression of names and attributes stands for; None where that would run code."""
        if isinstance(node, ast.Name):
            if node.id in self.given:
                expression, outer = self.given[node.id]
                return outer.value(expression)
            return self.values.get(node.id)
        if isinstance(node, ast.Attribute):
            owner = self.value(node.value)
            if isinstance(owner, nn.Module):
                tables = (owner._modules, owner._parameters, owner.__dict__)
                own: Any = next((table[node.attr] for table in tables if node.attr in table), None)
                static = inspect.getattr_static(type(owner), node.attr, None)
                return MethodType(static, owner) if own is None and isinstance(static, FunctionType) else own
            if isinstance(owner, ModuleType):
                return owner.__dict__.get(node.attr)
        return None


class Chain:
    """One search, which goes down each way once."""

    def __init__(self) -> None:
        self._met: set[tuple[str, int, str]] = set()
        self._depth = 0

    def follow(self, node: ast.expr, scope: Scope) -> Found:
        """Whether that expression carries gradients, or where they were cut."""
        if self._depth >= _DEEP:
            return _NOTHING
        self._depth += 1
        try:
            return self._follow(node, scope)
        finally:
            self._depth -= 1

    def _follow(self, node: ast.expr, scope: Scope) -> Found:
        if isinstance(node, ast.Name):
            return self._name(node.id, scope)
        if isinstance(node, ast.Attribute):
            return self._attribute(node, scope)
        if isinstance(node, ast.Call):
            return self._call(node, scope)
        if isinstance(node, ast.Compare):
            return self._through(node, "comparison", [node.left, *node.comparators], scope)
        if isinstance(node, ast.Subscript):
            second = isinstance(node.slice, ast.Constant) and node.slice.value == 1
            if second and isinstance(node.value, ast.Call) and called(node.value) in SORTING:
                return self._through(node, f"{called(node.value)}(...)[1]", [node.value], scope)
            return self.follow(node.value, scope)
        if isinstance(node, (ast.ListComp, ast.GeneratorExp)):
            return self._any([node.elt, *(part.iter for part in node.generators)], scope)
        return self._any([item for item in ast.iter_child_nodes(node) if isinstance(item, ast.expr)], scope)

    def _any(self, nodes: list[ast.expr], scope: Scope) -> Found:
        """Of several that have a part in one value: a cut in one of them, unless another one carries."""
        found = [self.follow(node, scope) for node in nodes]
        cut = next((one.cut for one in found if one.cut is not None), None)
        return Found(any(one.carries for one in found), cut)

    def _through(self, node: ast.expr, by: str, parts: list[ast.expr], scope: Scope) -> Found:
        """A call or the like that hands no gradients on."""
        found = self._any(parts, scope)
        if found.carries:
            of = ast.unparse(parts[0]) if parts else ""
            return Found(False, Cut("call", by, of, scope.file, getattr(node, "lineno", 0) or scope.line))
        return Found(False, found.cut)

    def _name(self, name: str, scope: Scope) -> Found:
        bound = _binding(scope, name)
        if name in scope.given and (bound is None or bound[1] >= scope.line):
            expression, outer = scope.given[name]
            return self.follow(expression, outer)
        value = scope.values.get(name) if scope.alive else None
        is_latest = bound is not None and bound[1] == _last(scope, name)
        if isinstance(value, Tensor) and (is_latest or bound is None):
            if value.requires_grad:
                return Found(True)
        elif isinstance(value, nn.Module):
            return Found(any(item.requires_grad for item in value.parameters()))
        if bound is None:
            return _NOTHING
        expression, line, off = bound
        if (scope.file, line, name) in self._met:
            return _NOTHING
        self._met.add((scope.file, line, name))
        before, scope.line = scope.line, line
        found = self.follow(expression, scope)
        scope.line = before
        if found.carries and off:
            return Found(False, Cut("no_grad", off[0], name, scope.file, off[1]))
        return found

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Found:
        if node.attr in _SHAPES:
            return _NOTHING
        if node.attr in _ATTRIBUTES:
            return self._through(node, f".{node.attr}", [node.value], scope)
        value = scope.value(node)
        if isinstance(value, Tensor):
            return Found(value.requires_grad)
        bound = _binding(scope, ast.unparse(node))
        return self.follow(bound[0], scope) if bound is not None else self.follow(node.value, scope)

    def _call(self, node: ast.Call, scope: Scope) -> Found:
        parts = [*node.args, *(item.value for item in node.keywords)]
        name, func = called(node), node.func
        target = scope.value(func)
        if isinstance(func, ast.Attribute):
            is_method = not isinstance(scope.value(func.value), ModuleType)
            if is_method and name in _METHODS and not isinstance(target, (MethodType, nn.Module)):
                return self._through(node, f".{name}()", [func.value], scope)
            if name in _SHAPES:
                return _NOTHING
            if not is_method and (name in _FUNCTIONS or _root(func) in ("np", "numpy")):
                return self._through(node, ast.unparse(func), parts, scope)
        elif name in _BUILTINS or (name in _FUNCTIONS and not isinstance(target, FunctionType)):
            return self._through(node, f"{name}()", parts, scope)
        if isinstance(target, nn.Module):
            return self._module(target, node, parts, scope)
        if isinstance(target, (FunctionType, MethodType)):
            inner = self._function(target, node, scope)
            if inner is not None:
                return inner
        owner = [func.value] if isinstance(func, ast.Attribute) and target is None else []
        return self._any([*owner, *parts], scope)

    def _module(self, module: nn.Module, node: ast.Call, parts: list[ast.expr], scope: Scope) -> Found:
        """A module is called: into its forward if that is the user's, else its parameters tell."""
        forward = inspect.getattr_static(type(module), "forward", None)
        if isinstance(forward, FunctionType):
            inner = self._function(MethodType(forward, module), node, scope)
            if inner is not None and (inner.cut is not None or inner.carries):
                return inner
        given = self._any(parts, scope)
        parameters = list(module.parameters())
        if any(item.requires_grad for item in parameters):
            return Found(True)
        if parameters and not given.carries and given.cut is None:
            name = ast.unparse(node.func)
            return Found(False, Cut("frozen", name, name, scope.file, getattr(node, "lineno", 0) or scope.line))
        return given

    def _function(self, target: FunctionType | MethodType, node: ast.Call, scope: Scope) -> Found | None:
        """What a function of the user's returns; None where its source is not to be had."""
        own = inspect.unwrap(target.__func__ if isinstance(target, MethodType) else target)
        code = getattr(own, "__code__", None)
        body = tree_of(code) if code is not None and is_user_file(code.co_filename) else None
        if code is None or body is None or not isinstance(body, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return None
        names = [item.arg for item in (*body.args.posonlyargs, *body.args.args)]
        values = dict(getattr(own, "__globals__", {}))
        if isinstance(target, MethodType) and names:
            values[names.pop(0)] = target.__self__
        given = {name: (item, scope) for name, item in zip(names, node.args, strict=False)}
        given |= {item.arg: (item.value, scope) for item in node.keywords if item.arg}
        inner = Scope(body, code.co_filename, body.end_lineno or 0, values, given=given)
        found = Found()
        for statement, around in statements(body):
            if isinstance(statement, ast.Return) and statement.value is not None:
                inner.line = statement.lineno
                one = self.follow(statement.value, inner)
                off = _off(around)
                if one.carries and off:
                    one = Found(False, Cut("no_grad", off[0], body.name, code.co_filename, off[1]))
                found = Found(found.carries or one.carries, found.cut or one.cut)
        for decorator in body.decorator_list:
            if found.carries and _turns_off(decorator):
                by = f"@{ast.unparse(decorator)}"
                return Found(False, Cut("no_grad", by, body.name, code.co_filename, decorator.lineno))
        return found


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _binding(scope: Scope, name: str) -> tuple[ast.expr, int, tuple[str, int] | None] | None:
    """What a name was bound to last before the line that is looked at, where, and under which `no_grad`."""
    found = []
    for statement, around in statements(scope.body):
        for target, value in bound_by(statement):
            part = part_of(target, value, name)
            if part is not None:
                found.append((part, statement.lineno, _off(around)))
    before = [item for item in found if item[1] < scope.line]
    return max(before or found, key=lambda item: item[1], default=None)


def _last(scope: Scope, name: str) -> int:
    """The line that has bound what the name stands for at the end: the last one before backward was called."""
    here = Scope(scope.body, scope.file, 1 << 30, {})
    bound = _binding(here, name)
    return bound[1] if bound is not None else 0


def _off(around: tuple[ast.With, ...]) -> tuple[str, int] | None:
    """The `with torch.no_grad()` around a statement, and its line."""
    for block in reversed(around):
        for item in block.items:
            if _turns_off(item.context_expr):
                return ast.unparse(item.context_expr), block.lineno
    return None


def _turns_off(node: ast.expr) -> bool:
    call = node if isinstance(node, ast.Call) else None
    func = call.func if call is not None else node
    name = func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
    if name == "set_grad_enabled" and call is not None and call.args:
        return isinstance(call.args[0], ast.Constant) and call.args[0].value is False
    return name in _OFF
