"""Finds operations, tensors and modules of a graph by name."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

from gradstep.draw.graph.fold import Folding
from gradstep.draw.graph.view import op_key
from gradstep.model.graph import Graph


@dataclass(frozen=True, slots=True)
class Match:
    """Something whose name was asked for."""

    name: str
    key: str
    """Of its box; of a leaf or an input the beginning."""
    place: int
    """Of an operation that must be seen for it: its own, or the first that uses it."""
    fold: str = ""
    """Of a module its fold, which need not be open."""


def find(graph: Graph, folding: Folding, pattern: str) -> list[Match]:
    """What is called so, in the order in which it ran: modules by path, operations and tensors by name, operations
    also by what they do. `*`, `?` and `[…]` as in a shell; else any part of a name. Capitals do not matter.
    """
    wanted = pattern.strip().casefold()
    if not wanted:
        return []
    glob = any(sign in wanted for sign in "*?[")

    def fits(name: str) -> bool:
        name = name.casefold()
        return fnmatchcase(name, wanted) if glob else wanted in name

    known = {name: fits(name) for name in {name for node in graph.nodes for name in (node.name, node.op) if name}}
    found = [
        Match(fold.path, fold.key, fold.first, fold.key)
        for fold in folding.folds.values()
        if fold.kind == "module" and fits(fold.path)
    ]
    for at, node in enumerate(graph.nodes):
        if node.kind == "op" and (known.get(node.name) or known.get(node.op)):
            found.append(Match(node.name or node.op, op_key(at), folding.place[at]))
    users: dict[int, int] = {}
    for source, target in graph.edges:
        if folding.place[source] < 0:
            users.setdefault(source, folding.place[target])
    found += [
        Match(graph.nodes[leaf].name, f"leaf:{leaf}", place)
        for leaf, place in users.items()
        if known.get(graph.nodes[leaf].name)
    ]
    return sorted(found, key=lambda match: (match.place, not match.fold, match.key))
