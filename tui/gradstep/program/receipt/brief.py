"""Receipts that say only what findings ask: how far a leaf was moved, and by which kinds of terms."""

from __future__ import annotations

from collections.abc import Generator

from gradstep.model.receipt import Part, Receipt
from gradstep.program.receipt.change import Change
from gradstep.program.receipt.terms import Flat
from gradstep.program.tensors.views import frame_of, norm_view


def brief(change: Change) -> Generator[None, None, Receipt | None]:
    """None where a full receipt has to say it: of steps that no rule of torch's explains, and uphill.

    A rule that divides the gradient does so by positive numbers, so its fresh part goes down the slope if its factor
    is negative; `uphill` is then told as -1, whatever the angle.
    """
    tensor, flat = change.leaf.content, Flat(change.before)
    if tensor is None or tensor.shape != change.before.shape:
        return None
    account = yield from change.explained(flat)
    terms, told = account.split.terms, account.told
    if not account.split.exact or not terms or any(term.kind == "fresh" and term.factor >= 0 for term in terms):
        return None
    moved = norm_view(tensor.detach() - change.before)
    frame = frame_of(tensor)
    parts = tuple(Part(kind, frame) for kind in dict.fromkeys(term.kind for term in terms))
    uphill = -1.0 if any(term.kind == "fresh" for term in terms) else 0.0
    return Receipt(frame, frame, moved, parts, account.split.rule, account.split.lr, told.scaled, uphill=uphill)
