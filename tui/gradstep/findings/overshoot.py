"""A loss that rose: because the update overshot, or because data or noise are other ones; proven where it can be."""

from __future__ import annotations

from collections.abc import Sequence

from gradstep.findings.reading import at_line, course, figure, listed
from gradstep.findings.stale_gradient import TOLD, stale_leaves, stale_share
from gradstep.findings.thresholds import CLEAR_RISE, SWING, UPHILL
from gradstep.findings.wrong_sign import is_opponent, is_tried
from gradstep.model.proof import Proof
from gradstep.model.stop import Finding, Loss, Stop
from gradstep.model.tensor import length

Evidence = dict[str, float | int | str]

FAR_RISE = 100.0
"""A rise by this many times the loss is no matter of batches, however they differ."""

BEYOND_BATCHES = 1.0
"""… and by more than the same weights' loss differs by from the old batch to the new one, times this."""

CAUSES = {
    "stale": "Clear gradients before each backward pass: optimizer.zero_grad(), or w.grad = None. Key z tries it.",
    "rate": "Try a smaller learning rate.",
    "momentum": "Try less momentum, or a smaller learning rate.",
    "by-hand": "Look at what changes the gradient, or the weights, between backward and the next forward pass.",
    "weight-decay": "Lower weight_decay: the fresh gradient alone would not have raised the loss.",
    "optimizer": "Look at what the optimizer adds to the gradient (momentum, noise), or try a smaller learning rate.",
    "sign": "Look at the sign of the step: it goes up the slope. A smaller learning rate does not help.",
}
"""What to do, by the proof's cause; `sign`: the step goes up the slope of the fresh gradient itself."""

WITHOUT = {"stale": "With the stale part cleared", "momentum": "Without momentum"}
"""What the fresh step is, where one kind of old gradient alone was in the step, and is the proof's cause."""


