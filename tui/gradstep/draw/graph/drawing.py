"""A graph drawn in character cells, given line by line as text with the name of its role."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from rich.cells import cell_len

from gradstep.draw.graph.label import CHANGED, GAP, Label, fill
from gradstep.draw.graph.layers import Guide
from gradstep.draw.graph.layout import Box, LayerBand, Layout, Size

Run = tuple[str, str]
"""Text and its role: edge, shape (on an edge), frame (of what is open), box, name, value, gradient, muted, bad,
changed; still for numbers of what did not change.

A `*` at the end of the role: in the box that is selected."""
Structure = tuple[tuple[str, ...], tuple[tuple[int, int], ...]]
"""The keys of all boxes, and the edges between them."""

UP, DOWN, LEFT, RIGHT = 1, 2, 4, 8
ARMS = {
    UP | DOWN: "│", LEFT | RIGHT: "─", DOWN | RIGHT: "╭", DOWN | LEFT: "╮", UP | RIGHT: "╰", UP | LEFT: "╯",
    UP | DOWN | LEFT: "┤", UP | DOWN | RIGHT: "├", UP | LEFT | RIGHT: "┴", DOWN | LEFT | RIGHT: "┬",
    UP | DOWN | LEFT | RIGHT: "┼",
}  # fmt: skip
"""The sign of an edge by the sides to which it goes on."""
ARROW = "▼"
UPWARD = "▲"
"""Where an edge comes to the lower border of a box: gradients go up."""
POINTER = "▶"
"""Before the name of the selected box."""
BORDERS = {
    "op": "╭─╮│╰╯┬", "fold": "┍━┑│┕┙┯", "leaf": "┏━┓┃┗┛┯", "input": "┌─┐│└┘┬", "root": "╔═╗║╚╝╤", "rest": "╭╌╮┆╰╯┬",
}  # fmt: skip
"""By kind: upper left, horizontal, upper right, vertical, lower left, lower right, and where an edge leaves."""


@dataclass(frozen=True, slots=True)
class Bracket:
    """At the left edge, which rows an open fold takes."""

    column: int
    first: int
    """The row of its header."""
    last: int
    header: int
    """The box of its header."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A laid out graph. Coordinates are cells from the upper left."""

    layout: Layout
    labels: tuple[Label, ...]
    nodes: tuple[tuple[int, ...], ...]
    """The nodes each box shows: one, some parameters, or none for all that was left out. A node may have several.

    Of a fold the operation whose result it hands on.
    """
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
    brackets: tuple[Bracket, ...] = ()
    guide: Guide | None = None
    """What was given of the order of the boxes."""
    upward: bool = False
    """Edges lead from a box up to those above it."""

    @property
    def keys(self) -> tuple[str, ...]:
        """For every box what it is called from stop to stop."""
        return self.structure[0]

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
        pieces: list[tuple[int, list[Run]]] = [
            (x, [(sign, "edge")]) for x, sign in _signs(band, y, self.upward).items()
        ]
        pieces += [(x, [(text, "shape")]) for x, text in band.notes if y == band.y]
        pieces += [self._bracket_piece(bracket, y) for bracket in self.brackets if bracket.first <= y <= bracket.last]
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

    def _bracket_piece(self, bracket: Bracket, y: int) -> tuple[int, list[Run]]:
        """The sign of an open fold in one row."""
        if y == bracket.first:
            line = "─" * (self.boxes[bracket.header].x - bracket.column - 1)
            return bracket.column, [("╭" + line, "frame")]
        return bracket.column, [("╰" if y == bracket.last else "│", "frame")]

    def _box_line(self, number: int, row: int, selected: bool) -> list[Run]:
        """One line of a box."""
        box, text = self.boxes[number], self.labels[number]
        if text.kind == "header":
            title = [(POINTER if selected else "─", "frame"), (" " + _cut(text.title, box.width - 2), "name")]
            return [(content, role + "*") for content, role in title] if selected else title
        border = BORDERS[text.kind]
        touched = number in self.touched
        frame = "changed" if touched else "box"
        if row == 0:
            runs = _title(text, box.width, border, touched, selected)
        elif row == box.height - 1:
            line = [border[1]] * (box.width - 2)
            for port in self.layout.ports[number]:
                line[port - box.x - 1] = UPWARD if self.upward else border[6]
            runs = [(border[4] + "".join(line) + border[5], frame)]
        else:
            runs = [(border[3] + " ", frame), *self._content(number, row - 1), (" " + border[3], frame)]
        return [(content, role + "*") for content, role in runs] if selected else runs

    def _content(self, number: int, line: int) -> list[Run]:
        """One line of text in a box; numbers of what did not change are still."""
        text, width = self.labels[number], self.boxes[number].width - 4
        role, content = text.lines[line] if line < len(text.lines) else ("value", "")
        aside, behind = text.beside if line == 0 else ("", "")
        still = self.touched and number not in self.touched
        first, second = ("still" if still and of in ("value", "gradient") else of for of in (role, aside))
        if not behind:
            return [(fill(content, width), first)]
        return [(content + GAP, first), (fill(behind, width - cell_len(content + GAP)), second)]


def _title(text: Label, width: int, border: str, touched: bool, selected: bool) -> list[Run]:
    """The upper border with the name, pointed at if it is selected."""
    frame, name = ("changed", "changed") if touched else ("box", "name")
    pointer = POINTER if selected else border[1]
    if not text.title:
        return [(border[0] + pointer + border[1] * (width - 3) + border[2], frame)]
    sign = CHANGED + " " if touched else ""
    blank = border[1] * (width - 5 - cell_len(text.title + sign))
    return [(border[0] + pointer + " ", frame), (f"{text.title} {sign}", name), (blank + border[2], frame)]


def _cut(title: str, width: int) -> str:
    """As much of a title as there is room for."""
    return title if cell_len(title) <= width else fill(title, width - 1) + "…"


def _signs(band: LayerBand, y: int, upward: bool) -> dict[int, str]:
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
        signs |= dict.fromkeys(band.arrows, ARMS[UP | DOWN] if upward else ARROW)
    return signs
