"""The gradients of the stop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from msgspec.structs import replace
from textual.content import Content

from gradstep.app.panes.rows import RowPane, fits
from gradstep.draw.ledger import ledger_lines, ledger_names, scale_in_words, stale_leaves
from gradstep.draw.receipt import receipt_lines, receipt_names
from gradstep.model.stop import Stop
from gradstep.model.tensor import TensorView


class GradientsPane(RowPane):
    """The ledger of every leaf: held + fresh = now; at an update its receipt."""

    HELP: ClassVar[str] = (
        "What every leaf's .grad is made of: held before the backward pass + fresh from it = now. STALE: an update had "
        "already used the held part, and nobody cleared it. Large gradients are shown by their norms (which do not add "
        "up), with a bar for the norm of now: on a logarithmic scale where they differ much, so that vanishing and "
        "exploding gradients are seen at a glance. At an update the receipt: before + each part of the step = after, "
        "or the share of each part. S sorts the rows by norm, / keeps those that fit a name, Enter looks into the "
        "chosen one."
    )
    EMPTY: ClassVar[tuple[str, ...]] = (
        "No leaf has a gradient now.",
        "b runs the backward pass that deposits them.",
    )
    ENDED: ClassVar[tuple[str, ...]] = ("At its end the program held no gradient.", "r runs it again.")

    def draw(self, width: int, height: int) -> Sequence[Content]:
        """The table."""
        stop = self._stop()
        return receipt_lines(stop, width) if _has_receipts(stop) else ledger_lines(stop, width)

    def names(self) -> Sequence[str]:
        """Whose line it is."""
        stop = self._stop()
        return receipt_names(stop) if _has_receipts(stop) else ledger_names(stop)

    def sizes(self) -> Mapping[str, TensorView | None]:
        """Norms of the gradients; at an update, of the changes."""
        stop = self.moment.stop
        if _has_receipts(stop):
            return {name: receipt.change for name, receipt in stop.receipts.items()}
        return {name: entry.returned if entry.now is None else entry.now for name, entry in stop.gradients.items()}

    def _stop(self) -> Stop:
        """The stop with the rows that are to be shown."""
        stop = self.moment.stop
        if not (self.pattern or self.by_norm):
            return stop
        names = self.arranged()
        return replace(
            stop,
            leaves=tuple(names),
            gradients={name: stop.gradients[name] for name in names if name in stop.gradients},
            receipts={name: stop.receipts[name] for name in names if name in stop.receipts},
            without_receipt=tuple(name for name in stop.without_receipt if fits(self.pattern, name)),
        )

    def status(self) -> str:
        """`held + fresh = now`, and how many are stale."""
        return self.told(self._status())

    def _status(self) -> str:
        if _has_receipts(self.moment.stop):
            return "what the step is made of"
        stale = len(stale_leaves(self.moment.stop))
        gradients = self.moment.stop.gradients
        if stale:
            return f"{stale} of {len(gradients)} stale"
        if all(gradient.now is None for gradient in gradients.values()):
            return "cleared" if any(gradient.fresh is not None for gradient in gradients.values()) else ""
        held = any(gradient.held is not None for gradient in gradients.values())
        what = "held + fresh = now" if held else "" if self.by_norm or self.pattern else "nothing held: fresh = now"
        return " · ".join(filter(None, (what, scale_in_words(self.moment.stop))))


def _has_receipts(stop: Stop) -> bool:
    return bool(stop.receipts or stop.without_receipt)
