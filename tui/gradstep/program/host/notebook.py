"""A notebook as one virtual source, its cells run one after the other as Jupyter's "run all" does."""

from __future__ import annotations

import ast
import linecache
import sys
import warnings
from collections.abc import Callable
from functools import partial
from types import CodeType, ModuleType

from gradstep.model.notebook import Cell
from gradstep.program.host.cells import cell_of, joined
from gradstep.program.host.magics import without_magics

_ECHO = "__gradstep_echo__"


def prepare_cells(path: str, main: ModuleType) -> list[Callable[[], CodeType]]:
    """What compiles each cell when its turn comes; prepares `main` (echo of last expressions, `display`)."""
    cells, text = joined(path)
    lines = text.splitlines(keepends=True)
    linecache.cache[path] = (len(text), None, lines, path)
    main.__dict__["display"] = _display
    main.__dict__["get_ipython"] = _NoIPython
    main.__dict__[_ECHO] = partial(_echo, main.__dict__)
    warnings.formatwarning = partial(_warning, warnings.formatwarning)
    return [partial(_compile, cell, path) for cell in cells]


def _compile(cell: Cell, path: str) -> CodeType:
    source, skipped = without_magics(cell.source)
    for line, text in skipped:
        print(f"gradstep: cell {cell.number}, line {line}: skipped {text}", file=sys.stderr)
    above = "\n" * (cell.first_line - 1)
    tree = ast.parse(above + source, path)
    last = tree.body[-1] if tree.body else None
    if isinstance(last, ast.Expr) and not source.rstrip().endswith(";"):
        call = ast.Call(ast.Name(_ECHO, ast.Load()), [last.value], [])
        tree.body[-1] = ast.copy_location(ast.Expr(call), last)
        ast.fix_missing_locations(tree)
    code: CodeType = compile(tree, path, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    return code


def _warning(
    form: Callable[..., str], message: object, category: object, file: str, line: int, text: str | None = None
) -> str:
    """A warning as Python writes it, the cell named."""
    cell, within = cell_of(file, line)
    written = form(message, category, file, line, text)
    return written.replace(f"{file}:{line}:", f"{file}, cell {cell}, line {within}:", 1) if cell else written


def _echo(names: dict[str, object], value: object) -> None:
    if value is not None:
        names["_"] = value
        print(repr(value))


class _NoIPython:
    """Stand-in for what `get_ipython()` returns: whatever is asked of it does nothing."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *args, **kwargs: None


def _display(*values: object) -> None:
    """Stand-in for IPython's `display`."""
    for value in values:
        print(repr(value))
