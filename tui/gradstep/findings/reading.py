"""What several findings read from stops: sizes, changes, the updates of one optimizer."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from gradstep.findings.thresholds import CONVERGED, CUT
from gradstep.model.place import Place
from gradstep.model.stop import Gradient, Stop
from gradstep.model.tensor import TensorView, length, reals


def root_mean_square(view: TensorView | None) -> float | None:
    """Size of a typical element."""
    norm = length(view)
    return None if norm is None or view is None or not view.size else norm / math.sqrt(view.size)


def change_of(stop: Stop, before: Stop | None, name: str) -> float | None:
    """How far the update has moved a leaf; 0 if it did not change, None where that is not known."""
    receipt = stop.receipts.get(name)
    if receipt is not None:
        return length(receipt.change)
    if stop.update is not None and name not in stop.update.leaves:
        return 0.0
    moved = difference(stop.tensors.get(name), before.tensors.get(name) if before is not None else None)
    return None if moved is None else math.hypot(*moved)


def difference(now: TensorView | None, before: TensorView | None) -> list[float] | None:
    """Element by element; None where one of them was not kept."""
    new, old = reals(now), reals(before)
    if new is None or old is None or len(new) != len(old):
        return None
    return [one - other for one, other in zip(new, old, strict=True)]


def before_update(stops: Sequence[Stop], at: int) -> Stop | None:
    """The stop before the one at that place, if it was looked at."""
    return stops[at - 1] if at > 0 and not stops[at - 1].light and stops[at - 1].tensors else None


def updates_running(stops: Sequence[Stop]) -> list[int]:
    """Places of the updates by whom the newest stop's is, the newest first, as far as they were looked at."""
    update = stops[-1].update
    if stops[-1].phase != "update" or update is None:
        return []
    found = []
    for at in range(len(stops) - 1, -1, -1):
        stop = stops[at]
        if stop.phase != "update" or stop.update is None or stop.update.number != update.number:
            continue
        if stop.light:
            break
        found.append(at)
    return found


def fresh_gradient(entry: Gradient) -> TensorView | None:
    """What the last backward pass gave for a leaf, deposited or returned."""
    return entry.fresh if entry.fresh is not None else entry.returned


def gradient_size(entry: Gradient | None) -> float:
    """Norm of what the last backward pass gave (else of what is held), without a GradScaler's factor; 0 if unknown."""
    if entry is None:
        return 0.0
    fresh = length(fresh_gradient(entry))
    return (length(entry.now) or 0.0) if fresh is None else fresh / (entry.scale or 1.0)


def backward_before(stops: Sequence[Stop], at: int) -> Stop | None:
    """The backward stop just before an update, if it was looked at."""
    for stop in reversed(stops[:at]):
        if stop.phase == "backward" and stop.whole:
            return None if stop.light else stop
        if stop.phase == "update":
            return None
    return None


def backward_passes(stops: Sequence[Stop], at: int) -> list[Stop]:
    """The backward stops between an update and the one before it, the oldest first."""
    found: list[Stop] = []
    for stop in reversed(stops[:at]):
        if stop.phase == "update":
            break
        if stop.phase == "backward" and stop.whole:
            found.append(stop)
    return found[::-1]


CUT_REMEDY = (
    "Look at what shortens gradients between backward and step: a max_norm that is far too small, or clipping before "
    "scaler.unscale_(optimizer)."
)


def cut(stops: Sequence[Stop], at: int, names: Iterable[str]) -> str:
    """By how much the gradients were shortened between backward and the update, if that leaves next to nothing."""
    backward, left, had = backward_before(stops, at), 0.0, 0.0
    if backward is None:
        return ""
    for name in names:
        before, now = backward.gradients.get(name), stops[at].gradients.get(name)
        if before is not None and now is not None:
            had = math.hypot(had, (length(before.now) or 0.0) / (before.scale or 1.0))
            left = math.hypot(left, length(now.now) or 0.0)
    if not math.isfinite(had) or not 0 < left < CUT * had:
        return ""
    return f" Backward had left {whole(had / left)} times as much gradient: it was shortened before the step."


def is_converged(stop: Stop, names: Iterable[str]) -> bool:
    """Whether the gradients of those leaves have become a small part of what they were."""
    now, peak = 0.0, 0.0
    for name in names:
        entry, fact = stop.gradients.get(name), stop.facts.get(name)
        now, peak = math.hypot(now, gradient_size(entry)), math.hypot(peak, fact.peak if fact is not None else 0.0)
    return now <= CONVERGED * peak


def listed(names: Sequence[str], most: int = 3) -> str:
    """`fc1.weight, fc1.bias and 4 more`."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def at_line(place: Place, before: str = " (", after: str = ")") -> str:
    """` (line 12)`; empty where the line is not known."""
    return f"{before}{place.spot}{after}" if place.spot else ""


def figure(value: float, more: int = 0) -> str:
    """A loss to four decimals; a very large or small one to four figures. `more`: so many digits more."""
    digits = 4 + more
    return f"{value:.{digits}f}" if value == 0 or 1e-3 <= abs(value) < 1e6 else f"{value:.{digits}g}"


def course(old: float, new: float) -> str:
    """`from 0.9094 to 1.5371`, with as many digits as tell one from the other."""
    unlike = (more for more in range(12) if figure(old, more) != figure(new, more))
    more = next(unlike, 0)
    return f"from {figure(old, more)} to {figure(new, more)}"


def whole(part: float) -> str:
    """A number to three figures."""
    return f"{part:.3g}"
