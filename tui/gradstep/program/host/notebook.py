"""A notebook as one virtual source, its cells run one after the other as Jupyter's "run all" does."""

from __future__ import annotations

import ast
import linecache
import re
import sys
from collections.abc import Callable
from functools import partial
from types import CodeType, ModuleType

from gradstep.model.notebook import Cell, read_cells

_ECHO = "__gradstep_echo__"


def prepare_cells(path: str, main: ModuleType) -> list[Callable[[], CodeType]]:
    """What compiles each cell when its turn comes; prepares `main` (echo of last expressions, `display`)."""
    cells, text = read_cells(path)
    lines = text.splitlines(keepends=True)
    linecache.cache[path] = (len(text), None, lines, path)
    main.__dict__["display"] = _display
    main.__dict__["get_ipython"] = _NoIPython
    main.__dict__[_ECHO] = _echo
    return [partial(_compile, cell, path) for cell in cells]


def _compile(cell: Cell, path: str) -> CodeType:
    source, skipped = without_magics(cell.source)
    for line in skipped:
        print(f"gradstep: cell {cell.number}: skipped {line}", file=sys.stderr)
    above = "\n" * (cell.first_line - 1)
    tree = ast.parse(above + source, path)
    last = tree.body[-1] if tree.body else None
    if isinstance(last, ast.Expr) and not source.rstrip().endswith(";"):
        call = ast.Call(ast.Name(_ECHO, ast.Load()), [last.value], [])
        tree.body[-1] = ast.copy_location(ast.Expr(call), last)
        ast.fix_missing_locations(tree)
    code: CodeType = compile(tree, path, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    return code


def without_magics(source: str) -> tuple[str, list[str]]:
    """The cell with IPython's own lines (`%magic`, `!command`, `%%cell`) replaced by `pass`, and those lines."""
    skipped, lines = [], []
    if source.lstrip().startswith("%%"):
        head = source.lstrip().split("\n")[0]
        if head.split()[0] not in ("%%time", "%%timeit", "%%capture"):
            return "", [head]
        skipped.append(head)
        source = source.replace(head, "", 1)
    for line in source.split("\n"):
        bare = line.strip()
        asks = bare.endswith("?") and bare.rstrip("?").replace(".", "").isidentifier()
        assigned = re.match(r"([A-Za-z_]\w*)\s*=\s*[!%]", bare)
        timed = re.match(r"%(?:time|timeit)\s+(?!-)(.+)", bare)
        if timed and not _is_python(source):
            lines.append(line.replace(bare, timed.group(1)))
        elif assigned and not _is_python(source):
            skipped.append(bare)
            lines.append(line.replace(bare, f"{assigned.group(1)} = None"))
        elif (asks or bare.startswith(("%", "!"))) and not _is_python(source):
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


class _NoIPython:
    """Stand-in for what `get_ipython()` returns: whatever is asked of it does nothing."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *args, **kwargs: None


def _display(*values: object) -> None:
    """Stand-in for IPython's `display`."""
    for value in values:
        print(repr(value))
