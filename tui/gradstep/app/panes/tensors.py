"""The tensors of the stop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from msgspec.structs import replace
from textual.content import Content

from gradstep.app.panes.rows import RowPane, fits
from gradstep.draw.tensors import changed_tensors, tensor_lines, tensor_names, tensor_order
from gradstep.model.moment import Moment
from gradstep.model.tensor import TensorView


class TensorsPane(RowPane):
    """Name, shape and value of every tensor; before → now for what changed."""

    HELP: ClassVar[str] = (
        "Leaves and results. ● marks what changed at this stop, with its value before → now, of small tensors in two "
        "rows; what did not change is muted. Tensors of more than 8 elements are shown by their norm, with rows of "
        "elements where they changed and are small enough, else with the smallest and the largest element. S sorts the "
        "rows by norm, / keeps those that fit a name, Enter looks into the chosen one."
    )
    EMPTY: ClassVar[tuple[str, ...]] = (
        "Weights and results appear here.",
        "space runs the forward pass that makes them.",
    )
    ENDED: ClassVar[tuple[str, ...]] = ("At its end the program held no leaf.", "r runs it again.")

    def draw(self, width: int, height: int) -> Sequence[Content]:
        """The table."""
        return tensor_lines(self._moment(), width)

    def names(self) -> Sequence[str]:
        """Whose line it is."""
        return tensor_names(self._moment(), self.scrollable_content_region.width)

    def sizes(self) -> Mapping[str, TensorView | None]:
        """Norms of the tensors."""
        return {name: self.moment.stop.tensors[name] for name in tensor_order(self.moment)}

    def _moment(self) -> Moment:
        """The moment with the rows that are to be shown."""
        if not (self.pattern or self.by_norm):
            return self.moment
        stop, names = self.moment.stop, self.arranged()
        shown = replace(
            stop,
            tensors={name: stop.tensors[name] for name in names},
            leaves=tuple(name for name in stop.leaves if fits(self.pattern, name)),
        )
        return replace(self.moment, stop=shown)

    def status(self) -> str:
        """`3 of 6 changed`."""
        return self.told(self._status())

    def _status(self) -> str:
        tensors = self.moment.stop.tensors
        changed = f"{len(changed_tensors(self.moment))} of {len(tensors)} changed"
        before, now = self.moment.before, self.moment.stop
        if 0 < before.index < now.index - 1:
            return f"{changed} · before: iteration {before.iteration:,}"
        norms = "large ones as norms · " if any(view.value is None for view in tensors.values()) else ""
        return f"{norms}{changed}"
