"""From box to box on a drawing, and what is said about it in one line."""

from __future__ import annotations

from collections import Counter

from gradstep.draw.graph.drawing import Drawing
from gradstep.draw.graph.picture import Picture
from gradstep.draw.graph.view import first_place
from gradstep.draw.numbers import count


def nearest(drawing: Drawing, start: int, direction: str) -> int:
    """The nearest box in a direction, sideways distance counting double; -1 if there is none."""
    here = drawing.boxes[start]

    def distance(number: int) -> tuple[int, int] | None:
        box = drawing.boxes[number]
        right = max(0, box.x - here.x - here.width + 1) - max(0, here.x - box.x - box.width + 1)
        down = max(0, box.y - here.y - here.height + 1) - max(0, here.y - box.y - box.height + 1)
        along, across = (down, right) if direction in ("up", "down") else (right, down)
        along = -along if direction in ("up", "left") else along
        if along <= 0:
            return None
        return along + 2 * abs(across), abs(2 * (box.x - here.x) + box.width - here.width)

    found = [(far, number) for number in range(len(drawing.boxes)) if (far := distance(number))]
    return min(found)[1] if found else -1


def summary(picture: Picture, selected: int, coming: bool = False, autograd: bool = False) -> str:
    """`6 ops · 3 leaves`; of a large graph also where in it the selected box is.

    `coming`: what the stop lacks is on its way. `autograd`: the nodes of autograd are wanted.
    """
    graph, drawing, view = picture.graph, picture.drawing, picture.view
    if not graph.nodes:
        return ""
    kinds = Counter(node.kind for node in graph.nodes)
    ops = kinds["op"]
    total = count(len(graph.nodes), "autograd node") if picture.autograd else count(ops + graph.omitted, "op")
    parts = [total, count(kinds["leaf"], "leaf", "leaves")]
    awaited, missing = picture.stop.graph.awaited, picture.stop.graph.autograd.missing
    if (graph.omitted or drawing.hidden) and not (coming and awaited):
        parts.append(f"last {ops - drawing.hidden:,} shown")
    if coming and awaited:
        parts.append(f"{awaited:,} to come")
    elif coming and autograd and not picture.autograd:
        parts.append(f"{count(missing, 'autograd node') if missing else 'autograd nodes'} to come")
    if view.near:
        seen = sum(key.startswith(("op:", "/")) for key in drawing.keys)
        parts.append(f"{count(view.hops, 'edge')} around: {seen:,} of {picture.boxes:,} boxes")
    where = path_of(picture, drawing.keys[selected]) if selected >= 0 else ""
    return " · ".join([where, *parts] if where else parts)


def path_of(picture: Picture, key: str) -> str:
    """The path of the innermost module around a box; empty outside of all modules."""
    tree = picture.folding
    place = first_place(tree, key.rpartition("@")[2])
    around = tree.around(place) if place >= 0 else ()
    keys = [fold.key for fold in around]
    if key in keys:
        around = around[: keys.index(key) + (key in picture.view.open)]
    inner = [fold.path for fold in around if fold.kind == "module"]
    return inner[-1] if inner else ""
