"""A graph drawn in character cells, given line by line as text with the name of its role."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass

from rich.cells import cell_len

from gradstep.draw.graph.cut import LIMIT, cut
from gradstep.draw.graph.label import CHANGED, Label, label, padded
from gradstep.draw.graph.layout import Band, Box, Layout, Size, arrange
from gradstep.model.graph import Graph

Run = tuple[str, str]
"""Text and its role: edge, box, name, value, gradient, muted, bad, changed; still for numbers of what did not change.

A `*` at the end of the role: in the box that is selected."""
Structure = tuple[tuple[tuple[int, ...], ...], tuple[tuple[int, int], ...]]

UP, DOWN, LEFT, RIGHT = 1, 2, 4, 8
ARMS = {
    UP | DOWN: "│", LEFT | RIGHT: "─", DOWN | RIGHT: "╭", DOWN | LEFT: "╮", UP | RIGHT: "╰", UP | LEFT: "╯",
    UP | DOWN | LEFT: "┤", UP | DOWN | RIGHT: "├", UP | LEFT | RIGHT: "┴", DOWN | LEFT | RIGHT: "┬",
    UP | DOWN | LEFT | RIGHT: "┼",
}  # fmt: skip
"""The sign of an edge by the sides to which it goes on."""
ARROW = "▼"
POINTER = "▶"
"""Before the name of the selected box."""
BORDERS = {
    "op": "╭─╮│╰╯┬", "leaf": "┏━┓┃┗┛┯", "input": "┌─┐│└┘┬", "root": "╔═╗║╚╝╤", "rest": "╭╌╮┆╰╯┬",
}  # fmt: skip
"""By kind: upper left, horizontal, upper right, vertical, lower left, lower right, and where an edge leaves."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A laid out graph. Coordinates are cells from the upper left."""

    layout: Layout
    labels: tuple[Label, ...]
    nodes: tuple[tuple[int, ...], ...]
    """The nodes each box shows: one, some parameters, or none for all that was left out. A node may have several."""
    touched: frozenset[int]
    """Boxes that the phase has changed."""
    root: int
    """The box of the loss; -1 if there is none."""
    hidden: int
    """How many operations are not drawn."""
    structure: Structure
    """Equal for two drawings of the same graph with other values."""
    sizes: tuple[Size, ...]
    """What the boxes asked for."""

    @property
    def width(self) -> int:
        """In cells."""
        return self.layout.width

    @property
    def height(self) -> int:
        """In cells."""
        return self.layout.height

    @property
    def boxes(self) -> tuple[Box, ...]:
        """One for each of `nodes`."""
        return self.layout.boxes

    def line(self, y: int, selected: int = -1) -> list[Run]:
        """Row `y` from left to right, without the blanks at its end."""
        bands = self.layout.bands
        if not 0 <= y < self.height:
            return []
        band = bands[bisect_right(bands, y, key=lambda band: band.y) - 1]
        pieces: list[tuple[int, list[Run]]] = [(x, [(sign, "edge")]) for x, sign in _signs(band, y).items()]
        for number in band.boxes:
            box = self.boxes[number]
            if box.y <= y < box.y + box.height:
                pieces.append((box.x, self._box_line(number, y - box.y, number == selected)))
        runs: list[Run] = []
        at = 0
        for x, piece in sorted(pieces, key=lambda piece: piece[0]):
            if x > at:
                runs.append((" " * (x - at), ""))
            runs += piece
            at = x + sum(cell_len(text) for text, _ in piece)
        return runs

    def _box_line(self, number: int, row: int, selected: bool) -> list[Run]:
        """One line of a box."""
        box, text = self.boxes[number], self.labels[number]
        border = BORDERS[text.kind]
        touched = number in self.touched
        frame = "changed" if touched else "box"
        if row == 0:
            runs = _title(text, box.width, border, touched, selected)
        elif row == box.height - 1:
            line = [border[1]] * (box.width - 2)
            for port in self.layout.ports[number]:
                line[port - box.x - 1] = border[6]
            runs = [(border[4] + "".join(line) + border[5], frame)]
        else:
            role, content = text.lines[row - 1] if row <= len(text.lines) else ("value", "")
            if role in ("value", "gradient") and self.touched and not touched:
                role = "still"
            runs = [(border[3] + " ", frame), (padded(content, box.width - 4), role), (" " + border[3], frame)]
        return [(content, role + "*") for content, role in runs] if selected else runs


def _title(text: Label, width: int, border: str, touched: bool, selected: bool) -> list[Run]:
    """The upper border with the name, pointed at if it is selected."""
    frame, name = ("changed", "changed") if touched else ("box", "name")
    pointer = POINTER if selected else border[1]
    if not text.title:
        return [(border[0] + pointer + border[1] * (width - 3) + border[2], frame)]
    sign = CHANGED + " " if touched else ""
    fill = border[1] * (width - 5 - cell_len(text.title + sign))
    return [(border[0] + pointer + " ", frame), (f"{text.title} {sign}", name), (fill + border[2], frame)]


def _signs(band: Band, y: int) -> dict[int, str]:
    """The signs of the edges in row `y`, by column."""
    arms: dict[int, int] = {}
    for line in band.lines:
        if not line.y0 <= y <= line.y1:
            continue
        if line.x0 == line.x1:
            up = UP if y > line.y0 or line.up else 0
            down = DOWN if y < line.y1 or line.down else 0
            arms[line.x0] = arms.get(line.x0, 0) | up | down
        if line.x0 < line.x1:
            for x in range(line.x0, line.x1 + 1):
                sides = (LEFT if x > line.x0 else 0) | (RIGHT if x < line.x1 else 0)
                arms[x] = arms.get(x, 0) | sides
    signs = {x: ARMS[sides] for x, sides in arms.items()}
    if y == band.y + band.height - 1:
        signs |= dict.fromkeys(band.arrows, ARROW)
    return signs


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
    part = cut(graph, limit)
    labels = tuple(label(graph, nodes, part.hidden) for nodes in part.boxes)
    sizes = tuple(text.size for text in labels)
    structure = (part.boxes, part.edges)
    least = (room or {}).get(structure)
    if least:
        sizes = tuple((max(a, c), max(b, d)) for (a, b), (c, d) in zip(sizes, least, strict=True))
    marked = frozenset(box for box, nodes in enumerate(part.boxes) if not touched.isdisjoint(nodes))
    root = part.boxes.index((graph.root,)) if (graph.root,) in part.boxes else -1
    return Drawing(arrange(sizes, part.edges), labels, part.boxes, marked, root, part.hidden, structure, sizes)
