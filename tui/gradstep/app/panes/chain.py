"""The chain rule for one tensor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.content import Content
from textual.reactive import reactive

from gradstep.app.panes.pane import Pane
from gradstep.draw.chain import chain_lines, subject


class ChainPane(Pane):
    """The derivative of the loss by the chosen tensor, written out."""

    HELP: ClassVar[str] = (
        "The chain rule for the box chosen in the graph, else for the first leaf: each path's product of local "
        "gradients in formulas and in numbers, and their sum, beside what autograd gave. Where there are too many "
        "paths, the sum over the tensor's uses: δ, the gradient that arrives, through the op's rule."
    )
    EMPTY: ClassVar[tuple[str, ...]] = (
        "How the chain rule makes a gradient appears here.",
        "space runs the forward pass; then choose a box of the graph.",
    )
    BORDER_TITLE = "Chain"

    chosen: reactive[str] = reactive("")
    """Name of the tensor chosen in the graph; empty for none."""

    def watch_chosen(self) -> None:
        """Another tensor."""
        self.redraw()

    def draw(self, width: int, height: int) -> Sequence[Content]:
        """The product, or the sum."""
        return chain_lines(self.moment, self.chosen, width)

    def status(self) -> str:
        """Whose gradient it is."""
        node = subject(self.moment, self.chosen)
        return node.name if node is not None else ""
