"""A stop's graph as it is looked at: made again whenever the stop or the view changes, in a thread if it is large."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from gradstep.draw.graph.at_stop import current_node, graph_at, touched_nodes
from gradstep.draw.graph.draw import draw_graph, draw_shown
from gradstep.draw.graph.drawing import Drawing, Structure
from gradstep.draw.graph.fold import Folding, folding
from gradstep.draw.graph.layout import Size
from gradstep.draw.graph.shown import Shown, show
from gradstep.draw.graph.view import Level, View, first_place, modules, opening, operations, revealed
from gradstep.model.graph import Graph
from gradstep.model.stop import EMPTY, Stop

MOST_BOXES = 600
"""How many boxes are laid out at most, where the user opens ever more."""

NO_GRAPH = Graph()

Form = tuple[Structure, bool, bool]
"""What a drawing is but for its numbers: its structure, whether its boxes are low, and whether it is autograd's."""
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
    autograd: bool = False
    """It is the graph of autograd's nodes."""
    current: int = -1
    """Node of the step, inside a phase; -1 if there is none."""

    def name_of(self, node: int) -> str:
        """The user's name of a node of the graph."""
        shown = self.graph.nodes[node]
        box = self.stop.graph.node(shown.id)
        return (box or shown).name

    @property
    def form(self) -> Form:
        """The same for other numbers."""
        return self.drawing.structure, self.low, self.autograd

    @property
    def level(self) -> Level:
        """What most boxes are."""
        return "node" if self.autograd else self.view.level


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
    room: Mapping[Form, tuple[Size, ...]] = field(default_factory=dict)
    """What boxes needed before."""
    size: Size = (0, 0)
    """Cells of the pane; 0 if they are not known."""
    autograd: bool = False
    """Autograd's nodes are wanted, where they are known."""
    key: str = ""
    """Key of the box that was selected on the last picture."""
    turn: Level | None = None
    """The user has asked for that level."""


def picture(wish: Wish) -> Picture:
    """Draw what is wished for."""
    stop, last = wish.stop, wish.before
    autograd = wish.autograd and stop.graph.autograd.whole
    same = stop is last.stop and autograd == last.autograd
    graph = last.graph if same else graph_at(stop, autograd)
    alike = _alike(wish, graph, autograd)
    tree = alike.folding if alike else folding(graph, "node" if autograd else "op")
    view = _view(wish, alike, graph, tree, autograd)
    shown, touched = show(graph, tree, view), touched_nodes(stop, graph, autograd)
    drawing, low = _drawn(wish, graph, shown, touched, alike, autograd)
    current = current_node(stop, graph, autograd)
    return Picture(stop, graph, tree, view, drawing, shown.boxes, low, autograd, current)


def is_same(stop: Stop, other: Stop) -> bool:
    """Whether they are one stop, of which more may have become known."""
    return stop.index == other.index and stop.phase == other.phase


def looks_alike(stop: Stop, other: Stop) -> bool:
    """Whether two stops are one, and have the same picture: what came to it is not drawn, or not all of it is there."""
    graph, before = stop.graph, other.graph
    return (
        is_same(stop, other)
        and graph.nodes is before.nodes
        and (graph.awaited > 0, graph.autograd.whole) == (before.awaited > 0, before.autograd.whole)
        and (stop.step, stop.changed, stop.light) == (other.step, other.changed, other.light)
        and stop.tensors == other.tensors
        and stop.gradients == other.gradients
    )


def _alike(wish: Wish, graph: Graph, autograd: bool) -> Picture | None:
    """A picture of a graph of the same structure."""
    pictures = (known for known in (wish.before, *wish.known) if known.autograd == autograd)
    return next((known for known in pictures if known.folding.fits(graph, known.graph)), None)


def _view(wish: Wish, alike: Picture | None, graph: Graph, tree: Folding, autograd: bool) -> View:
    """What of the graph is to be seen."""
    last = wish.before
    if wish.turn == "module":
        return modules(tree)
    if wish.turn is not None:
        return operations(tree, _chosen_place(wish, graph, tree))
    if alike is not None:
        view = alike.view
    elif autograd and not last.autograd:
        view = operations(tree, _chosen_place(wish, graph, tree))
    elif is_same(wish.stop, last.stop) and last.graph.nodes:
        view = _grown(wish, graph, tree)
    else:
        view = _carried(last.view, tree)
    return wish.change(view, tree) if wish.change is not None else view


def _drawn(
    wish: Wish, graph: Graph, shown: Shown, touched: frozenset[int], alike: Picture | None, autograd: bool
) -> tuple[Drawing, bool]:
    """The drawing, and whether its boxes are low: where that brings all of it on the pane."""
    last = alike or wish.before

    def draw(low: bool) -> Drawing:
        room = {structure: sizes for (structure, *rest), sizes in wish.room.items() if rest == [low, autograd]}
        like = last.drawing if alike or last.autograd == autograd else None
        return draw_shown(graph, shown, touched, limit=MOST_BOXES, room=room, like=like, low=low, autograd=autograd)

    low = alike is not None and alike is wish.before and alike.low
    drawing = draw(low)
    if not low and wish.size[1] < drawing.height < 2 * wish.size[1]:
        lower = draw(True)
        if lower.width <= wish.size[0] and lower.height <= wish.size[1]:
            return lower, True
    return drawing, low


def _chosen_place(wish: Wish, graph: Graph, tree: Folding) -> int:
    """Place of the operation that is selected, else of the loss."""
    place = first_place(tree, counterpart(wish.before, wish.key.rpartition("@")[2], graph, tree))
    if place >= 0:
        return place
    return tree.place[graph.root] if graph.root >= 0 and not wish.key else 0


def _grown(wish: Wish, graph: Graph, tree: Folding) -> View:
    """The view of the same stop's graph that has become larger, or of its other graph."""
    last = wish.before
    if last.view.near:
        key = counterpart(last, last.view.near, graph, tree)
        return View(frozenset(tree.folds), "op", key, last.view.hops) if key else opening(tree)
    if last.view.level == "op" and last.folding.folds:
        return operations(tree, _chosen_place(wish, graph, tree))
    view = _carried(last.view, tree)
    key = counterpart(last, wish.key, graph, tree)
    return revealed(view, tree, first_place(tree, key)) if key.startswith("op:") else view


def counterpart(old: Picture, key: str, graph: Graph, tree: Folding) -> str:
    """On another graph of the same stop, the key of what a key on a picture stands for; empty if there is nothing."""
    fold = old.folding.folds.get(key)
    if fold is not None:
        if fold.kind == "module" and key in tree.folds:
            return key
        at = old.folding.ops[fold.last - 1]
    else:
        kind, _, number = key.partition("@")[0].partition(":")
        if kind not in ("op", "leaf"):
            return ""
        at = int(number)
    box = old.graph.nodes[at].id
    places = [place for place, node in enumerate(graph.nodes) if node.id == box >= 0]
    return f"{'op' if graph.nodes[places[-1]].kind == 'op' else 'leaf'}:{places[-1]}" if places else ""


def _carried(view: View, tree: Folding) -> View:
    """The view of another graph, as far as there is the same in this one."""
    first = opening(tree)
    if view.level != "module" or first.level != "module":
        return first
    return View(modules(tree).open | (view.open & tree.folds.keys()), "module")
