"""What the tensor inspector knows and asks: the sheets of one tensor at the stop that is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from msgspec.structs import replace
from textual.screen import Screen

from gradstep.app.inspector.band import Kind
from gradstep.app.inspector.grid import TensorGrid
from gradstep.app.inspector.plane import Plane
from gradstep.app.inspector.sheet import Sheet, box_of, is_whole, kept
from gradstep.app.runs.state import State
from gradstep.model.message import Command, Fetch, Fetched, Until
from gradstep.model.moment import NOTHING, Moment
from gradstep.model.survey import Side
from gradstep.model.tensor import TensorView


class AskingScreen(Screen[None]):
    """Asks the program for what is seen and not known."""

    def __init__(self, name: str, node: int, send: Callable[[Command], None], go: Callable[[Until], None]) -> None:
        super().__init__()
        self.tensor = name
        """The user's name of the tensor."""
        self._node = node
        self._send = send
        self._go = go
        self._moment = NOTHING
        self._state = State()
        self._sheets: dict[Side, Sheet] = {side: Sheet(side) for side in ("value", "gradient")}
        self._plane = Plane()
        self._page = 0
        self._at_high = False
        self._hint = ""
        self._stale = False

    @property
    def waits(self) -> bool:
        """Whether the program runs, or an answer is under way."""
        busy = self._state.mode in ("importing", "running", "pausing")
        return busy or any(sheet.asked for sheet in self._sheets.values())

    # What the debugger gives

    def follow(self, moment: Moment, state: State) -> None:
        """Show that stop; ask the program for the rest while it waits there."""
        self._moment, self._state = moment, state
        stop, before = moment.stop, moment.before
        self._node = box_of(stop, self.tensor, self._node)
        old = box_of(before, self.tensor)
        for side, sheet in self._sheets.items():
            view = kept(stop, self.tensor, self._node, side)
            sheet.follow(moment, view, kept(before, self.tensor, old, side))
        if self.is_mounted:
            self._show()

    def take(self, answer: Fetched) -> None:
        """Take what the program tells of this tensor at this stop."""
        sheet, stop = self._sheets[answer.of.side], answer.of.stop
        if answer.of.name != self.tensor or stop not in (self._moment.stop.index, self._moment.before.index):
            return
        if stop == self._moment.stop.index:
            sheet.take(answer)
        elif "earlier" in sheet.asked:
            sheet.take_earlier(answer)
        if answer.of.want == "seek":
            self._found(answer.at)
        elif not self._stale:
            self._stale = True
            self.call_later(self._show)

    # What is asked

    def _can_ask(self) -> bool:
        moment, stop = self._moment, self._moment.stop
        kept = moment.alive and self._node < 0 and stop.whole and stop.phases > 0
        waits = self._state.live and self._state.mode == "waiting" and (kept or not moment.past)
        return waits and stop.phase != "end"

    def _can_ask_before(self, sheet: Sheet) -> bool:
        """Whether the program may know what it was at the stop before."""
        before = self._moment.before
        kept = self._node < 0 and before.whole and before.phases > 0
        return kept and self._can_ask() and not sheet.forgotten and not self._whole(sheet.side)

    def _ask(self, kind: Kind, sheets: list[Sheet]) -> None:
        """Ask for statistics, and for the elements that are seen and not known."""
        grid = self.query_one(TensorGrid)
        if not self._can_ask():
            return
        for sheet in sheets:
            view = sheet.view
            if view is None or sheet.problem or view.size == 0 or self._whole(sheet.side):
                continue
            if "window" not in sheet.asked and grid.missing(sheet.at):
                sheet.asked.add("window")
                self._send(self._fetch(sheet, "window", *grid.around()))
            if sheet.survey is None and "survey" not in sheet.asked:
                sheet.asked.add("survey")
                self._send(self._fetch(sheet, "survey"))
            if kind == "change" and self._can_ask_before(sheet) and "earlier" not in sheet.asked:
                self._ask_before(sheet)

    def _ask_before(self, sheet: Sheet) -> None:
        grid, before = self.query_one(TensorGrid), self._moment.before
        if grid.missing(sheet.earlier_at):
            sheet.asked.add("earlier")
            fetch = self._fetch(sheet, "window", *grid.around())
            self._send(replace(fetch, stop=before.index, past=before.phases))

    def _whole(self, side: Side) -> bool:
        """Whether the stop has kept all elements."""
        view: TensorView | None = kept(self._moment.stop, self.tensor, self._node, side)
        return view is not None and is_whole(view)

    def _fetch(
        self, sheet: Sheet, want: Literal["window", "survey", "seek"], rows: range | None = None,
        columns: range | None = None, after: int = -1,
    ) -> Fetch:  # fmt: skip
        window = self._plane.spans(rows, columns) if rows is not None and columns is not None else ()
        stop = self._moment.stop
        past = stop.phases if self._moment.past else 0
        return Fetch(stop.index, self.tensor, self._node, sheet.side, want, window, past, after)

    def _show(self) -> None:
        """Draw everything anew, and ask for what is missing."""
        raise NotImplementedError

    def _found(self, position: int) -> None:
        """The element that was sought is there; -1 if there is none."""
        raise NotImplementedError
