"""The user's source as a tree: the call at an instruction, the body of a function, what binds a name in it."""

from __future__ import annotations

import ast
import linecache
from collections.abc import Iterator
from itertools import islice
from types import CodeType

Body = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
SORTING = frozenset("max min sort topk median mode kthvalue cummax cummin".split())
"""Their second result is one of positions."""
_INNER = (*_FUNCTIONS, ast.ClassDef, ast.Lambda)


def parse(file: str) -> ast.Module | None:
    """A whole file; None if its text is not to be had."""
    try:
        return ast.parse("".join(linecache.getlines(file)))
    except (SyntaxError, ValueError):
        return None


def tree_of(code: CodeType) -> Body | None:
    """The function whose code that is, or the file."""
    tree = parse(code.co_filename)
    if tree is None or code.co_name == "<module>":
        return tree
    for node in ast.walk(tree):
        if isinstance(node, _FUNCTIONS) and node.name == code.co_name:
            first = min([node.lineno, *(item.lineno for item in node.decorator_list)])
            if first <= code.co_firstlineno <= node.lineno:
                return node
    return None


def node_at(code: CodeType, instruction: int) -> ast.expr | None:
    """The call or the operation at that place of the code."""
    positions = next(islice(code.co_positions(), instruction // 2, None), (None, None, None, None))
    first, last, start, end = positions
    if first is None or last is None:
        return None
    lines = [linecache.getline(code.co_filename, number).encode() for number in range(first, last + 1)]
    if not all(lines):
        return None
    lines[-1] = lines[-1][:end]
    lines[0] = lines[0][start:]
    try:
        return ast.parse(b"(" + b"".join(lines) + b")", mode="eval").body
    except (SyntaxError, ValueError):
        return None


def statements(body: Body) -> Iterator[tuple[ast.stmt, tuple[ast.With, ...]]]:
    """The statements of a function, without those of functions in it, each with the `with` blocks around it."""

    def inside(items: list[ast.stmt], around: tuple[ast.With, ...]) -> Iterator[tuple[ast.stmt, tuple[ast.With, ...]]]:
        for item in items:
            yield item, around
            if isinstance(item, _INNER):
                continue
            within = (*around, item) if isinstance(item, ast.With) else around
            for field in ("body", "orelse", "finalbody"):
                yield from inside(getattr(item, field, []), within)
            for handler in getattr(item, "handlers", []):
                yield from inside(handler.body, within)

    return inside([] if isinstance(body, ast.Lambda) else body.body, ())


def bound_by(statement: ast.stmt) -> list[tuple[ast.expr, ast.expr]]:
    """What a statement binds, with the expression that it is bound to."""
    if isinstance(statement, ast.Assign):
        return [(target, statement.value) for target in statement.targets]
    if isinstance(statement, ast.AugAssign):
        return [(statement.target, ast.BinOp(_read(statement.target), statement.op, statement.value))]
    if isinstance(statement, ast.AnnAssign) and statement.value is not None:
        return [(statement.target, statement.value)]
    if isinstance(statement, (ast.For, ast.AsyncFor)):
        return [(statement.target, statement.iter)]
    added = statement.value if isinstance(statement, ast.Expr) else None
    if isinstance(added, ast.Call) and isinstance(added.func, ast.Attribute) and added.func.attr == "append":
        return [(added.func.value, item) for item in added.args]
    return []


def _read(target: ast.expr) -> ast.expr:
    return ast.Name(target.id, ast.Load()) if isinstance(target, ast.Name) else target


def called(node: ast.Call) -> str:
    """The function's or the method's own name."""
    func = node.func
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def part_of(target: ast.expr, value: ast.expr, name: str) -> ast.expr | None:
    """What that name is bound to: of `a, b = f(x), g(x)` its own part; None if it is not bound there."""
    if isinstance(target, ast.Name):
        return value if target.id == name else None
    if isinstance(target, ast.Attribute):
        return value if ast.unparse(target) == name else None
    if isinstance(target, ast.Starred):
        return part_of(target.value, value, name)
    if isinstance(target, (ast.Tuple, ast.List)):
        own = value.elts if isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(target.elts) else None
        second = ast.Subscript(value, ast.Constant(1), ast.Load(), lineno=value.lineno)
        places = isinstance(value, ast.Call) and called(value) in SORTING and len(target.elts) == 2
        parts = (
            part_of(item, own[at] if own else second if places and at else value, name)
            for at, item in enumerate(target.elts)
        )
        return next((part for part in parts if part is not None), None)
    return None
