"""A notebook as one virtual source, its cells run one after the other as Jupyter's "run all" does."""

from __future__ import annotations

import ast
import linecache
from types import CodeType, ModuleType

from gradstep.model.notebook import Cell, read_cells

_ECHO = "__gradstep_echo__"


def compile_cells(path: str, main: ModuleType) -> tuple[list[CodeType], list[str]]:
    """The code of each cell and notes on what was skipped; prepares `main` (echo of last expressions, `display`)."""
    cells, text = read_cells(path)
    lines = text.splitlines(keepends=True)
    linecache.cache[path] = (len(text), None, lines, path)
    main.__dict__["display"] = _display
    main.__dict__[_ECHO] = _echo
    notes: list[str] = []
    parts = [_compile(cell, path, notes) for cell in cells]
    return parts, notes


def _compile(cell: Cell, path: str, notes: list[str]) -> CodeType:
    source, skipped = without_magics(cell.source)
    notes += [f"gradstep: cell {cell.number}: skipped {line}" for line in skipped]
    try:
        tree = ast.parse(source, path)
    except SyntaxError as error:
        raise ValueError(f"cell {cell.number}, line {error.lineno}: {error.msg}") from error
    ast.increment_lineno(tree, cell.first_line - 1)
    last = tree.body[-1] if tree.body else None
    if isinstance(last, ast.Expr) and not source.rstrip().endswith(";"):
        call = ast.Call(ast.Name(_ECHO, ast.Load()), [last.value], [])
        tree.body[-1] = ast.copy_location(ast.Expr(call), last)
        ast.fix_missing_locations(tree)
    return compile(tree, path, "exec", dont_inherit=True)


def without_magics(source: str) -> tuple[str, list[str]]:
    """The cell with IPython's own lines (`%magic`, `!command`, `%%cell`) replaced by `pass`, and those lines."""
    if source.lstrip().startswith("%%"):
        head = source.lstrip().split("\n")[0]
        kept = source.replace(head, "", 1) if head.split()[0] in ("%%time", "%%timeit", "%%capture") else ""
        return kept, [head]
    skipped, lines = [], []
    for line in source.split("\n"):
        bare = line.strip()
        asks = bare.endswith("?") and bare.rstrip("?").replace(".", "").isidentifier()
        if (asks or bare.startswith(("%", "!"))) and not _is_python(source):
            skipped.append(bare)
            lines.append(line[: len(line) - len(line.lstrip())] + "pass")
        else:
            lines.append(line)
    return "\n".join(lines), skipped


def _is_python(source: str) -> bool:
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True


def _echo(value: object) -> None:
    if value is not None:
        print(repr(value))


def _display(*values: object) -> None:
    """Stand-in for IPython's `display`."""
    for value in values:
        print(repr(value))
