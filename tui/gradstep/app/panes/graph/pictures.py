"""The pictures of a graph as it is looked at: made at once or in a thread, and remembered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from gradstep.draw.graph import Size, View
from gradstep.draw.graph.picture import Change, Form, Picture, Wish, looks_alike, picture
from gradstep.draw.graph.view import Level
from gradstep.model.stop import Stop

LARGE = 300
"""Graphs with more nodes than this are laid out in a thread."""
REMEMBERED = 8
"""Of how many structures the view, and the sizes of the boxes, are remembered, so that they stay in place."""
MOST_NODES = 60_000
"""And of how many nodes in all, besides those of the last graph."""


class Pictures:
    """The picture that is shown, the one that is wished for, and those of before."""

    def __init__(self, begin: Callable[[Wish], object]) -> None:
        self.shown = Picture()
        """What is on the screen."""
        self.autograd = False
        """The nodes of autograd are wanted, where they are known."""
        self.busy = False
        """The thread draws."""
        self._begin = begin
        self._known: list[Picture] = []
        self._cache: dict[tuple[View, bool], Picture] = {}
        self._room: dict[Form, tuple[Size, ...]] = {}
        self._wish = Wish(self.shown.stop)
        self._waiting = False

    def draw(
        self, stop: Stop, key: str, size: Size, change: Change | None = None, turn: Level | None = None
    ) -> Picture | None:
        """A picture of a stop, its view changed or turned to another level; None if the thread is to draw it.

        `key`: of the box that is selected. `size`: cells of the pane.
        """
        before = self.shown
        if self._waiting:
            change = _both(self._wish.change, change) if self._wish.change is not None else change
            turn = turn or self._wish.turn
        self._wish = Wish(stop, change, before, tuple(self._known), dict(self._room), size, self.autograd, key, turn)
        self._waiting = True
        known = None
        if change is not None and turn is None and stop is before.stop:
            known = self._cache.get((change(before.view, before.folding), before.autograd))
        if known is not None:
            return known
        graph = stop.graph
        if max(len(graph.nodes) + len(graph.earlier.nodes), len(graph.autograd.nodes)) <= LARGE:
            return picture(self._wish)
        if not self.busy:
            self._draw_in_thread()
        return None

    def _draw_in_thread(self) -> None:
        self.busy = True
        self._begin(self._wish)

    def drawn(self, wish: Wish, new: Picture) -> Picture | None:
        """What the thread has drawn; None if something else was asked for meanwhile, which it now draws."""
        self.busy = False
        if wish is self._wish:
            return new
        if self._waiting:
            self._draw_in_thread()
        return None

    def show(self, new: Picture) -> None:
        """A picture is on the screen: remember it."""
        self.shown, self._waiting = new, False
        self._cache[new.view, new.autograd] = new
        others = [known for known in self._known if known.folding is not new.folding]
        while sum(len(known.graph.nodes) for known in others) > MOST_NODES:
            others.pop()
        self._known = [new, *others][:REMEMBERED]
        self._room.pop(new.form, None)
        self._room[new.form] = new.drawing.sizes
        if len(self._room) > REMEMBERED:
            del self._room[next(iter(self._room))]

    def keep(self, stop: Stop) -> bool:
        """Have what is shown be the picture of that stop; False if it would look otherwise."""
        if self._waiting or stop.light or not looks_alike(stop, self.shown.stop):
            return False
        self.shown = replace(self.shown, stop=stop)
        return True

    def forget_views(self) -> None:
        """The stop is another, or known otherwise: its other views are to be drawn anew."""
        self._cache.clear()

    def resize(self) -> None:
        """Choose anew how low the boxes are."""
        self.forget_views()
        self.shown = replace(self.shown, low=False)

    @property
    def level(self) -> Level:
        """What boxes are, or will be once that is known."""
        return "node" if self.autograd else self.shown.view.level

    @property
    def has_modules(self) -> bool:
        """Whether the graph of operations has anything that can be closed."""
        latest = next((one for one in (self.shown, *self._known) if not one.autograd), self.shown)
        return bool(latest.folding.folds)


def _both(first: Change, then: Change | None) -> Change:
    """One change after the other."""
    return first if then is None else lambda view, tree: then(first(view, tree), tree)
