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
_UNDERS = ("_", "__", "___")


def prepare_cells(path: str, main: ModuleType) -> list[Callable[[], CodeType]]:
    """What compiles each cell when its turn comes; prepares `main` (echo of last expressions, `display`)."""
    cells, text = joined(path)
    lines = text.splitlines(keepends=True)
    linecache.cache[path] = (len(text), None, lines, path)
    main.__dict__["display"] = _display
    main.__dict__["get_ipython"] = _NoIPython
    history = History(main.__dict__)
    main.__dict__[_ECHO] = history.echo
    warnings.formatwarning = partial(_warning, warnings.formatwarning)
    return [partial(_compile, cell, path, history) for cell in cells]


def _compile(cell: Cell, path: str, history: History) -> CodeType:
    history.begin(cell.source)
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


class History:
    """What went in and what came out, by the numbers of the cells as they were run: `In`, `Out`, `_`, `__`, `___`."""

    def __init__(self, names: dict[str, object]) -> None:
        self._names = names
        self._sources: list[str] = [""]
        self._values: dict[int, object] = {}
        self._last: tuple[object, ...] = ()
        names["In"], names["Out"] = self._sources, self._values

    def begin(self, source: str) -> None:
        """A cell is about to run."""
        self._sources.append(source)

    def echo(self, value: object) -> None:
        """Its last expression has that value."""
        if value is None:
            return
        print(repr(value))
        self._values[len(self._sources) - 1] = value
        known = zip(_UNDERS, self._last, strict=False)
        untouched = all(self._names.get(name) is before for name, before in known)  # else they are the program's own
        self._last = (value, *self._last)[: len(_UNDERS)]
        if untouched and (self._last[1:] or "_" not in self._names):
            self._names.update(zip(_UNDERS, self._last, strict=False))


class _NoIPython:
    """Stand-in for what `get_ipython()` returns: whatever is asked of it does nothing."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *args, **kwargs: None


def _display(*values: object) -> None:
    """Stand-in for IPython's `display`."""
    for value in values:
        print(repr(value))
