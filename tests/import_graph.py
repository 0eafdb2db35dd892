"""The import graph of `tui/gradstep`, imports for type checking counted: `python tests/import_graph.py` prints it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "tui" / "gradstep"
FLOORS = "session clues evidence replay edit stops graph tape receipt leaves host tensors".split()
"""The rooms of `program/`, from the top floor down: a room imports only from floors below it."""

ImportGraph = Mapping[str, set[str]]
"""Module -> the modules that it imports."""


def modules(package: Path = PACKAGE) -> dict[str, Path]:
    """The modules of a package by their dotted names."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = (package.name, *path.relative_to(package).with_suffix("").parts)
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(tree: ast.AST) -> Iterator[str]:
    """The dotted names that are imported anywhere in a module, in functions and for type checking too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def graph_of(package: Path = PACKAGE) -> ImportGraph:
    """What each module imports of its own package."""
    known = modules(package)

    def module_of(name: str) -> str | None:
        while name and name not in known:
            name = name.rpartition(".")[0]
        return name or None

    graph: dict[str, set[str]] = {}
    for module, path in known.items():
        targets = {module_of(name) for name in imports(ast.parse(path.read_text(encoding="utf-8")))}
        graph[module] = {target for target in targets if target is not None and target != module}
    return graph


def circle(graph: ImportGraph) -> list[str]:
    """Modules that import each other in a circle; none if there is no circle."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def upward(graph: ImportGraph, room: str = "gradstep.program", floors: list[str] = FLOORS) -> list[tuple[str, str]]:
    """Imports between the rooms that do not go down."""

    def floor(module: str) -> int | None:
        name = module.removeprefix(f"{room}.").partition(".")[0]
        return floors.index(name) if module.startswith(f"{room}.") and name in floors else None

    found = []
    for module, targets in graph.items():
        for target in targets:
            here, there = floor(module), floor(target)
            if here is not None and there is not None and there < here:
                found.append((module, target))
    return sorted(found)


if __name__ == "__main__":
    for importer, imported in graph_of().items():
        print(f"{importer}: {' '.join(sorted(imported)) or '-'}")
