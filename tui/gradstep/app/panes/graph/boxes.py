"""Which boxes of a picture matter, and which is selected on the next one."""

from __future__ import annotations

from gradstep.draw.graph.picture import Picture, counterpart, is_same
from gradstep.draw.graph.view import first_place, seen_as


def what_matters(picture: Picture) -> list[int]:
    """The box of the step; the loss after forward; else the leaves that changed."""
    drawing, stop = picture.drawing, picture.stop
    if picture.current >= 0:
        place = picture.folding.place[picture.current]
        if place < 0:
            return [box for box, nodes in enumerate(drawing.nodes) if picture.current in nodes]
        key = seen_as(picture.view, picture.folding, place)
        return [drawing.keys.index(key)] if key in drawing.keys else []
    if stop.phase == "forward":
        return [drawing.root] if drawing.root >= 0 else []
    leaves = [box for box in drawing.touched if drawing.labels[box].kind == "leaf"]
    return sorted(leaves or drawing.touched)


def selected_next(old: Picture, selected: int, key: str, new: Picture) -> int:
    """The box of a new picture that was selected on the old one, or what holds it; -1 if there is none.

    `key`: of the box that is to be selected; empty for none.
    """
    if key and new.folding is not old.folding:
        if not is_same(new.stop, old.stop):
            return _named(new, _name_of(old, selected))
        key = counterpart(old, key, new.graph, new.folding)
    if not key:
        return -1
    keys = new.drawing.keys
    if key in keys:
        return keys.index(key)
    if key.startswith("leaf:") and "@" not in key:
        leaf = int(key.removeprefix("leaf:"))
        return next((box for box, nodes in enumerate(new.drawing.nodes) if leaf in nodes), -1)
    place = first_place(new.folding, key.rpartition("@")[2])
    holder = seen_as(new.view, new.folding, place) if place >= 0 else ""
    return keys.index(holder) if holder in keys else -1


def _name_of(picture: Picture, box: int) -> str:
    """The user's name of the (first) tensor in a box; empty if there is none."""
    nodes = picture.drawing.nodes[box] if box >= 0 else ()
    return picture.name_of(nodes[0]) if nodes else ""


def _named(picture: Picture, name: str) -> int:
    """The box of a tensor of that name, of several nodes of an operation the last; -1 if there is none."""
    shown = enumerate(picture.drawing.nodes)
    found = [box for box, nodes in shown if nodes and picture.name_of(nodes[0]) == name]
    return found[-1 if picture.autograd else 0] if name and found else -1
