"""A stop's graph as it is looked at: made again whenever the stop or the view changes, in a thread if it is large."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from gradstep.draw.graph.at_stop import graph_at, touched_nodes
from gradstep.draw.graph.draw import draw_graph, draw_shown
from gradstep.draw.graph.drawing import Drawing, Structure
from gradstep.draw.graph.fold import Folding, folding
from gradstep.draw.graph.layout import Size
from gradstep.draw.graph.shown import show
from gradstep.draw.graph.view import View, modules, opening
from gradstep.model.graph import Graph
from gradstep.model.stop import EMPTY, Stop

MOST_BOXES = 600
"""How many boxes are laid out at most, where the user opens ever more."""

NO_GRAPH = Graph()

Change = Callable[[View, Folding], View]
"""What the user did to the view."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One graph, one view, one drawing."""

    stop: Stop = EMPTY
    graph: Graph = NO_GRAPH
    """As it is at the stop."""
    folding: Folding = field(default_factory=lambda: folding(NO_GRAPH))
    view: View = field(default_factory=View)
    drawing: Drawing = field(default_factory=lambda: draw_graph(NO_GRAPH))
    boxes: int = 0
    """How many operations and folds there were to show, neighbours or not."""
    low: bool = False
    """Boxes have few lines, so that all of them fit."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What shall be drawn."""

    stop: Stop
    change: Change | None = None
    """What is to be done to the view before."""
    before: Picture = field(default_factory=Picture)
    """The last picture."""
    known: tuple[Picture, ...] = ()
    """Pictures of graphs of other structures, the latest first."""
    room: Mapping[tuple[Structure, bool], tuple[Size, ...]] = field(default_factory=dict)
    """What boxes needed before, by structure and whether they were low."""
    size: Size = (0, 0)
    """Cells of the pane; 0 if they are not known."""


def picture(wish: Wish) -> Picture:
    """Draw what is wished for."""
    stop = wish.stop
    graph = wish.before.graph if stop is wish.before.stop else graph_at(stop)
    alike = next((known for known in (wish.before, *wish.known) if known.folding.fits(graph, known.graph)), None)
    before = alike or wish.before
    tree = before.folding if alike else folding(graph)
    view = before.view if alike else _carried(before.view, tree)
    if wish.change is not None:
        view = wish.change(view, tree)
    shown, touched = show(graph, tree, view), touched_nodes(stop)

    def draw(low: bool) -> Drawing:
        room = {structure: sizes for (structure, was_low), sizes in wish.room.items() if was_low == low}
        return draw_shown(graph, shown, touched, limit=MOST_BOXES, room=room, like=before.drawing, low=low)

    low = before.low and tree is before.folding
    drawing = draw(low)
    if not low and wish.size[1] < drawing.height < 2 * wish.size[1]:
        lower = draw(True)
        if lower.width <= wish.size[0] and lower.height <= wish.size[1]:
            drawing, low = lower, True
    return Picture(stop, graph, tree, view, drawing, shown.boxes, low)


def _carried(view: View, tree: Folding) -> View:
    """The view of another graph, as far as there is the same in this one."""
    first = opening(tree)
    if view.level != "module" or first.level != "module":
        return first
    return View(modules(tree).open | (view.open & tree.folds.keys()), "module")
