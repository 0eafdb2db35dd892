"""The gradients of the stop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.content import Content

from gradstep.app.panes.rows import RowPane
from gradstep.draw.ledger import ledger_lines, ledger_names, stale_leaves
from gradstep.draw.receipt import receipt_lines, receipt_names
from gradstep.model.stop import Stop


class GradientsPane(RowPane):
    """The ledger of every leaf: held + fresh = now; at an update its receipt."""

    HELP: ClassVar[str] = (
        "What every leaf's .grad is made of: held before the backward pass + fresh from it = now. STALE: an update had "
        "already used the held part, and nobody cleared it. Large gradients are shown by their norms (which do not add "
        "up), with a bar for the norm of now. At an update the receipt: before + each part of the step = after, or the "
        "share of each part. Enter looks into the chosen one."
    )
    EMPTY: ClassVar[tuple[str, ...]] = (
        "No leaf has a gradient now.",
        "b runs the backward pass that deposits them.",
    )
    ENDED: ClassVar[tuple[str, ...]] = ("At its end the program held no gradient.", "r runs it again.")

    def draw(self, width: int, height: int) -> Sequence[Content]:
        """The table."""
        stop = self.moment.stop
        return receipt_lines(stop, width) if _has_receipts(stop) else ledger_lines(stop, width)

    def names(self) -> Sequence[str]:
        """Whose line it is."""
        stop = self.moment.stop
        return receipt_names(stop) if _has_receipts(stop) else ledger_names(stop)

    def status(self) -> str:
        """`held + fresh = now`, and how many are stale."""
        if _has_receipts(self.moment.stop):
            return "what the step is made of"
        stale = len(stale_leaves(self.moment.stop))
        gradients = self.moment.stop.gradients
        if stale:
            return f"{stale} of {len(gradients)} stale"
        if all(gradient.now is None for gradient in gradients.values()):
            return "cleared" if any(gradient.fresh is not None for gradient in gradients.values()) else ""
        held = any(gradient.held is not None for gradient in gradients.values())
        return "held + fresh = now" if held else "nothing held: fresh = now"


def _has_receipts(stop: Stop) -> bool:
    return bool(stop.receipts or stop.without_receipt)
