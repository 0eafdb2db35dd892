"""Where the panes stand: tabs on a small screen, side by side on a large one."""

from __future__ import annotations

from collections.abc import Mapping
from pkgutil import resolve_name
from typing import Any, Literal

from textual import events
from textual.containers import Vertical
from textual.geometry import Size
from textual.widget import Widget

from gradstep.app.panes.table import PANES, Area, PaneSpec
from gradstep.draw.ledger import ledger_names
from gradstep.draw.receipt import receipt_names
from gradstep.draw.tensors import tensor_names
from gradstep.draw.why import why_lines
from gradstep.model.moment import NOTHING, Moment

Arrangement = Literal["tabs", "columns", "wide"]

ORDER = tuple(pane.id for pane in PANES)
"""Ids of the panes in the order of the tab key."""
SMALL_ORDER = tuple(pane.id for pane in sorted(PANES, key=lambda pane: pane.tab))
"""The order of the tabs on a small screen."""
FRAME = 4
"""Cells of a pane's width that its border and its scroll bar take."""
PROOF, FEW, TABLE, SMALL_CURVE, LARGE_CURVE = 9, 3, 10, 6, 18
"""Rows without a frame, of Why beside the plot of a proof, and of the smallest table; with it, of a table that has more
to say than there is room for, of a curve of one point, and the most of any."""
COLUMNS: tuple[Area, ...] = ("left", "side", "right")
"""Areas side by side; the panes of the others stand below all of them."""
BEHIND: dict[Arrangement, tuple[str, ...]] = {
    "tabs": SMALL_ORDER,
    "columns": tuple(pane.id for pane in PANES if pane.area in ("left", "side")),
    "wide": (),
}
"""Which panes share one place, of which one is seen."""


def panes_in(area: Area) -> list[PaneSpec]:
    """The panes of an area, from the top."""
    return [pane for pane in PANES if pane.area == area]


def class_of(pane: PaneSpec) -> type[Any]:
    """The widget that a pane is."""
    found: type[Any] = resolve_name(pane.kind)
    return found


def arrangement(size: Size) -> Arrangement:
    """How the panes stand on a screen of that size."""
    if size.width < 100 or size.height < 30:
        return "tabs"
    return "wide" if size.width >= 170 else "columns"


