"""The graph of a stop, drawn again whenever the stop or the view of it changes: in a thread if it is large."""

from __future__ import annotations

from dataclasses import dataclass, replace

from textual import events, work
from textual.geometry import Region, Spacing
from textual.message import Message
from textual.reactive import reactive

from gradstep.app.panes.graph_canvas import GraphCanvas
from gradstep.draw.graph import Size as BoxSize
from gradstep.draw.graph import Structure, View
from gradstep.draw.graph.picture import Change, Picture, Wish, picture
from gradstep.draw.graph.view import first_place, seen_as
from gradstep.draw.graph.walk import summary
from gradstep.model.moment import NOTHING, Moment

LARGE = 300
"""Graphs with more nodes than this are laid out in a thread."""
REMEMBERED = 8
"""Of how many structures the view, and the sizes of the boxes, are remembered, so that they stay in place."""
MOST_NODES = 60_000
"""And of how many nodes in all, besides those of the last graph."""
NOT_YET = "The graph of the forward pass appears here.\n\nPress space to run it."
LIGHT = "The program ran through here without being looked at.\n\nPress space to run the next phase."
NO_GRAPH = "No graph was recorded at this stop."


class DrawnGraph(GraphCanvas):
    """Shows `moment.stop.graph`, the same part of it from stop to stop."""

    moment: reactive[Moment] = reactive(NOTHING)
    """What is shown."""

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
        self._text = NOT_YET.split("\n")

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

    def on_drawn_graph_laid_out(self, message: LaidOut) -> None:
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
        others = [known for known in self._known if known.folding is not new.folding]
        while sum(len(known.graph.nodes) for known in others) > MOST_NODES:
            others.pop()
        self._known = [new, *others][:REMEMBERED]
        self._room.pop(form, None)
        self._room[form] = new.drawing.sizes
        if len(self._room) > REMEMBERED:
            del self._room[next(iter(self._room))]

    def _follow(self, moved: bool) -> None:
        """At a new stop scroll to what matters, to have it in the middle of the width, unless some of it is in view."""
        if not moved:
            self._follow_selection()
            return
        boxes = self._what_matters()
        window = self.window()
        if boxes and not any(window.contains_region(self.region_of(box)) for box in boxes):
            shown = Region.from_union([self.region_of(box) for box in boxes])
            if shown.width > window.width or shown.height > window.height:
                shown = self.region_of(boxes[0])
            beside = max(2, (window.width - shown.width) // 2 - 1)
            self.scroll_to_region(shown, spacing=Spacing(1, beside, 1, beside), animate=False, force=True)

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
        else:
            self.bring(self._selected, Spacing(3, 2, 3, 2))

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


def _named(picture: Picture, name: str) -> int:
    """The first box of a tensor of that name; -1 if there is none."""
    nodes = picture.graph.nodes
    found = (box for box, shown in enumerate(picture.drawing.nodes) if shown and nodes[shown[0]].name == name)
    return next(found, -1) if name else -1


def _both(first: Change, then: Change | None) -> Change:
    """One change after the other."""
    return first if then is None else lambda view, tree: then(first(view, tree), tree)
