"""The graph of the forward pass, with the boxes that the phase has touched in its accent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from gradstep.app.bindings import moves
from gradstep.app.messages import TensorChosen
from gradstep.app.panes.graph.drawn import LARGE, DrawnGraph
from gradstep.draw.graph import View
from gradstep.draw.graph.find import Match, find
from gradstep.draw.graph.picture import Picture
from gradstep.draw.graph.view import Level, enclosing, everything, nearer, revealed, toggled
from gradstep.draw.graph.walk import nearest

__all__ = ["LARGE", "GraphPane"]


NAMES: dict[Level, str] = {"module": "modules", "op": "operations", "node": "autograd's nodes"}


class GraphPane(DrawnGraph):
    """Draws `moment.stop.graph`; up and down, shift+left and shift+right walk from box to box."""

    HELP: ClassVar[str] = (
        "The operations of the forward pass, from leaves and inputs at the top to the loss at the bottom. Heavy boxes "
        "are leaves (what is trained), square ones inputs, round ones operations, the double one is the loss. "
        "∇ is the derivative of the loss by that tensor. ● marks what the last phase ran or changed. ↑ and ↓ move the "
        "selection along the layers, shift+← and shift+→ to the boxes beside; ctrl and arrows scroll. A large graph "
        "opens with its top modules: + is closed; enter opens and closes again, backspace closes what is around the "
        "selection, and on a box of one tensor enter looks into it. What a loop repeats is one box with a count. The "
        "shape of what flows stands on the edges. v goes on from modules to operations, and to the nodes of "
        "autograd's own graph: there edges lead up, as gradients do, and each box says to which operation it belongs."
    )
    BOUND: ClassVar[tuple[str, ...]] = ()
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "inspect_box", "Look into the box", show=False),
        *moves(),
        *[Binding(key, f"select('{key}')", f"Box {key}", show=False) for key in ("up", "down")],
        *[Binding(f"shift+{key}", f"select('{key}')", f"Box {key}", show=False) for key in ("left", "right")],
        *[
            Binding(f"ctrl+{key}", f"scroll_{key}", f"Scroll {key}", show=False)
            for key in ("up", "down", "left", "right")
        ],
        *[Binding(f"shift+{key}", f"scroll_{key}", f"Scroll {key}", show=False) for key in ("up", "down")],
    ]

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

    def __init__(self, *, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._matches: list[Match] = []
        self._match = -1
        self._before_search = View()
        self._found = ""

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
        elif nodes := self._drawing.nodes[self._selected]:
            box = self._picture.graph.nodes[nodes[0]].id
            if box >= 0:
                self.post_message(TensorChosen(self._picture.name_of(nodes[0]), box))
            else:
                self._answer("this node belongs to no operation: it has no tensor")

    def fold(self) -> None:
        """Close what is open around the selected box."""
        key = self._key()
        around = enclosing(self._picture.view, self._picture.folding, key.rpartition("@")[2]) if key else ""
        if around:
            self._aim = around
            self._draw(lambda view, tree: toggled(view, tree, around))
        else:
            self._answer("nothing around the selected box is open" if key else "select a box first: arrow keys")

    def level(self) -> None:
        """Modules, operations, autograd's nodes: the next of these."""
        stop = self.moment.stop
        if not stop.graph.nodes:
            return
        now: Level = "node" if self._autograd else self._picture.view.level
        after: dict[Level, Level] = {"module": "op", "op": "node", "node": "module"}
        known, wanted = stop.graph.autograd.whole, after[now]
        unknown = wanted == "node" and not known
        if unknown and not self._coming:
            wanted = "module"
        if wanted == "module" and not self._has_modules:
            wanted = "op"
        answer = f"autograd's nodes are {'on their way' if self._coming else 'not known at this stop'}"
        self._autograd = wanted == "node"
        self._draw(None, wanted if wanted != "node" or known else None)
        self._answer(answer if unknown else NAMES[wanted])

    @property
    def _has_modules(self) -> bool:
        """Whether the graph of operations has anything that can be closed."""
        latest = next((one for one in (self._picture, *self._known) if not one.autograd), self._picture)
        return bool(latest.folding.folds)

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
        self._aim, self._found = match.key, f"{match.name}: {self._match + 1:,} of {len(self._matches):,}"
        self._draw(lambda _, tree: revealed(base, tree, match.place, match.fold))

    def _show(self, new: Picture) -> None:
        """Show a picture; if it was drawn for what was searched for, that is selected now."""
        super()._show(new)
        found, self._found = self._found, ""
        if found:
            self._tell(self._selected)
            self._answer(found)

    def _answer(self, text: str) -> None:
        self.post_message(self.Answered(text))

    def _select(self, number: int) -> None:
        """Mark a box, and tell."""
        self.mark(number)
        self._say()
        self._tell(number)

    def _tell(self, number: int) -> None:
        """Tell which box is selected."""
        nodes = self._drawing.nodes[number] if number >= 0 else ()
        if nodes:
            chosen = self._picture.graph.nodes[nodes[0]]
            fold = self._picture.folding.folds.get(self._key())
            name = fold.title if fold else self._picture.name_of(nodes[0])
            self.post_message(self.NodeSelected(name, chosen.file, chosen.line))