def rows_of(moment: Moment, width: int, height: int, needs: tuple[int, int]) -> dict[str, int | str]:
    """Rows of the panes of which some may need less than others: those with something to say get them.

    `needs`: rows of Gradients and of Tensors, frames included, of which each gets up to ten where that is possible,
    besides the head of the former.
    """
    proof = moment.stop.proof
    lines = PROOF if proof is not None and proof.along else len(why_lines(moment, width - FRAME))
    why = max(2, min(lines, height * 2 // 5)) + 2
    rest = height - why
    gradients, tensors = min(needs[0], TABLE + 1), min(needs[1], TABLE)
    single = len(moment.curve) + len(moment.later) <= 1 and not moment.others
    least, most = (SMALL_CURVE, SMALL_CURVE) if single else (SMALL_CURVE + 1, LARGE_CURVE)
    loss = max(least, min(most, rest - gradients - tensors))
    tables = rest - loss
    gradients = max(min(gradients, tables - tensors), tables * 7 // 16)
    return {"why": why, "loss": loss, "gradients": gradients, "tensors": tables - gradients}


def needs_of(moment: Moment, width: int) -> tuple[int, int]:
    """Rows that Gradients and Tensors need, frames included, as far as it matters."""
    stop = moment.stop
    gradients = len(stop.receipts) + len(stop.gradients)
    if gradients <= TABLE:
        gradients = max(len(ledger_names(stop)), len(receipt_names(stop)))
    tensors = len(stop.tensors) if len(stop.tensors) > TABLE else len(tensor_names(moment, width))
    return max(gradients, FEW) + 2, max(tensors, FEW) + 2


class Workspace(Vertical):
    """Holds the panes in their areas and decides which of them are seen."""

    DEFAULT_CSS = """
    Workspace {
        height: 1fr;
        #areas { height: 1fr; }
        #left, #side, #right { width: 1fr; height: 1fr; }
        #source, #chain, #console, #graph { height: 1fr; }
        #loss, #gradients, #tensors, #why { height: 1fr; }
        SummaryLine { display: none; }
        &.-tabs SummaryLine { display: block; }
        &.-wide #left, &.-wide #side { width: 7fr; }
        &.-wide #right { width: 6fr; }
        &.-wide #chain { max-height: 18; }
        &.-wide #console { max-height: 14; }
    }
    """

    def __init__(self, *children: Widget) -> None:
        super().__init__(*children)
        self.arrangement: Arrangement = "columns"
        """How the panes stand now."""
        self._front: dict[Arrangement, str] = {"tabs": "graph", "columns": "graph"}
        self._moment = NOTHING
        self._needs = (0, 0)
        """The most rows that the tables of this run have needed: they do not shrink between stops, but at the end."""

    def on_mount(self) -> None:
        """Begin with the graph in front."""
        self._arrange()

    def on_resize(self, event: events.Resize) -> None:
        """Stand as the screen's size asks for."""
        before, self.arrangement = self.arrangement, arrangement(self.screen.size)
        focused = self._focused_pane()
        if before != self.arrangement and focused in BEHIND[self.arrangement]:
            self._front[self.arrangement] = focused
        self._arrange()

    def make_room(self, moment: Moment) -> None:
        """Give Why the rows that it needs at that moment, and the others what is left."""
        self._moment = moment
        rows: Mapping[str, int | str] = dict.fromkeys(("why", "loss", "gradients", "tensors"), "1fr")
        if self.arrangement != "tabs" and self.size:
            needs = needs_of(moment, self.size.width // 3)
            before = self._needs if moment.stop.index > 0 and moment.stop.phase != "end" else (0, 0)
            self._needs = max(needs[0], before[0]), max(needs[1], before[1])
            rows = rows_of(moment, *self.size, self._needs)
        for pane, height in rows.items():
            self.query_one(f"#{pane}").styles.height = height

    def show(self, pane: str) -> None:
        """Bring a pane to the front and give it the keys."""
        if pane in BEHIND[self.arrangement]:
            self._front[self.arrangement] = pane
            self._arrange()
        widget = self.query_one(f"#{pane}")
        _focusable(widget).focus()

    def next(self, step: int) -> None:
        """Go to the next pane that is seen; where all are tabs, to the next tab."""
        seen = SMALL_ORDER if self.arrangement == "tabs" else [name for name in ORDER if self._is_seen(name)]
        focused = self._focused_pane() or self._front.get(self.arrangement, "graph")
        self.show(seen[(seen.index(focused) + step) % len(seen)])

    def _focused_pane(self) -> str:
        """The pane that has the keys; empty if none has."""
        focused = self.screen.focused
        owners = [node.id for node in focused.ancestors_with_self] if focused is not None else []
        return next((name for name in ORDER if name in owners), "")

    def _is_seen(self, pane: str) -> bool:
        behind = BEHIND[self.arrangement]
        return pane not in behind or pane == self._front[self.arrangement]

    def _arrange(self) -> None:
        """Hide what stands behind something else, and write the tabs into the borders."""
        for name in ("tabs", "columns", "wide"):
            self.set_class(self.arrangement == name, f"-{name}")
        for pane in ORDER:
            widget = self.query_one(f"#{pane}")
            widget.display = self._is_seen(pane)
            widget.border_title = self._title(pane)
        for area in COLUMNS:
            self.query_one(f"#{area}").display = any(self._is_seen(pane.id) for pane in panes_in(area))
        self.make_room(self._moment)
        self.query_one("#areas").display = any(self._is_seen(pane.id) for pane in PANES if pane.area in COLUMNS)

    def _title(self, pane: str) -> str:
        """The pane's title; where it stands before others, theirs too, to click on."""
        behind = BEHIND[self.arrangement]
        if pane not in behind:
            return _SPECS[pane].title
        return " [$foreground 30%]·[/] ".join(_tab(other, front=other == pane) for other in behind)


_SPECS = {pane.id: pane for pane in PANES}


def _tab(pane: str, front: bool) -> str:
    """One of several titles: that in front, or one to click on, with its key; short, for there are many."""
    spec = _SPECS[pane]
    name = spec.short or spec.title
    if front:
        return f"[bold]{name}[/]"
    key = f"[bold $text-accent]{spec.key}[/] " if spec.key else ""
    return f"[@click=screen.show('{pane}')]{key}[$foreground 70%]{name}[/][/]"


def _focusable(widget: Widget) -> Widget:
    """The widget itself, or what in it takes the keys."""
    return widget if widget.can_focus else next(child for child in widget.query(Widget) if child.can_focus)
