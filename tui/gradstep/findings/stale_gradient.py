"""Gradients that an update had already used, and that the next backward pass added to."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from gradstep.model.receipt import Receipt
from gradstep.model.stop import Finding, Gradient, Stop

TOLD = 0.005
"""A share that rounds to less than one percent, or that points the other way, is not told."""


def stale_gradient(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at a backward stop whose pass added to stale gradient, and at the update that then uses it.

    Where the loss of one network flows through another (a GAN), the other's gradients are only passed by: if any
    optimizer's leaves were clean in that pass, the pass was for them. An update uses what its own leaves have.
    """
    stop = stops[-1]
    if stop.phase not in ("backward", "update"):
        return []
    if stop.phase == "update" and stop.update is not None:
        leaves = [name for name in stop.update.leaves if name in stop.gradients]
        own = {name: stop.gradients[name] for name in leaves if _may_have_used(stop.receipts.get(name))}
        stop = replace(stop, gradients=own)
        stale = _stale(stop)
    else:
        stale = stale_leaves(stop)
    if not stale:
        return []
    share = stale_share(stop)
    names = ", ".join(list(stale)[:3]) + (f" and {len(stale) - 3} more" if len(stale) > 3 else "")
    verb = "was added to" if stop.phase == "backward" else "was used again in"
    what = "this backward pass" if stop.phase == "backward" else "this update"
    message = f"Gradient that an earlier update had already used {verb} {what}: {names}."
    if stop.phase == "backward":
        message = f"This backward pass added to gradient that an earlier update had already used: {names}."
    if share is not None and share >= TOLD:
        message += f" {in_words(share)} of the gradient."
    evidence: dict[str, float | int | str] = {"leaves": len(stale), "first": next(iter(stale))}
    if share is not None:
        evidence["stale_share"] = share
    remedy = "Clear gradients before each backward pass: optimizer.zero_grad(), or w.grad = None."
    return [Finding("stale-gradient", "warning", message, remedy, evidence)]


def _may_have_used(receipt: Receipt | None) -> bool:
    """Whether the step had a stale part, for all that is known: it may have been swapped for the fresh one."""
    return receipt is None or not receipt.parts or any(part.kind in ("stale", "other") for part in receipt.parts)


def in_words(share: float) -> str:
    """The stale share as the beginning of a sentence about the gradient."""
    if share > 1:
        return "The fresh part points the other way and takes away from it: what is stale is more than all"
    return f"Stale is {share * 100:.0f} %"


def stale_leaves(stop: Stop) -> dict[str, Gradient]:
    """The leaves whose stale gradient counts."""
    stale = _stale(stop)
    fresh = [entry for entry in stop.gradients.values() if entry.fresh is not None and not entry.stale]
    clean = {number for entry in fresh for number in entry.trained_by or (-1,)}
    owners = {number for entry in stale.values() for number in entry.trained_by or (-1,)}
    if clean - owners:
        return {}
    return stale


def _stale(stop: Stop) -> dict[str, Gradient]:
    return {name: entry for name, entry in stop.gradients.items() if entry.fresh is not None and entry.stale}


def stale_share(stop: Stop) -> float | None:
    """The part of the gradient, along itself, that is stale: ⟨stale, now⟩ / ⟨now, now⟩ over all leaves."""
    entries = [entry for entry in stop.gradients.values() if entry.now_dot > 0]
    total = sum(entry.now_dot for entry in entries)
    return sum(entry.stale_dot for entry in entries) / total if total > 0 else None
