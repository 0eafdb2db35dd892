"""The loss so far, of all runs; its points are stops to go to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive

from gradstep.app.panes.pane import Pane
from gradstep.draw.curve import Curves, Plot, plot
from gradstep.draw.numbers import number
from gradstep.model.moment import Moment, Point


class LossPane(Pane):
    """The loss against the iteration."""

    HELP: ClassVar[str] = (
        "The loss of every forward pass, against the iteration. ▲ marks a rise on the same data. The axis begins "
        "at zero; l makes it logarithmic. What came after the stop that is shown is muted, and so are the other runs, "
        "each with its own sign. A click on a point goes to its stop; so does enter, once shift+← and shift+→ have "
        "chosen one."
    )
    EMPTY: ClassVar[tuple[str, ...]] = (
        "The loss of every iteration appears here.",
        "f runs the forward pass that computes it.",
    )
    ENDED: ClassVar[tuple[str, ...]] = ("The program has ended without computing a loss.", "r runs it again.")
    BOUND: ClassVar[tuple[str, ...]] = ("logarithmic",)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("shift+left,down", "choose(-1)", show=False),
        Binding("shift+right,up", "choose(1)", show=False),
        Binding("enter", "go_there", show=False),
    ]

    DEFAULT_CSS = "LossPane { overflow: hidden; scrollbar-gutter: auto; padding: 0 1; }"

    logarithmic: reactive[bool] = reactive(False)
    """Logarithmic axis."""

    @dataclass
    class PointChosen(Message):
        """The user wants to see the stop of a point."""

        index: int
        """Of the forward stop."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._plot: Plot | None = None
        self._chosen = -1

    def watch_logarithmic(self) -> None:
        """Draw on the other axis."""
        self.redraw()

    def watch_moment(self, moment: Moment) -> None:
        """Another stop: nothing is chosen."""
        self._chosen = -1
        super().watch_moment(moment)

    def draw(self, width: int, height: int) -> Sequence[Content]:
        """The plot."""
        moment = self.moment
        if not (moment.curve or moment.later or moment.others):
            self._plot = None
            return ()
        curves = Curves(moment.curve, moment.later, moment.others, moment.name, self._chosen)
        self._plot = plot(curves, width, height, self.logarithmic)
        return self._plot.lines

    def status(self) -> str:
        """The point that is chosen; else the lowest loss, and the axis."""
        points = [*self.moment.curve, *self.moment.later]
        chosen = next((point for point in points if point.stop == self._chosen), None)
        if chosen is not None:
            return f"iteration {chosen.iteration:,}: {number(chosen.value)} · enter goes to stop {chosen.stop:,}"
        if not points:
            return ""
        lowest = min(points, key=lambda point: point.value)
        below = sum(point.value <= 0 for point in points) if self.logarithmic else 0
        parts = [f"lowest {number(lowest.value)} at {lowest.iteration}", "log scale" if self.logarithmic else ""]
        return " · ".join([part for part in parts if part] + ([f"{below} not above 0 left out"] if below else []))

    def action_choose(self, step: int) -> None:
        """Choose the point before or after; the first time, that of the stop."""
        points: Sequence[Point] = self._plot.points if self._plot is not None else ()
        if not points:
            return
        stops = [point.stop for point in points]
        at = stops.index(self._chosen) + step if self._chosen in stops else max(0, len(self.moment.curve) - 1)
        self._chosen = stops[max(0, min(at, len(stops) - 1))]
        self.redraw()

    def action_go_there(self) -> None:
        """Go to the stop of the chosen point."""
        if self._chosen >= 0:
            self.post_message(self.PointChosen(self._chosen))
        else:
            self.action_choose(0)

    def on_click(self, event: events.Click) -> None:
        """Go to the stop of the point under the mouse."""
        spot = event.get_content_offset(self)
        point = self._plot.nearest(spot.x) if spot is not None and self._plot is not None else None
        if point is not None:
            self.post_message(self.PointChosen(point.stop))
