"""A leaf with a gradient that its optimizer left as it was, or cleared before the step, or that it never used."""

from __future__ import annotations

from collections.abc import Sequence

from gradstep.findings.reading import (
    CUT_REMEDY,
    backward_before,
    cut,
    is_converged,
    listed,
    root_mean_square,
    updates_running,
    whole,
)
from gradstep.findings.thresholds import FALLEN_RATE, SLIGHT, UNCHANGED_RUNNING, UNUSED_RUNNING, ZERO_RATE_RUNNING
from gradstep.model.stop import Finding, Stop, Update
from gradstep.model.tensor import length


def weight_not_changed(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at an optimizer's update stop, if it was so at those before it, and at the end of a run without steps."""
    stop = stops[-1]
    update = stop.update
    if stop.phase == "end" and stop.reason == "exit":
        return _without_step(stops)
    if stop.phase == "backward":
        return _never_stepped(stops)
    if stop.phase != "update" or update is None or update.number < 0 or not stop.facts:
        return []
    running = updates_running(stops)
    cleared = _cleared(stops, running)
    if cleared:
        return [_clearing(stop, cleared)]
    needed = ZERO_RATE_RUNNING if update.lr == 0 or update.resting else UNCHANGED_RUNNING
    if len(running) < needed:
        return []
    stuck = _unchanged(stop)
    for at in running[1:needed]:
        stuck = [name for name in stuck if name in _unchanged(stops[at])]
    at_rest = [name for name in stuck if name in update.resting]
    stuck = [name for name in stuck if name not in at_rest]
    stuck = [name for name in stuck if not is_converged(stop, [name]) and not _is_slight(stop, name)]
    return [_stuck(stops, update, stuck)] if stuck else [_at_rest(update, at_rest)] if at_rest else []


def _at_rest(update: Update, names: list[str]) -> Finding:
    """A group of parameters that is kept at the learning rate 0: meant so most often."""
    message = f"{update.optimizer}.step() leaves {listed(names)} as they are: the learning rate of their group is 0."
    remedy = "To train them give that group a rate; else freeze them with requires_grad_(False), which saves the work."
    return Finding("weight-not-changed", "info", message, remedy, {"leaves": len(names), "first": names[0], "lr": 0.0})


def _stuck(stops: Sequence[Stop], update: Update, stuck: list[str]) -> Finding:
    """Leaves that several steps have not changed by a bit."""
    stop, first = stops[-1], stuck[0]
    gradient, view = length(stop.gradients[first].now) or 0.0, stop.tensors.get(first)
    receipt = stop.receipts.get(first)
    lr = receipt.lr if receipt is not None and receipt.lr is not None else update.lr
    rate = f", learning rate {lr:g}" if lr is not None else ""
    if lr is not None and update.peak is not None and lr < FALLEN_RATE * update.peak:
        rate = f", learning rate fell from {update.peak:g} to {lr:.2g}"
    kind = view.dtype if view is not None else ""
    message = (
        f"{update.optimizer}.step() has changed not a bit of {listed(stuck)}, though there is a gradient "
        f"(||{first}.grad|| {whole(gradient)}{rate}{f', {kind}' if kind else ''})."
    )
    shortened = cut(stops, len(stops) - 1, stuck)
    message += shortened
    evidence: dict[str, float | int | str] = {"leaves": len(stuck), "first": first, "gradient": gradient, "dtype": kind}
    if lr is not None:
        evidence["lr"] = lr
    remedy = CUT_REMEDY if shortened else _remedy(lr, kind)
    return Finding("weight-not-changed", "warning", message, remedy, evidence)


def _never_stepped(stops: Sequence[Stop]) -> list[Finding]:
    """Several backward passes whose gradients were cleared each time, and no update yet."""
    facts = stops[-1].facts
    if any(item.phase == "update" or item.clues_of("closure") for item in stops):
        return []
    given = [item.gradients for item in stops if item.phase == "backward" and not item.light]
    deposits = [{name: entry for name, entry in part.items() if entry.fresh is not None} for part in given]
    own = [name for name, fact in facts.items() if fact.owner >= 0 and not fact.updates]
    idle = [name for name in own if sum(name in part for part in deposits) >= UNUSED_RUNNING]
    if not idle or any(length(part[name].held) for part in deposits for name in idle if name in part):
        return []
    passes = sum(idle[0] in part for part in deposits)
    message = (
        f"{passes} backward passes gave a gradient to {listed(idle)}, each was cleared, and no optimizer has stepped: "
        "nothing is learned."
    )
    remedy = "Call optimizer.step() after backward(). (A scheduler's step() changes the learning rate alone.)"
    evidence: dict[str, float | int | str] = {"leaves": len(idle), "first": idle[0], "passes": passes}
    return [Finding("weight-not-changed", "warning", message, remedy, evidence)]


def _without_step(stops: Sequence[Stop]) -> list[Finding]:
    """The leaves of an optimizer that has made no step, though backward gave them gradients again and again."""
    facts = stops[-1].facts
    at_work = {fact.owner for fact in facts.values() if fact.updates}
    idle = {
        name: fact.passes
        for name, fact in facts.items()
        if fact.owner >= 0 and fact.owner not in at_work and fact.passes >= UNUSED_RUNNING
    }
    if not idle:
        return []
    first, update = next(iter(idle)), stops[-1].update
    why = "their optimizer's step() was never called."
    remedy = "Call optimizer.step() after backward(). (A scheduler's step() changes the learning rate alone.)"
    if update is not None and update.skipped:
        why = f"the GradScaler has skipped {update.skipped} steps, for a scaled gradient was Inf or NaN each time."
        remedy = "A gradient is not finite without the factor too, or init_scale is far too large: look for that."
    message = (
        f"{idle[first]} backward passes gave a gradient to {listed(list(idle))}, and the run ended without an update: "
        f"{why}"
    )
    evidence: dict[str, float | int | str] = {"leaves": len(idle), "first": first, "passes": idle[first]}
    return [Finding("weight-not-changed", "warning", message, remedy, evidence)]


def _cleared(stops: Sequence[Stop], running: Sequence[int]) -> list[str]:
    """The optimizer's leaves with a gradient after backward, if its last updates found none and changed nothing."""
    found: list[str] = []
    for at in running[:UNCHANGED_RUNNING]:
        stop, backward = stops[at], backward_before(stops, at)
        own = [name for name, fact in stop.facts.items() if stop.update and fact.owner == stop.update.number]
        if backward is None or any(_held(stop, name) or _has_moved(stop, name) for name in own):
            return []
        found = [name for name in own if _held(backward, name)]
        if not found:
            return []
    return found if len(running) >= UNCHANGED_RUNNING else []


def _held(stop: Stop, name: str) -> float:
    """Norm of what is in a leaf's `.grad`; 0 for nothing."""
    entry = stop.gradients.get(name)
    return 0.0 if entry is None else length(entry.now) or 0.0


def _clearing(stop: Stop, names: list[str]) -> Finding:
    optimizer = stop.update.optimizer if stop.update is not None else ""
    message = (
        f"{optimizer}.step() found no gradient: backward had left one in {listed(names)}, and it was cleared "
        "before the step."
    )
    remedy = "Call zero_grad() before backward() or after step(), not between the two."
    evidence: dict[str, float | int | str] = {"leaves": len(names), "first": names[0]}
    return Finding("weight-not-changed", "warning", message, remedy, evidence)


def _unchanged(stop: Stop) -> list[str]:
    """The leaves of the optimizer that have a gradient other than 0 and did not change."""
    update = stop.update
    if update is None:
        return []
    found = []
    for name, fact in stop.facts.items():
        if fact.owner == update.number and not _has_moved(stop, name) and _held(stop, name) > 0:
            found.append(name)
    return found


def _has_moved(stop: Stop, name: str) -> bool:
    """Whether the update has changed a leaf."""
    receipt = stop.receipts.get(name)
    if receipt is not None:
        return length(receipt.change) != 0
    return stop.update is not None and name in stop.update.leaves


def _is_slight(stop: Stop, name: str) -> bool:
    """Whether a leaf's gradient is next to nothing beside those of the optimizer's other leaves."""
    number = stop.facts[name].owner
    sizes = [
        root_mean_square(entry.now) or 0.0
        for other, entry in stop.gradients.items()
        if other in stop.facts and stop.facts[other].owner == number
    ]
    return (root_mean_square(stop.gradients[name].now) or 0.0) < SLIGHT * max(sizes, default=0.0)


def _remedy(lr: float | None, kind: str) -> str:
    if lr == 0:
        return "The learning rate is 0: set one, or freeze what is not to be trained with requires_grad_(False)."
    if kind in ("bfloat16", "float16"):
        return f"The step is smaller than {kind} can add to the weight: keep the weights in float32 and use autocast."
    return "The step is smaller than the weight's last bit: raise the learning rate."
