"""The graph of the forward pass, with the boxes that the phase has touched in its accent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events, work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.timer import Timer

from gradstep.app.bindings import moves
from gradstep.app.messages import TensorChosen
from gradstep.app.panes.graph.boxes import selected_next
from gradstep.app.panes.graph.canvas import GraphCanvas
from gradstep.app.panes.graph.instead import instead
from gradstep.app.panes.graph.pictures import Pictures
from gradstep.app.panes.graph.scroller import Scroller
from gradstep.app.panes.graph.search import Search, matches
from gradstep.draw.graph.picture import Change, Picture, Wish, is_same, picture
from gradstep.draw.graph.view import Level, enclosing, everything, nearer, toggled
from gradstep.draw.graph.walk import nearest, summary
from gradstep.model.moment import NOTHING, Moment

HELD = 0.15
"""Seconds for which the last stop's nodes of autograd stay, while those of a new one are on their way."""
LEVELS: dict[Level, Level] = {"module": "op", "op": "node", "node": "module"}
"""What follows on each."""
NAMES: dict[Level, str] = {"module": "modules", "op": "operations", "node": "autograd's nodes"}


class GraphPane(GraphCanvas):
    """Draws `moment.stop.graph`; up and down, shift+left and shift+right walk from box to box."""

    HELP: ClassVar[str] = (
        "The operations of the forward pass, from leaves and inputs at the top to the loss at the bottom. Heavy boxes "
        "are leaves (what is trained), square ones inputs, round ones operations, the double one is the loss. "
        "∂ is the derivative of the loss by that tensor. ● marks what the last phase ran or changed. ↑ and ↓ move the "
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

    @dataclass
    class LaidOut(Message):
        """The thread has finished a large drawing."""

        wish: Wish
        """What it was asked for."""
        picture: Picture

    moment: reactive[Moment] = reactive(NOTHING)
    """What is shown."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(instead(NOTHING), id=id)
        self._pictures = Pictures(self._draw_in_thread)
        self._scroller = Scroller(self, self._pictures)
        self._search = Search()
        self._found = ""
        self._aim = ""
        self._holding: Timer | None = None

    # What is drawn

    def watch_moment(self, moment: Moment) -> None:
        """Draw the new stop, in a thread if that may take long."""
        stop, shown = moment.stop, self._pictures.shown
        for phase in ("forward", "backward", "update"):
            self.set_class(stop.ran == phase, f"-{phase}")
        self.set_class(bool(stop.guilty), "-fault")
        if self._pictures.keep(stop):
            self._say()
            return
        self._pictures.forget_views()
        if self._holding is not None:
            self._holding.stop()
            self._holding = None
        if self._coming and shown.autograd and not is_same(stop, shown.stop) and not stop.graph.autograd.whole:
            self._holding = self.set_timer(HELD, self._draw)
        else:
            self._draw()

    @property
    def _coming(self) -> bool:
        """Whether more of the stop's graph is on its way."""
        stop = self.moment.stop
        lacks = stop.graph.awaited > 0 or not stop.graph.autograd.whole
        return lacks and bool(stop.graph.nodes) and not self.moment.past and not stop.complete

    def _say(self) -> None:
        """Write the status."""
        said = summary(self._pictures.shown, self.selected, self._coming, self._pictures.autograd)
        if said != self.border_subtitle:
            self.border_subtitle = Content(said)

    def on_resize(self, event: events.Resize) -> None:
        """Choose anew how low the boxes are."""
        self._pictures.resize()
        self._draw()

    def watch_show_horizontal_scrollbar(self) -> None:
        """It takes the last line: what was just brought into view may be behind it."""
        self._scroller.resize()

    def _key(self) -> str:
        """Key of the box that is selected, or is to be; empty if there is none."""
        return self._aim or (self.drawing.keys[self.selected] if self.selected >= 0 else "")

    def _draw(self, change: Change | None = None, turn: Level | None = None) -> None:
        """Ask for a picture of the stop, its view changed, or turned to another level."""
        size = self.scrollable_content_region.size
        new = self._pictures.draw(self.moment.stop, self._key(), (size.width, size.height), change, turn)
        if new is not None:
            self._show(new)

    @work(thread=True, group="graph", description="draw the graph")
    def _draw_in_thread(self, wish: Wish) -> None:
        self.post_message(self.LaidOut(wish, picture(wish)))

    def on_graph_pane_laid_out(self, message: LaidOut) -> None:
        """Show what the thread has drawn."""
        message.stop()
        new = self._pictures.drawn(message.wish, message.picture)
        if new is not None:
            self._show(new)

    def _show(self, new: Picture) -> None:
        """Show a picture, the selection on the same box as before, on what holds it, or on what was searched for."""
        old, anchor = self._pictures.shown, self._scroller.anchor()
        selected = selected_next(old, self.selected, self._key(), new)
        found, self._found, self._aim = self._found, "", ""
        self._pictures.show(new)
        self.put(new.drawing, selected, instead(self.moment))
        self._say()
        self._scroller.after(old, anchor)
        if found:
            self._tell(selected)
            self._answer(found)

    # What the user does

    def action_select(self, direction: str) -> None:
        """Move to the nearest box in that direction; the first time, to the loss."""
        if not self.drawing.nodes:
            return
        if self.selected < 0:
            self._select(self.drawing.root if self.drawing.root >= 0 else 0)
            return
        found = nearest(self.drawing, self.selected, direction)
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
        elif key in self._pictures.shown.folding.folds:
            self._aim = key
            self._draw(lambda view, tree: toggled(view, tree, key))
        elif nodes := self.drawing.nodes[self.selected]:
            box = self._pictures.shown.graph.nodes[nodes[0]].id
            if box >= 0:
                self.post_message(TensorChosen(self._pictures.shown.name_of(nodes[0]), box))
            else:
                self._answer("this node belongs to no operation: it has no tensor")

    def fold(self) -> None:
        """Close what is open around the selected box."""
        key, shown = self._key(), self._pictures.shown
        around = enclosing(shown.view, shown.folding, key.rpartition("@")[2]) if key else ""
        if around:
            self._aim = around
            self._draw(lambda view, tree: toggled(view, tree, around))
        else:
            self._answer("nothing around the selected box is open" if key else "select a box first: arrow keys")

    def level(self) -> None:
        """Modules, operations, autograd's nodes: the next of these."""
        graph, pictures = self.moment.stop.graph, self._pictures
        if not graph.nodes:
            return
        known, wanted = graph.autograd.whole, LEVELS[pictures.level]
        unknown = wanted == "node" and not known
        if unknown and not self._coming:
            wanted = "module"
        if wanted == "module" and not pictures.has_modules:
            wanted = "op"
        answer = f"autograd's nodes are {'on their way' if self._coming else 'not known at this stop'}"
        pictures.autograd = wanted == "node"
        self._draw(None, wanted if wanted != "node" or known else None)
        self._answer(answer if unknown else NAMES[wanted])

    def near(self) -> None:
        """Show the selected box with its neighbours alone, again: one edge further."""
        key = self._key()
        if not key:
            self._answer("select a box first: arrow keys")
            return
        self._draw(lambda view, _: nearer(view, view.near or key))

    def widen(self) -> bool:
        """Back from neighbours to all boxes; False if they are all there."""
        if not self._pictures.shown.view.near:
            return False
        self._draw(lambda view, _: everything(view))
        return True

    def search(self, pattern: str) -> None:
        """Go to the first box of that name at or after the selected one."""
        if self._search.begin(self._pictures.shown, pattern):
            self.next_match(1)
        else:
            self._answer(f"nothing in the graph is called {pattern}")

    def count(self, pattern: str) -> int:
        """How many names a pattern fits."""
        return len(matches(self._pictures.shown, pattern))

    def next_match(self, step: int) -> None:
        """Go to another box that was searched for; what the one before had opened closes again."""
        match = self._search.step(step)
        if match is None:
            self._answer("/ searches the graph")
            return
        self._aim, self._found = match.key, self._search.words()
        self._draw(self._search.reveal())

    def _answer(self, text: str) -> None:
        self.post_message(self.Answered(text))

    def _select(self, number: int) -> None:
        """Mark a box, and tell."""
        self.mark(number)
        self._say()
        self._tell(number)

    def _tell(self, number: int) -> None:
        """Tell which box is selected."""
        nodes = self.drawing.nodes[number] if number >= 0 else ()
        if nodes:
            chosen = self._pictures.shown.graph.nodes[nodes[0]]
            fold = self._pictures.shown.folding.folds.get(self._key())
            name = fold.title if fold else self._pictures.shown.name_of(nodes[0])
            self.post_message(self.NodeSelected(name, chosen.file, chosen.line))
