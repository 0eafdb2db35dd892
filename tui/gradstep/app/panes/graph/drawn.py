"""The graph of a stop, drawn again whenever the stop or the view of it changes: in a thread if it is large."""

from __future__ import annotations

from dataclasses import dataclass, replace

from textual import events, work
from textual.geometry import Offset, Region, Spacing
from textual.message import Message
from textual.reactive import reactive
from textual.timer import Timer

from gradstep.app.panes.graph.canvas import GraphCanvas
from gradstep.draw.graph import Size as BoxSize
from gradstep.draw.graph import View
from gradstep.draw.graph.picture import Change, Form, Picture, Wish, counterpart, is_same, looks_alike, picture
from gradstep.draw.graph.view import Level, first_place, seen_as
from gradstep.draw.graph.walk import summary
from gradstep.draw.why import unseen
from gradstep.model.moment import NOTHING, Moment

LARGE = 300
"""Graphs with more nodes than this are laid out in a thread."""
REMEMBERED = 8
"""Of how many structures the view, and the sizes of the boxes, are remembered, so that they stay in place."""
MOST_NODES = 60_000
"""And of how many nodes in all, besides those of the last graph."""
HELD = 0.15
"""Seconds for which the last stop's nodes of autograd stay, while those of a new one are on their way."""
NOT_YET = "The graph of the forward pass appears here.\n\nPress space to run it."
NO_GRAPH = "No graph was recorded at this stop."
ENDED = "The program has ended.\n\n← goes back, r runs it again."


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
        self._cache: dict[tuple[View, bool], Picture] = {}
        self._room: dict[Form, tuple[BoxSize, ...]] = {}
        self._wish = Wish(self._picture.stop)
        self._waiting = False
        self._busy = False
        self._aim = ""
        self._autograd = False
        self._holding: Timer | None = None
        self._text = NOT_YET.split("\n")

    def watch_moment(self, moment: Moment) -> None:
        """Draw the new stop, in a thread if that may take long."""
        stop, before = moment.stop, self._picture
        for phase in ("forward", "backward", "update"):
            self.set_class(stop.ran == phase, f"-{phase}")
        if not self._waiting and not stop.light and looks_alike(stop, before.stop):
            self._picture = replace(before, stop=stop)
            self._say()
            return
        self._cache.clear()
        if self._holding is not None:
            self._holding.stop()
            self._holding = None
        if self._coming and before.autograd and not is_same(stop, before.stop) and not stop.graph.autograd.whole:
            self._holding = self.set_timer(HELD, lambda: self._draw(None))
        else:
            self._draw(None)

    @property
    def _coming(self) -> bool:
        """Whether more of the stop's graph is on its way."""
        stop = self.moment.stop
        lacks = stop.graph.awaited > 0 or not stop.graph.autograd.whole
        return lacks and bool(stop.graph.nodes) and not self.moment.past and not stop.complete

    def _say(self) -> None:
        """Write the status."""
        said = summary(self._picture, self._selected, self._coming, self._autograd)
        if said != self.border_subtitle:
            self.border_subtitle = said

    def on_resize(self, event: events.Resize) -> None:
        """Choose anew how low the boxes are."""
        self._cache.clear()
        self._picture = replace(self._picture, low=False)
        self._draw(None)

    def watch_show_horizontal_scrollbar(self) -> None:
        """It takes the last line: what was just brought into view may be behind it."""
        self.call_after_refresh(self._follow_selection if self._selected >= 0 else self._follow)

    def _draw(self, change: Change | None, turn: Level | None = None) -> None:
        """Ask for a picture of the stop, its view changed, or turned to another level."""
        stop, before = self.moment.stop, self._picture
        graph, size = stop.graph, self.scrollable_content_region.size
        if self._waiting:
            change = _both(self._wish.change, change) if self._wish.change is not None else change
            turn = turn or self._wish.turn
        key = self._key()
        self._wish = Wish(
            stop, change, before, tuple(self._known), dict(self._room), (size.width, size.height),
            self._autograd, key, turn,
        )  # fmt: skip
        self._waiting = True
        known = None
        if change is not None and turn is None and stop is before.stop:
            known = self._cache.get((change(before.view, before.folding), before.autograd))
        if known is not None:
            self._show(known)
        elif max(len(graph.nodes) + len(graph.earlier.nodes), len(graph.autograd.nodes)) <= LARGE:
            self._show(picture(self._wish))
        elif not self._busy:
            self._begin()

    def _key(self) -> str:
        """Key of the box that is selected, or is to be; empty if there is none."""
        return self._aim or (self._drawing.keys[self._selected] if self._selected >= 0 else "")

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
        chosen, anchor = self._chosen(old, new), self._anchor()
        self._picture, self._waiting = new, False
        self._remember(new)
        self.put(new.drawing, chosen, _instead(self.moment).split("\n"))
        self._say()
        if stop is old.stop:
            self.call_after_refresh(*((self._follow_selection,) if chosen >= 0 else (self._follow, True)))
        elif not is_same(stop, old.stop):
            self.call_after_refresh(self._follow)
        elif new.drawing.structure != old.drawing.structure:
            self.call_after_refresh(self._stay, anchor)

    def _chosen(self, old: Picture, new: Picture) -> int:
        """The box that is selected on a new picture."""
        key, self._aim = self._key(), ""
        if key and new.folding is not old.folding:
            if not is_same(new.stop, old.stop):
                return _named(new, self._name_of(self._selected))
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

    def _name_of(self, box: int) -> str:
        """The user's name of the (first) tensor in a box; empty if there is none."""
        nodes = self._drawing.nodes[box] if box >= 0 else ()
        return self._picture.name_of(nodes[0]) if nodes else ""

    def _remember(self, new: Picture) -> None:
        self._cache[new.view, new.autograd] = new
        others = [known for known in self._known if known.folding is not new.folding]
        while sum(len(known.graph.nodes) for known in others) > MOST_NODES:
            others.pop()
        self._known = [new, *others][:REMEMBERED]
        self._room.pop(new.form, None)
        self._room[new.form] = new.drawing.sizes
        if len(self._room) > REMEMBERED:
            del self._room[next(iter(self._room))]

    def _anchor(self) -> Offset | None:
        """Where on the pane the selected box stands, or one that matters; None if none is in view."""
        window = self.window()
        boxes = [self._selected] if self._selected >= 0 else self._what_matters()[:1]
        regions = [self.region_of(box) for box in boxes]
        return next((region.offset - window.offset for region in regions if window.contains_region(region)), None)

    def _stay(self, anchor: Offset | None) -> None:
        """More has come of what is looked at: have the same box where it stood."""
        boxes = [self._selected] if self._selected >= 0 else self._what_matters()[:1]
        if anchor is None or not boxes:
            self._follow()
            return
        aim = self.region_of(boxes[0]).offset - anchor
        self.scroll_to(aim.x, aim.y, animate=False, force=True, immediate=True)

    def _follow(self, anew: bool = False) -> None:
        """At a new stop scroll to what matters, to have it in the middle of the width, unless some of it is in view.

        `anew`: the drawing is another one, and what is in view of it is so by chance: its loss rather than some leaf.
        """
        boxes, window = self._what_matters(), self.window()
        if anew and len(boxes) > 1 and self._drawing.root >= 0:
            boxes = [self._drawing.root]
        if boxes and (anew or not any(window.contains_region(self.region_of(box)) for box in boxes)):
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
        drawing, shown, stop = self._drawing, self._picture, self._picture.stop
        if shown.current >= 0:
            place = shown.folding.place[shown.current]
            if place < 0:
                return [box for box, nodes in enumerate(drawing.nodes) if shown.current in nodes]
            key = seen_as(shown.view, shown.folding, place)
            return [drawing.keys.index(key)] if key in drawing.keys else []
        if stop.phase == "forward":
            return [drawing.root] if drawing.root >= 0 else []
        leaves = [box for box in drawing.touched if drawing.labels[box].kind == "leaf"]
        return sorted(leaves or drawing.touched)


def _named(picture: Picture, name: str) -> int:
    """The box of a tensor of that name, of several nodes of an operation the last; -1 if there is none."""
    shown = enumerate(picture.drawing.nodes)
    found = [box for box, nodes in shown if nodes and picture.name_of(nodes[0]) == name]
    return found[-1 if picture.autograd else 0] if name and found else -1


def _both(first: Change, then: Change | None) -> Change:
    """One change after the other."""
    return first if then is None else lambda view, tree: then(first(view, tree), tree)


def _instead(moment: Moment) -> str:
    """What stands where there is no graph."""
    stop = moment.stop
    if stop.phase == "end":
        return ENDED
    if stop.light:
        return "\n\n".join(unseen(moment))
    return NOT_YET if stop.index <= 0 else NO_GRAPH
