"""The graph of the forward pass, with the boxes that the phase has touched in its accent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from textual import events, work
from textual.binding import Binding, BindingType
from textual.geometry import Region, Spacing
from textual.message import Message
from textual.reactive import reactive

from gradstep.app.messages import TensorChosen
from gradstep.app.panes.graph_canvas import GraphCanvas
from gradstep.draw.graph import Size as BoxSize
from gradstep.draw.graph import Structure
from gradstep.draw.graph.find import Match, find
from gradstep.draw.graph.picture import Change, Picture, Wish, picture
from gradstep.draw.graph.view import (
    View,
    enclosing,
    everything,
    first_place,
    modules,
    nearer,
    operations,
    revealed,
    seen_as,
    toggled,
)
from gradstep.draw.graph.walk import nearest, summary
from gradstep.model.moment import NOTHING, Moment

LARGE = 300
"""Graphs with more nodes than this are laid out in a thread."""
REMEMBERED = 8
"""Of how many structures the view, and the sizes of the boxes, are remembered, so that they stay in place."""
NOT_YET = "The graph of the forward pass appears here.\n\nPress space to run it."
LIGHT = "The program ran through here without being looked at.\n\nPress space to run the next phase."
NO_GRAPH = "No graph was recorded at this stop."


class GraphPane(GraphCanvas):
    """Draws `moment.stop.graph`; arrow keys walk from box to box."""

    HELP: ClassVar[str] = (
        "The operations of the forward pass, from leaves and inputs at the top to the loss at the bottom. Heavy boxes "
        "are leaves (what is trained), square ones inputs, round ones operations, the double one is the loss. "
        "∇ is the derivative of the loss by that tensor. ● marks what the last phase ran or changed. Arrow keys move "
        "the selection from box to box, shift and arrows scroll. A large graph opens with its top modules: + is "
        "closed; enter opens and closes again, - closes what is around the selection, and on a box of one tensor enter "
        "looks into it. What a loop repeats is one box with a count. The shape of what flows stands on the edges."
    )
    BORDER_TITLE = "Graph"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "inspect_box", "Look into the box", show=False),
        *[Binding(key, f"select('{key}')", f"Box {key}", show=False) for key in ("up", "down", "left", "right")],
        *[
            Binding(f"shift+{key},ctrl+{key}", f"scroll_{key}", f"Scroll {key}", show=False)
            for key in ("up", "down", "left", "right")
        ],
    ]

    moment: reactive[Moment] = reactive(NOTHING)
    """What is shown."""

    @dataclass
    class NodeSelected(Message):
        """The user moved to a box."""

        name: str
        """Name of the tensor."""
        file: str
        """File of the line that made it; empty if unknown."""
        line: int
        """That line, from 1; 0 if unknown."""

    @dataclass
    class Answered(Message):
        """A key found something or nothing."""

        text: str
        """For people."""

    @dataclass
    class LaidOut(Message):
        """The thread has finished a large drawing."""

        wish: Wish
        """What it was asked for."""
        picture: Picture

    def __init__(self, *, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._picture = Picture()
        self._known: list[Picture] = []
        self._cache: dict[View, Picture] = {}
        self._room: dict[tuple[Structure, bool], tuple[BoxSize, ...]] = {}
        self._wish = Wish(self._picture.stop)
        self._waiting = False
        self._busy = False
        self._aim = ""
        self._matches: list[Match] = []
        self._match = -1
        self._before_search = View()
        self._text = NOT_YET.split("\n")

    # What is shown

    def watch_moment(self, moment: Moment) -> None:
        """Draw the new stop, in a thread if that may take long."""
        stop = moment.stop
        for phase in ("forward", "backward", "update"):
            self.set_class(stop.phase == phase and not stop.light, f"-{phase}")
        self._cache.clear()
        self._draw(None)

    def on_resize(self, event: events.Resize) -> None:
        """Choose anew how low the boxes are."""
        self._cache.clear()
        self._picture = replace(self._picture, low=False)
        self._draw(None)

    def _draw(self, change: Change | None) -> None:
        """Ask for a picture of the stop, its view changed."""
        stop = self.moment.stop
        nodes = stop.graph.nodes
        before, size = self._picture, self.scrollable_content_region.size
        if self._waiting and self._wish.change is not None:
            change = _both(self._wish.change, change)
        self._wish = Wish(stop, change, before, tuple(self._known), dict(self._room), (size.width, size.height))
        self._waiting = True
        known = self._cache.get(change(before.view, before.folding)) if change is not None else None
        if known is not None and stop is before.stop:
            self._show(known)
        elif len(nodes) <= LARGE:
            self._show(picture(self._wish))
        elif not self._busy:
            self._begin()

    def _begin(self) -> None:
        self._busy = True
        self._draw_in_thread(self._wish)

    @work(thread=True, group="graph", description="draw the graph")
    def _draw_in_thread(self, wish: Wish) -> None:
        self.post_message(self.LaidOut(wish, picture(wish)))

    def on_graph_pane_laid_out(self, message: LaidOut) -> None:
        """Show what the thread has drawn; if something else was asked for meanwhile, have that drawn."""
        message.stop()
        self._busy = False
        if message.wish is self._wish:
            self._show(message.picture)
        elif self._waiting:
            self._begin()

    def _show(self, new: Picture) -> None:
        """Put a picture on the screen, the selection on the same box as before or on what holds it."""
        old, stop = self._picture, new.stop
        moved = new.stop is not old.stop
        chosen = self._chosen(old, new)
        self._picture, self._waiting = new, False
        self._remember(new)
        self.put(new.drawing, chosen, (LIGHT if stop.light else NOT_YET if stop.index <= 0 else NO_GRAPH).split("\n"))
        self.border_subtitle = summary(new, chosen)
        self.call_after_refresh(self._follow, moved)

    def _chosen(self, old: Picture, new: Picture) -> int:
        """The box that is selected on a new picture."""
        key = self._aim or (old.drawing.keys[self._selected] if self._selected >= 0 else "")
        self._aim = ""
        if not key:
            return -1
        if new.stop is not old.stop and new.folding is not old.folding:
            return _named(new, self._name_of(self._selected))
        keys = new.drawing.keys
        if key in keys:
            return keys.index(key)
        if key.startswith("leaf:") and "@" not in key:
            leaf = int(key.removeprefix("leaf:"))
            return next((box for box, nodes in enumerate(new.drawing.nodes) if leaf in nodes), -1)
        place = first_place(new.folding, key.rpartition("@")[2])
        holder = seen_as(new.view, new.folding, place) if place >= 0 else ""
        return keys.index(holder) if holder in keys else -1

    def _name_of(self, box: int) -> str:
        """Name of the (first) node in a box; empty if there is none."""
        nodes = self._drawing.nodes[box] if box >= 0 else ()
        return self._picture.graph.nodes[nodes[0]].name if nodes else ""

    def _remember(self, new: Picture) -> None:
        form = (new.drawing.structure, new.low)
        self._cache[new.view] = new
        self._known = [new, *(known for known in self._known if known.folding is not new.folding)][:REMEMBERED]
        self._room.pop(form, None)
        self._room[form] = new.drawing.sizes
        if len(self._room) > REMEMBERED:
            del self._room[next(iter(self._room))]

    def _follow(self, moved: bool) -> None:
        """At a new stop scroll to what matters, unless some of it is in view; else to the selection."""
        if not moved:
            self._follow_selection()
            return
        boxes = self._what_matters()
        window = self.window()
        if boxes and not any(window.contains_region(self.region_of(box)) for box in boxes):
            together = Region.from_union([self.region_of(box) for box in boxes])
            if together.width <= window.width and together.height <= window.height:
                self.scroll_to_region(together, spacing=Spacing(1, 2, 1, 2), animate=False, force=True)
            else:
                self.bring(boxes[0], Spacing(1, 2, 1, 2))

    def _follow_selection(self) -> None:
        """Scroll to the selected box; of what was just opened, to as much as fits."""
        if self._selected < 0:
            return
        region = self.region_of(self._selected)
        bracket = next((one for one in self._drawing.brackets if one.header == self._selected), None)
        if bracket is not None:
            rows = min(bracket.last - bracket.first + 1, self.scrollable_content_region.height - 1)
            self.scroll_to_region(region.grow((0, 0, rows - 1, 0)), animate=False, force=True)
        self.bring(self._selected, Spacing(0, 1, 0, 1))

    def _what_matters(self) -> list[int]:
        """The box of the step; the loss after forward; else the leaves that changed."""
        drawing, stop = self._drawing, self._picture.stop
        if stop.step is not None and 0 <= stop.step.box < len(self._picture.folding.place):
            place = self._picture.folding.place[stop.step.box]
            if place >= 0:
                key = seen_as(self._picture.view, self._picture.folding, place)
                return [drawing.keys.index(key)] if key in drawing.keys else []
            return [box for box, nodes in enumerate(drawing.nodes) if stop.step.box in nodes]
        if stop.phase == "forward":
            return [drawing.root] if drawing.root >= 0 else []
        leaves = [box for box in drawing.touched if drawing.labels[box].kind == "leaf"]
        return sorted(leaves or drawing.touched)

    # The user

    def action_select(self, direction: str) -> None:
        """Move to the nearest box in that direction; the first time, to the loss."""
        if not self._drawing.nodes:
            return
        if self._selected < 0:
            self._select(self._drawing.root if self._drawing.root >= 0 else 0)
            return
        found = nearest(self._drawing, self._selected, direction)
        if found >= 0:
            self._select(found)

    def on_click(self, event: events.Click) -> None:
        """Select the box under the mouse."""
        spot = event.get_content_offset(self)
        box = self.box_at(spot) if spot is not None else -1
        if box >= 0:
            self._select(box)

    def action_inspect_box(self) -> None:
        """Open or close the selected fold, or look into the selected tensor; if nothing is selected, select."""
        key = self._key()
        if not key:
            self.action_select("up")
        elif key in self._picture.folding.folds:
            self._aim = key
            self._draw(lambda view, tree: toggled(view, tree, key))
        else:
            node = self._drawing.nodes[self._selected][0]
            self.post_message(TensorChosen(self._picture.graph.nodes[node].name, node))

    def fold(self) -> None:
        """Close what is open around the selected box."""
        key = self._key()
        around = enclosing(self._picture.view, self._picture.folding, key.rpartition("@")[2]) if key else ""
        if around:
            self._aim = around
            self._draw(lambda view, tree: toggled(view, tree, around))
        else:
            self._answer("nothing is open around it" if key else "select a box first: arrow keys")

    def level(self) -> None:
        """Modules instead of operations, or operations instead of modules."""
        if not self._picture.folding.folds:
            self._answer("this graph has no modules and nothing in it is repeated")
            return
        place = max(0, first_place(self._picture.folding, self._key().rpartition("@")[2]))
        if self._picture.view.level == "op":
            self._draw(lambda _, tree: modules(tree))
        else:
            self._draw(lambda _, tree: operations(tree, place))
        self._answer("modules" if self._picture.view.level == "op" else "operations")

    def near(self) -> None:
        """Show the selected box with its neighbours alone, again: one edge further."""
        key = self._key()
        if not key:
            self._answer("select a box first: arrow keys")
            return
        self._draw(lambda view, _: nearer(view, view.near or key))

    def widen(self) -> bool:
        """Back from neighbours to all boxes; False if they are all there."""
        if not self._picture.view.near:
            return False
        self._draw(lambda view, _: everything(view))
        return True

    def search(self, pattern: str) -> None:
        """Go to the first box of that name at or after the selected one."""
        picture = self._picture
        self._matches = find(picture.graph, picture.folding, pattern)
        self._before_search, self._match = picture.view, -1
        if self._matches:
            self.next_match(1)
        else:
            self._answer(f"nothing in the graph is called {pattern}")

    def count(self, pattern: str) -> int:
        """How many names a pattern fits."""
        return len(find(self._picture.graph, self._picture.folding, pattern))

    def next_match(self, step: int) -> None:
        """Go to another box that was searched for; what the one before had opened closes again."""
        if not self._matches:
            self._answer("/ searches the graph")
            return
        self._match = (self._match + step) % len(self._matches)
        match, base = self._matches[self._match], self._before_search
        self._aim = match.key
        self._draw(lambda _, tree: revealed(base, tree, match.place, match.fold))
        self._answer(f"{match.name}: {self._match + 1:,} of {len(self._matches):,}")

    def _key(self) -> str:
        """Key of the selected box; empty if there is none."""
        if self._waiting and self._aim:
            return self._aim
        return self._drawing.keys[self._selected] if self._selected >= 0 else ""

    def _answer(self, text: str) -> None:
        self.post_message(self.Answered(text))

    def _select(self, number: int) -> None:
        """Mark a box, and tell."""
        self.mark(number)
        said = summary(self._picture, number)
        if said != self.border_subtitle:
            self.border_subtitle = said
        nodes = self._drawing.nodes[number]
        if nodes:
            chosen = self._picture.graph.nodes[nodes[0]]
            fold = self._picture.folding.folds.get(self._key())
            self.post_message(self.NodeSelected(fold.title if fold else chosen.name, chosen.file, chosen.line))


def _named(picture: Picture, name: str) -> int:
    """The first box of a tensor of that name; -1 if there is none."""
    nodes = picture.graph.nodes
    found = (box for box, shown in enumerate(picture.drawing.nodes) if shown and nodes[shown[0]].name == name)
    return next(found, -1) if name else -1


def _both(first: Change, then: Change | None) -> Change:
    """One change after the other."""
    return first if then is None else lambda view, tree: then(first(view, tree), tree)