def overshoot(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at a forward stop whose loss is larger than the one before it of the same site, with an update between."""
    stop = stops[-1]
    if stop.phase != "forward" or stop.loss is None:
        return []
    before, between = _same_loss_before(stops)
    if before is None or before.loss is None or not any(item.phase == "update" for item in between):
        return []
    old, new = before.loss, stop.loss
    update = next(item for item in reversed(between) if item.phase == "update")
    ascending = update.update is not None and update.update.maximize
    if not rose(old, new, ascending):
        return []
    proof = stop.proof if stop.proof is not None and stop.proof.since == before.index else None
    evidence: Evidence = {"before": old.value or 0.0, "now": new.value or 0.0, "since": before.index}
    evidence |= _numbers(proof)
    change = f"The loss {'fell' if ascending else 'rose'} {course(old.value or 0.0, new.value or 0.0)}"
    others = any(item.phase == "backward" and item.loss is not None and item.loss.site != new.site for item in between)
    if others:
        data = "on the same data" if old.data == new.data else "on other data"
        text = f"{change} {data}, but other losses have had a part in the updates since."
        return [Finding("loss-rose", "info", text, "", evidence)]
    played = _played_against(between) if proof is not None and proof.lowest == 0.0 else ""
    if played:
        return [Finding("loss-rose", "info", f"{change}: {played} went up the slope, against the loss.", "", evidence)]
    by_hand = _set_by_hand(between)
    if by_hand is not None:
        text = f"{change} after weights were set by hand{at_line(by_hand.place)}: no gradient has a part in that."
        return [Finding("loss-rose", "info", text, "", evidence)]
    backward = next((item for item in reversed(between) if item.phase == "backward" and not item.light), None)
    if old.data == new.data or _clearly(proof, between):
        text = f"{change} on the same data: the update overshot."
        if old.data != new.data and proof is not None:
            verb = "lowered" if ascending else "raised"
            text = f"{change}, on other data, but not because of it: the update overshot. "
            text += f"It {verb} the loss of the old data {course(proof.before, proof.after)}."
        return [_overshoot(text, evidence, update, backward, proof, ascending)]
    return [Finding("loss-rose", "info", f"{change}{_other_data(proof, ascending)}", "", evidence)]


def rose(old: Loss, new: Loss, ascending: bool = False) -> bool:
    """Whether the loss got worse by more than rounding."""
    return new.worse_than(old, ascending)


def _same_loss_before(stops: Sequence[Stop]) -> tuple[Stop | None, list[Stop]]:
    """The latest earlier forward stop of the same site, and the stops since."""
    loss = stops[-1].loss
    for back, item in enumerate(reversed(stops[:-1]), 2):
        if item.phase == "forward" and item.loss is not None and loss is not None and item.loss.site == loss.site:
            return item, list(stops[len(stops) - back + 1 : -1])
    return None, []


def _played_against(between: Sequence[Stop]) -> str:
    """What alone was moved, by hand, to go up: inputs under attack, multipliers, weights of an optimizer's (SAM).

    Empty if there was any other update.
    """
    updates = [item for item in between if item.phase == "update" and item.update is not None]
    names = [name for item in updates for name in (item.update.leaves if item.update is not None else ())]
    by_hand = all(item.update is not None and item.update.number < 0 for item in updates)
    playing = all(is_opponent(item, name) or is_tried(item, name) for item in updates for name in names)
    return listed(list(dict.fromkeys(names))) if by_hand and playing else ""


def _set_by_hand(between: Sequence[Stop]) -> Stop | None:
    """A change by hand of which nothing is gradient, after another update had used that: weights restored, or noise."""
    last = between[-1]
    if last.phase != "update" or last.update is None or last.update.number >= 0 or not last.receipts:
        return None
    kinds = {part.kind for receipt in last.receipts.values() for part in receipt.parts}
    used = next((item for item in reversed(between[:-1]) if item.phase in ("backward", "update")), None)
    return last if kinds == {"other"} and used is not None and used.phase == "update" else None


def _clearly(proof: Proof | None, between: Sequence[Stop]) -> bool:
    """Whether the proof shows that one update, made from that one pass, raised the loss of its own data by much."""
    if proof is None or proof.problem or proof.cause in ("", "data", "noise"):
        return False
    if sum(item.phase == "backward" for item in between) != 1 or sum(item.phase == "update" for item in between) != 1:
        return False
    rise = abs(proof.after - proof.before)
    spread = abs(proof.old_on_new - proof.before) if proof.old_on_new is not None else 0.0
    if rise > FAR_RISE * max(abs(proof.before), spread) > 0:
        return True
    if proof.cause != "stale" and not proof.lowest:
        return False  # uphill on this batch from its beginning: momentum carries on what other batches have begun
    least = SWING if proof.cause == "momentum" else CLEAR_RISE
    return not rise <= max(least * abs(proof.before), BEYOND_BATCHES * spread)


def _numbers(proof: Proof | None) -> Evidence:
    """What the proof has found."""
    if proof is None:
        return {}
    if proof.problem:
        return {"no_proof": proof.problem}
    fresh = dict(proof.fresh).get(1.0)
    known = {
        "cause": proof.cause, "new_on_old": proof.after, "old_on_new": proof.old_on_new, "lowest": proof.lowest,
        "fresh_loss": fresh, "stable_rate": proof.stable_rate,
    }  # fmt: skip
    return {key: value for key, value in known.items() if value is not None and value != ""}


def _other_data(proof: Proof | None, ascending: bool) -> str:
    """What a rise on other data means."""
    if proof is None:
        return ", on other data (or other noise): that alone may be why."
    if proof.problem:
        return f", on other data (or other noise): that alone may be why. No proof: {proof.problem}."
    way = course(proof.before, proof.after)
    if proof.cause == "noise":
        verb = "rises" if ascending else "falls"
        return f", with other random numbers. With the old ones it {verb} {way}: the rest is noise."
    if proof.cause == "data":
        if proof.before == proof.after:
            return f", on other data. On the old data it stayed at {figure(proof.before)}: the rest is the batch's."
        verb, what = ("rose", "fall") if ascending else ("fell", "rise")
        whose = "the batch's, or that of values which the program detaches" if proof.detached else "the batch's"
        return f", on other data. On the old data it {verb} {way}: the {what} is {whose}."
    verb = "fell" if ascending else "rose"
    usual = "no more than is usual from batch to batch"
    if proof.lowest == 0.0:
        usual = "the step goes up this batch's slope"
        usual += ", carrying on what earlier batches have begun" if proof.cause == "momentum" else ""
    return f", on other data. On the old data it {verb} too, {way}: {usual}."


def _overshoot(
    text: str, evidence: Evidence, update: Stop, backward: Stop | None, proof: Proof | None, ascending: bool
) -> Finding:
    """The step was too long, and why."""
    source = backward or update
    stale, share = stale_leaves(source), stale_share(source)
    if share is not None and share < TOLD:
        stale, share = {}, None
    proven = proof is not None and not proof.problem and proof.cause not in ("data", "noise")
    cause: str = proof.cause if proof is not None and proven else ("stale" if stale and share is not None else "rate")
    if stale and share is not None:
        evidence["stale_share"] = share
        text += _stale(source, share, proven)
    elif update.update is not None and update.update.lr is not None:
        evidence["lr"] = update.update.lr
    if proof is not None:
        text += _proven(proof, ascending, update) if proven else f" No proof: {proof.problem}." if proof.problem else ""
    if proof is not None and proof.lowest == 0.0 and _goes_up(update, ascending):
        cause = "sign"
    remedy = CAUSES.get(cause, CAUSES["rate"])
    if cause == "rate" and proof is not None and proof.stable_rate is not None:
        lr = update.update.lr if update.update is not None else None
        now = f"; it is {lr:g}" if lr is not None else ""
        remedy = (
            f"Try a learning rate well below {proof.stable_rate:.2g}: above that this very step raises the loss{now}."
        )
    return Finding("overshoot", "error", text, remedy, evidence)


def _goes_up(update: Stop, ascending: bool) -> bool:
    """Whether the part of the step that is the fresh gradient's goes the wrong way."""
    angles = [receipt.uphill for receipt in update.receipts.values() if receipt.uphill]
    return bool(angles) and all((-angle if ascending else angle) > UPHILL for angle in angles)


def _stale(source: Stop, share: float, proven: bool) -> str:
    """How much of the step's gradient is stale; `proven`: what that has done is told by other numbers."""
    name, entry = next(iter(stale_leaves(source).items()))
    part = f"{share * 100:.0f} %" if share <= 1 else "More than all"
    text = f" {part} of the gradient of that step is stale: earlier updates had already used it"
    now, fresh = length(entry.now), length(entry.fresh)
    if now is not None and fresh is not None and not proven:
        text += f" (||{name}.grad|| {now:.4g}, of which this backward pass gave {fresh:.4g})"
    return f"{text}."


def _proven(proof: Proof, ascending: bool, update: Stop) -> str:
    """Where along the step the loss is lowest, and what the fresh gradient alone would have given."""
    text, lowest = "", proof.lowest
    best = "highest" if ascending else "lowest"
    if lowest is not None and 0.0 < lowest < 1.0:
        text += f" The step was {_times(1 / lowest)} times too long: the loss is {best} at {lowest:.2f} of it."
    elif lowest == 0.0:
        text += " No part of that step makes the loss better: it points the wrong way."
    fresh = dict(proof.fresh).get(1.0)
    if fresh is not None:
        old = {part.kind for receipt in update.receipts.values() for part in receipt.parts} & WITHOUT.keys()
        step = f"{WITHOUT[proof.cause]} the step" if old <= {proof.cause} <= WITHOUT.keys() else "The fresh step alone"
        text += f" {step} would have given {figure(fresh)}."
    return text


def _times(ratio: float) -> str:
    return f"{ratio:.1f}" if ratio < 10 else f"{ratio:.0f}"
