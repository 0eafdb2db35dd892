"""What the tensor inspector knows and asks: the sheets of one tensor at the stop that is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, Protocol

from msgspec.structs import replace

from gradstep.app.inspector.sheet import Kind, Sheet, box_of, is_whole, kept
from gradstep.app.runs.state import State
from gradstep.model.message import Command, Fetch, Fetched
from gradstep.model.moment import NOTHING, Moment
from gradstep.model.survey import Side, Span
from gradstep.model.tensor import Value

NO_CHANGE = (
    "What it was at the stop before is not known.",
    "Large tensors are compared where they were looked at here: step on with space.",
)


class Seen(Protocol):
    """The elements that are on the screen."""

    def missing(self, value: Callable[[int | None], Value | None]) -> bool:
        """Whether one of them is not known."""

    def window(self) -> tuple[Span, ...]:
        """Those to be fetched, so that the next keys need not wait."""


class Questions:
    """Holds what is known of a tensor, and asks the program for what is seen and not known."""

    def __init__(self, name: str, node: int, send: Callable[[Command], None]) -> None:
        self.tensor = name
        """The user's name of the tensor."""
        self.moment = NOTHING
        """What is shown."""
        self.state = State()
        """What the program is doing."""
        self.sheets: dict[Side, Sheet] = {}
        """What is known of the value and of the gradient."""
        self._send = send
        self._open(name, node)

    def _open(self, name: str, node: int) -> None:
        self.tensor, self._node = name, node
        self.sheets = {side: Sheet(side) for side in ("value", "gradient")}

    @property
    def waits(self) -> bool:
        """Whether the program runs, or an answer is under way."""
        busy = self.state.mode in ("importing", "running", "pausing")
        return busy or any(sheet.asked for sheet in self.sheets.values())

    def look_into(self, name: str) -> None:
        """Go to another tensor of the stop."""
        self._open(name, -1)
        self.follow(self.moment, self.state)

    def follow(self, moment: Moment, state: State) -> None:
        """Go to a stop."""
        self.moment, self.state = moment, state
        stop, before = moment.stop, moment.before
        self._node = box_of(stop, self.tensor, self._node)
        old = box_of(before, self.tensor)
        for side, sheet in self.sheets.items():
            view = kept(stop, self.tensor, self._node, side)
            sheet.follow(moment, view, kept(before, self.tensor, old, side))

    def take(self, answer: Fetched) -> bool:
        """Take what the program tells; False if it is of another tensor, or of neither this stop nor the one before."""
        sheet, stop = self.sheets[answer.of.side], answer.of.stop
        if answer.of.name != self.tensor or stop not in (self.moment.stop.index, self.moment.before.index):
            return False
        if stop == self.moment.stop.index:
            sheet.take(answer)
        elif "earlier" in sheet.asked:
            sheet.take_earlier(answer)
        return True

    # What can be known

    def keeps_all(self, side: Side) -> bool:
        """Whether the stop has kept all elements."""
        view = kept(self.moment.stop, self.tensor, self._node, side)
        return view is not None and is_whole(view)

    def can_ask(self) -> bool:
        """Whether the program can tell what it is at the stop."""
        moment, stop = self.moment, self.moment.stop
        copied = moment.alive and self._node < 0 and stop.whole and stop.phases > 0
        waits = self.state.live and self.state.mode == "waiting" and (copied or not moment.past)
        return waits and stop.phase != "end"

    def can_ask_before(self, sheet: Sheet) -> bool:
        """Whether the program may know what it was at the stop before."""
        before = self.moment.before
        copied = self._node < 0 and before.whole and before.phases > 0
        return copied and self.can_ask() and not sheet.forgotten and not self.keeps_all(sheet.side)

    def lack(self, kind: Kind, sheets: Sequence[Sheet]) -> tuple[str, ...]:
        """Why there are no elements to be shown; empty if there are, or will be."""
        if kind == "change" and not any(sheet.earlier or self.can_ask_before(sheet) for sheet in sheets):
            return NO_CHANGE
        problem = next((sheet.problem for sheet in sheets if sheet.problem), "")
        if problem:
            return (f"{sheets[0].side}: {problem}",)
        if all(sheet.view is None for sheet in sheets):
            return (f"{self.tensor}: nothing was kept of it at this stop",)
        if self.can_ask() or any(sheet.values for sheet in sheets):
            return ()
        size = sheets[0].view.size if sheets[0].view is not None else 0
        kept = f"Of tensors of more than 64 elements a stop keeps the statistics only; this one has {size:,}."
        if not self.state.live:
            return (kept, "A recording has no more of it.")
        return (
            kept,
            "Elements are read while the program waits at the stop; those of a leaf also later, if --history has room.",
        )

    # What is asked

    def ask(self, kind: Kind, sheets: Sequence[Sheet], seen: Seen) -> None:
        """Ask for statistics, and for the elements that are seen and not known."""
        if not self.can_ask():
            return
        for sheet in sheets:
            view = sheet.view
            if view is None or sheet.problem or view.size == 0 or self.keeps_all(sheet.side):
                continue
            if "window" not in sheet.asked and seen.missing(sheet.at):
                sheet.asked.add("window")
                self._send(self._fetch(sheet, "window", seen.window()))
            if sheet.survey is None and "survey" not in sheet.asked:
                sheet.asked.add("survey")
                self._send(self._fetch(sheet, "survey"))
            if kind == "change" and self.can_ask_before(sheet) and "earlier" not in sheet.asked:
                self._ask_before(sheet, seen)

    def _ask_before(self, sheet: Sheet, seen: Seen) -> None:
        if seen.missing(sheet.earlier_at):
            sheet.asked.add("earlier")
            before, fetch = self.moment.before, self._fetch(sheet, "window", seen.window())
            self._send(replace(fetch, stop=before.index, past=before.phases))

    def seek(self, sheet: Sheet, after: int) -> bool:
        """Ask for the next NaN or Inf behind a position; False if that cannot be asked."""
        if not self.can_ask() or "seek" in sheet.asked or sheet.problem:
            return False
        sheet.asked.add("seek")
        self._send(self._fetch(sheet, "seek", after=after))
        return True

    def _fetch(
        self, sheet: Sheet, want: Literal["window", "survey", "seek"], window: tuple[Span, ...] = (), after: int = -1
    ) -> Fetch:
        stop = self.moment.stop
        past = stop.phases if self.moment.past else 0
        return Fetch(stop.index, self.tensor, self._node, sheet.side, want, window, past, after)
