"""From a graph and a view of it to a drawing."""

from __future__ import annotations

from collections.abc import Mapping

from gradstep.draw.graph.autograd_label import autograd_label
from gradstep.draw.graph.cut import LIMIT, Part, cut
from gradstep.draw.graph.drawing import Bracket, Drawing, Structure
from gradstep.draw.graph.inside import flow_text, fold_label, header_label
from gradstep.draw.graph.label import Label, in_few_lines, label
from gradstep.draw.graph.layers import Guide
from gradstep.draw.graph.layout import Layout, Size, arrange, moved
from gradstep.draw.graph.rows import LEAF, PLAIN
from gradstep.draw.graph.shown import Shown, whole
from gradstep.model.graph import Graph


def draw_graph(
    graph: Graph,
    touched: frozenset[int] = frozenset(),
    *,
    limit: int = LIMIT,
    room: Mapping[Structure, tuple[Size, ...]] | None = None,
) -> Drawing:
    """Draw `graph`, marking the nodes in `touched`; of a huge one the `limit` boxes nearest the root.

    `room` gives boxes of a known structure at least these sizes, so that they stay where they are when values change.
    """
    return draw_shown(graph, whole(graph), touched, limit=limit, room=room)


def draw_shown(
    graph: Graph,
    shown: Shown,
    touched: frozenset[int] = frozenset(),
    *,
    limit: int = LIMIT,
    room: Mapping[Structure, tuple[Size, ...]] | None = None,
    like: Drawing | None = None,
    low: bool = False,
    autograd: bool = False,
) -> Drawing:
    """Draw what is shown of `graph`; boxes that `like` has too keep their order from left to right.

    `low`: boxes of few lines. `autograd`: it is that of autograd's nodes, and edges lead up.
    """
    part = cut(shown.graph, limit)
    notes = _notes(shown, part)
    labels = tuple(
        _label(graph, shown, nodes, part.hidden, note, autograd) for nodes, note in zip(part.boxes, notes, strict=True)
    )
    labels = tuple(map(in_few_lines, labels)) if low else labels
    sizes = tuple(_with_note(text.size, note) for text, note in zip(labels, notes, strict=True))
    keys = _keys(shown, part)
    structure = (keys, part.edges)
    least = (room or {}).get(structure)
    if least:
        sizes = tuple((max(a, c), max(b, d)) for (a, b), (c, d) in zip(sizes, least, strict=True))
    guide = _guide(shown, part, keys, like) if shown.bars or shown.inside else None
    layout = arrange(sizes, part.edges, guide, notes if any(notes) else ())
    brackets = _brackets(shown, part, layout)
    gutter = max(bracket.column for bracket in brackets) + 2 if brackets else 0
    return Drawing(
        moved(layout, gutter) if gutter else layout,
        labels,
        tuple(tuple(shown.origin[node] for node in nodes) for nodes in part.boxes),
        _touched(shown, part, touched),
        next((box for box, nodes in enumerate(part.boxes) if nodes == (shown.graph.root,)), -1),
        part.hidden,
        structure,
        sizes,
        brackets,
        guide,
        autograd,
    )


def _label(graph: Graph, shown: Shown, nodes: tuple[int, ...], hidden: int, note: str, autograd: bool) -> Label:
    """What stands in a box."""
    if len(nodes) == 1 and nodes[0] in shown.inside:
        return fold_label(
            shown.graph.nodes[nodes[0]], shown.inside[nodes[0]], graph, not note, "node" if autograd else "op"
        )
    if len(nodes) == 1 and nodes[0] in shown.headers:
        return header_label(shown.graph.nodes[nodes[0]])
    if autograd:
        return autograd_label(shown.graph, nodes, hidden)
    return label(shown.graph, nodes, hidden, bool(note))


def _notes(shown: Shown, part: Part) -> tuple[str, ...]:
    """What stands on the edges below each box."""
    feeding = {source for source, _ in part.edges}
    return tuple(
        flow_text(shown.flows.get(nodes[0], ())) if len(nodes) == 1 and box in feeding else ""
        for box, nodes in enumerate(part.boxes)
    )


def _with_note(size: Size, note: str) -> Size:
    """Wide enough for a line in the middle with the note beside it."""
    return (max(size[0], 2 * len(note) + 3), size[1]) if note else size


def _keys(shown: Shown, part: Part) -> tuple[str, ...]:
    """A key for every box; that of a leaf also says beside which operation it stands."""
    first: dict[int, int] = {}
    for source, target in part.edges:
        first.setdefault(source, target)
    keys = [shown.keys[nodes[0]] if nodes else "rest" for nodes in part.boxes]
    return tuple(
        f"{key}@{keys[first[box]]}" if key.startswith("leaf:") and box in first else key for box, key in enumerate(keys)
    )


def _guide(shown: Shown, part: Part, keys: tuple[str, ...], like: Drawing | None) -> Guide:
    """How boxes keep their order."""
    if like is not None and like.guide is not None and like.structure == (keys, part.edges):
        return like.guide
    nodes = shown.graph.nodes
    bars = tuple(
        LEAF if some and nodes[some[0]].kind != "op" else shown.bars.get(some[0], PLAIN) if some else PLAIN
        for some in part.boxes
    )
    places = {key: box.x + box.width // 2 for key, box in zip(like.keys, like.boxes, strict=True)} if like else {}
    return Guide(bars, tuple(places.get(key, -1) for key in keys))


def _touched(shown: Shown, part: Part, touched: frozenset[int]) -> frozenset[int]:
    """The boxes of what the phase has changed; a closed fold with anything in it that was."""
    if not touched:
        return touched

    def is_touched(node: int) -> bool:
        inside = shown.inside.get(node)
        if inside is not None:
            return not (touched.isdisjoint(inside.ops) and touched.isdisjoint(inside.leaves))
        return node not in shown.headers and shown.origin[node] in touched

    return frozenset(box for box, nodes in enumerate(part.boxes) if any(map(is_touched, nodes)))


def _brackets(shown: Shown, part: Part, layout: Layout) -> tuple[Bracket, ...]:
    """The brackets of the open folds, each to the right of those around it."""
    nodes = shown.graph.nodes
    box_of = {some[0]: box for box, some in enumerate(part.boxes) if some and nodes[some[0]].kind == "op"}
    found: list[Bracket] = []
    around: list[int] = []
    for header, last in shown.headers.items():
        members = [box for node, box in box_of.items() if header < node <= last]
        if header not in box_of or not members:
            continue
        around = [end for end in around if end >= last]
        bottom = max(layout.boxes[box].y + layout.boxes[box].height for box in members) - 1
        found.append(Bracket(len(around), layout.boxes[box_of[header]].y, bottom, box_of[header]))
        around.append(last)
    return tuple(found)
