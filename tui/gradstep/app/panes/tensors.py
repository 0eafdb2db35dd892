"""The tensors of the stop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.content import Content

from gradstep.app.panes.rows import RowPane
from gradstep.draw.tensors import changed_tensors, tensor_lines, tensor_names


class TensorsPane(RowPane):
    """Name, shape and value of every tensor; before → now for what changed."""

    HELP: ClassVar[str] = (
        "Leaves and results. ● marks what changed at this stop, with its value before → now, of small tensors in two "
        "rows; what did not change is muted. Tensors of more than 8 elements are shown by their norm, with rows of "
        "elements where they changed and are small enough, else with the smallest and the largest element. Enter looks "
        "into the chosen one."
    )
    EMPTY: ClassVar[tuple[str, ...]] = (
        "Weights and results appear here.",
        "space runs the forward pass that makes them.",
    )
    ENDED: ClassVar[tuple[str, ...]] = ("At its end the program held no leaf.", "r runs it again.")

    def draw(self, width: int, height: int) -> Sequence[Content]:
        """The table."""
        return tensor_lines(self.moment, width)

    def names(self) -> Sequence[str]:
        """Whose line it is."""
        return tensor_names(self.moment, self.scrollable_content_region.width)

    def status(self) -> str:
        """`3 of 6 changed`."""
        tensors = self.moment.stop.tensors
        changed = f"{len(changed_tensors(self.moment))} of {len(tensors)} changed"
        before, now = self.moment.before, self.moment.stop
        if 0 < before.index < now.index - 1:
            return f"{changed} · before: iteration {before.iteration:,}"
        norms = "large ones as norms · " if any(view.value is None for view in tensors.values()) else ""
        return f"{norms}{changed}"
