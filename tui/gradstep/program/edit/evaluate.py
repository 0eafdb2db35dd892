"""Runs Python in the paused frame, as pdb does."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import CodeType
from typing import Any

from gradstep.program.edit.variables import Scope, Variables
from gradstep.program.host.faults import kind_of, words_of
from gradstep.program.host.talk import Interrupted

LONGEST = 20_000
"""Characters of a repr that are sent."""
_SHORT = 60
"""Characters of the value in the answer to an assignment."""
_FILE = "<prompt>"


@dataclass(frozen=True)
class Answer:
    """What came of it."""

    text: str = ""
    """An expression's repr, what was assigned, or the error in one line; empty where there is nothing to say."""
    error: bool = False


@dataclass(frozen=True)
class _Prompted:
    """What was typed, compiled."""

    statements: CodeType
    last: CodeType | None
    """The expression at the end."""
    is_call: bool
    """It is a call, whose None says nothing."""
    names: tuple[str, ...]
    """Which are assigned to."""


def evaluate(text: str, scopes: list[Scope], interruptible: Callable[[bool], None]) -> Answer:
    """Run it; nothing that it raises gets through.

    `interruptible`: told when `Interrupted` may come. An expression at the end gives its repr.
    """
    try:
        prompted = _compiled(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return Answer(one_line(error), error=True)
    try:
        interruptible(True)
        shown = _run(prompted, scopes)
        interruptible(False)
    except BaseException as error:  # noqa: BLE001  (whatever it raises is the answer, and does not end the program)
        interruptible(False)
        return Answer(one_line(error), error=True)
    return Answer(shown)


def _compiled(text: str) -> _Prompted:
    tree = ast.parse(text.strip(), _FILE)
    last, is_call = None, False
    if tree.body and isinstance(tree.body[-1], ast.Expr):
        value = tree.body[-1].value
        tree.body.pop()
        last, is_call = compile(ast.Expression(value), _FILE, "eval", dont_inherit=True), isinstance(value, ast.Call)
    names = tuple(dict.fromkeys(_assigned(tree)))
    return _Prompted(compile(tree, _FILE, "exec", dont_inherit=True), last, is_call, names)


def _assigned(tree: ast.Module) -> Iterator[str]:
    for statement in tree.body:
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        for target in targets:
            for item in ast.walk(target) if isinstance(target, (ast.Name, ast.Tuple, ast.List)) else ():
                if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store):
                    yield item.id


def _run(prompted: _Prompted, scopes: list[Scope]) -> str:
    """In a module in its own variables, in a function through `Variables`; gives what is to be said."""
    if scopes[0].frame is None:
        return _result(prompted, scopes[0].table, {})
    variables = Variables(list(scopes))
    try:
        return _result(prompted, variables, variables.written)
    except NameError:
        if variables.bound:
            raise TypeError(f"{variables.bound} is a function's variable: it can be set, not deleted") from None
        raise
    finally:
        variables.close([code for code in (prompted.statements, prompted.last) if code is not None])


def _result(prompted: _Prompted, table: dict[str, Any], elsewhere: dict[str, Scope]) -> str:
    exec(prompted.statements, table)
    if prompted.last is None:
        return ", ".join(_written(name, table, elsewhere) for name in prompted.names if name in table)
    value = eval(prompted.last, table)
    return "" if value is None and prompted.is_call else _cut(repr(value), LONGEST)


def _written(name: str, table: dict[str, Any], elsewhere: dict[str, Scope]) -> str:
    """`lr = 0.005`, and where, if that is not where the program is paused."""
    value = " ".join(repr(table[name]).split())
    value = value if len(value) <= _SHORT else f"{value[: _SHORT - 1]}…"
    scope = elsewhere.get(name)
    own = scope is None or (isinstance(table, Variables) and scope is table.scopes[0])
    return f"{name} = {value}" + ("" if own or scope is None else f" (in {scope.name})")


def _cut(text: str, most: int) -> str:
    more = len(text) - most
    return f"{text[:most]}\n… {more:,} more characters" if more > 0 else text


def one_line(error: BaseException) -> str:
    """An error for people, in one line."""
    if isinstance(error, Interrupted):
        return "interrupted; what it had done until then stays done"
    if isinstance(error, SyntaxError):
        return f"SyntaxError: {error.msg}"
    if isinstance(error, SystemExit):
        return "SystemExit: the prompt does not end the program, q does"
    lines = words_of(error).strip().splitlines()
    return f"{kind_of(error)}: {lines[0]}" if lines else kind_of(error)
