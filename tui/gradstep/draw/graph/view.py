"""How a graph is looked at: which folds are open, or one box with its neighbours. Changes give a new view."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, TypeGuard

from gradstep.draw.graph.fold import Fold, Folding

Level = Literal["module", "op", "node"]
"""What most boxes are: modules, operations, autograd's nodes, which are a graph of their own."""

SMALL = 60
"""A graph of up to so many operations opens with all of them."""
FEW_BOXES = 12
"""A larger one with at most so many boxes, unless less would show nothing."""
WRAPS = 0.9
"""What holds this share of all operations is open however many parts it has."""
NEAR = 60
"""At the level of operations, a very large graph is open so many operations before and behind the chosen one."""
WHOLE = 200
"""At that level a graph of up to so many operations is open as a whole."""


@dataclass(frozen=True, slots=True)
class View:
    """What of a graph is seen."""

    open: frozenset[str] = frozenset()
    """Keys of the folds whose parts are seen, if they are seen themselves."""
    level: Level = "op"
    """`module` or `op`; in the graph of autograd's nodes these are its operations."""
    near: str = ""
    """Key of the box that is shown with its neighbours alone; empty for all boxes."""
    hops: int = 0
    """How far these may be."""


def opening(folding: Folding) -> View:
    """The view in which a graph is first seen."""
    return _everything(folding) if folding.root.size <= SMALL else modules(folding)


def modules(folding: Folding) -> View:
    """The top modules: what wraps nearly all is open, then level by level what leaves few boxes."""
    opened: set[str] = set()
    boxes = len(folding.root.parts)
    level: list[Fold] = [folding.root]
    while level:
        level = [part for fold in level for part in fold.parts if _opens(part)]
        wraps = [fold for fold in level if fold.size > WRAPS * folding.root.size]
        level = wraps or level
        boxes += sum(len(fold.parts) - 1 for fold in level)
        if not wraps and boxes > FEW_BOXES:
            break
        opened |= {fold.key for fold in level}
    return View(frozenset(opened), "module")


def _opens(part: Fold | int) -> TypeGuard[Fold]:
    """Whether it is worth opening unasked."""
    return isinstance(part, Fold) and part.kind == "module" and len(part.parts) > 1


def operations(folding: Folding, place: int) -> View:
    """Single operations: all of them, or in a very large graph those around one."""
    if folding.root.size <= WHOLE:
        return _everything(folding)
    near = (fold.key for fold in folding.folds.values() if fold.first < place + NEAR and place - NEAR < fold.last)
    return View(frozenset(near), "op")


def toggled(view: View, folding: Folding, key: str) -> View:
    """A fold opened, or closed if it was open. What has a single part opens with it."""
    if key not in folding.folds:
        return view
    if key in view.open:
        return replace(view, open=view.open - {key}, level="module")
    opened, fold = {key}, folding.folds[key]
    while len(fold.parts) == 1 and isinstance(fold.parts[0], Fold):
        fold = fold.parts[0]
        opened.add(fold.key)
    return replace(view, open=view.open | opened, level="module")


def revealed(view: View, folding: Folding, place: int, fold: str = "") -> View:
    """All boxes, and enough of them open to see one operation, or that fold."""
    around = [around.key for around in folding.around(place)]
    around = around[: around.index(fold)] if fold in around else around
    return replace(view, open=view.open | set(around), near="", hops=0)


def nearer(view: View, key: str) -> View:
    """One box with its neighbours alone; the same box again: one edge further."""
    return replace(view, near=key, hops=view.hops + 1 if key == view.near else 1)


def everything(view: View) -> View:
    """All boxes again."""
    return replace(view, near="", hops=0)


def enclosing(view: View, folding: Folding, key: str) -> str:
    """The innermost open fold around a box; empty if there is none."""
    first = first_place(folding, key)
    around = [fold.key for fold in folding.around(first)] if first >= 0 else []
    outer = around[: around.index(key)] if key in around and key not in view.open else around
    open_ = [fold for fold in _seen(view, outer) if fold in view.open]
    return open_[-1] if open_ else ""


def seen_as(view: View, folding: Folding, place: int) -> str:
    """Key of the box that shows an operation: its own, or that of the outermost closed fold around it."""
    closed = (fold.key for fold in folding.around(place) if fold.key not in view.open)
    return next(closed, op_key(folding.ops[place]))


def _seen(view: View, around: Iterable[str]) -> list[str]:
    """Of folds from the outermost to the innermost those that are seen."""
    found = []
    for key in around:
        found.append(key)
        if key not in view.open:
            break
    return found


def op_key(node: int) -> str:
    """Key of an operation's box."""
    return f"op:{node}"


def first_place(folding: Folding, key: str) -> int:
    """Place of a box's first operation; -1 for other boxes."""
    if key in folding.folds:
        return folding.folds[key].first
    kind, _, node = key.partition(":")
    return folding.place[int(node)] if kind == "op" and int(node) < len(folding.place) else -1


def _everything(folding: Folding) -> View:
    return View(frozenset(folding.folds), "op")
