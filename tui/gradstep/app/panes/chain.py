"""The chain rule for one tensor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.content import Content
from textual.reactive import reactive

from gradstep.app.panes.pane import Pane
from gradstep.draw.chain import chain_lines, subject
from gradstep.draw.check import check_lines
from gradstep.model.message import Probed


class ChainPane(Pane):
    """The derivative of the loss by the chosen tensor, written out."""

    HELP: ClassVar[str] = (
        "The chain rule for the box chosen in the graph, else for the first leaf: each path's product of local "
        "gradients in formulas and in numbers, and their sum, beside what autograd gave. Where there are too many "
        "paths, the sum over the tensor's uses: δ, the gradient that arrives, through the op's rule. "
        "G checks it by finite differences: the pass is run again with one element a little larger, and smaller."
    )
    EMPTY: ClassVar[tuple[str, ...]] = (
        "How the chain rule makes a gradient appears here.",
        "space runs the forward pass; then choose a box of the graph.",
    )
    ENDED: ClassVar[tuple[str, ...]] = ("The program has ended: no graph is left of it.", "← goes back to its stops.")
    BOUND: ClassVar[tuple[str, ...]] = ("chosen", "probed")

    chosen: reactive[str] = reactive("")
    """Name of the tensor chosen in the graph; empty for none."""

    probed: reactive[Probed | None] = reactive(None)
    """The last gradient by finite differences."""

    def watch_probed(self) -> None:
        """An answer."""
        self.redraw()

    def watch_chosen(self) -> None:
        """Another tensor."""
        self.redraw()

    def draw(self, width: int, height: int) -> Sequence[Content]:
        """The product, or the sum."""
        lines = chain_lines(self.moment, self.chosen, width)
        node, probed = subject(self.moment, self.chosen), self.probed
        if node is None or probed is None or (probed.of.stop, probed.of.name) != (self.moment.stop.index, node.name):
            return lines
        return [*lines, *check_lines(probed.check, width)]

    def status(self) -> str:
        """Whose gradient it is."""
        node = subject(self.moment, self.chosen)
        return node.name if node is not None else ""
