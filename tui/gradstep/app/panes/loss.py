"""The loss so far."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.content import Content
from textual.reactive import reactive

from gradstep.app.panes.pane import Pane
from gradstep.draw.curve import curve_lines
from gradstep.draw.numbers import number


class LossPane(Pane):
    """The loss against the iteration."""

    HELP: ClassVar[str] = (
        "The loss of every forward pass, against the iteration. ▲ marks a rise on the same data. The axis begins "
        "at zero; l makes it logarithmic."
    )
    EMPTY: ClassVar[tuple[str, ...]] = (
        "The loss of every iteration appears here.",
        "f runs the forward pass that computes it.",
    )
    ENDED: ClassVar[tuple[str, ...]] = ("The program has ended without computing a loss.", "r runs it again.")
    BORDER_TITLE = "Loss"

    DEFAULT_CSS = "LossPane { overflow: hidden; scrollbar-gutter: auto; padding: 0 1; }"

    logarithmic: reactive[bool] = reactive(False)
    """Logarithmic axis."""

    def watch_logarithmic(self) -> None:
        """Draw on the other axis."""
        self.redraw()

    def draw(self, width: int, height: int) -> Sequence[Content]:
        """The plot."""
        return curve_lines(self.moment.curve, width, height, self.logarithmic) if self.moment.curve else ()

    def status(self) -> str:
        """The lowest loss, and the axis."""
        curve = self.moment.curve
        lowest = min(curve, key=lambda point: point.value)
        below = sum(point.value <= 0 for point in curve) if self.logarithmic else 0
        parts = [f"lowest {number(lowest.value)} at {lowest.iteration}", "log scale" if self.logarithmic else ""]
        return " · ".join([part for part in parts if part] + ([f"{below} not above 0 left out"] if below else []))
