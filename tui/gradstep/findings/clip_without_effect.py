"""Clipping that does not do what it is there for."""

from __future__ import annotations

from collections.abc import Sequence

from gradstep.findings.reading import at_line, whole
from gradstep.findings.thresholds import PLAIN_RULES
from gradstep.model.clue import Clue
from gradstep.model.stop import Finding, Stop


def clip_without_effect(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at the stop after a call that met nothing, gradients of another scale, or gradients that were used up."""
    for clue in stops[-1].clues_of("clip-without-effect"):
        update = next((stop.update for stop in reversed(stops) if stop.update is not None), None)
        plain = update is not None and update.optimizer in PLAIN_RULES and not update.remembers
        if clue.what == "crushed" and not plain:
            continue
        return [_finding(clue)]
    return []


def _finding(clue: Clue) -> Finding:
    call, numbers = f"{clue.by}{at_line(clue.place)}", clue.numbers
    if clue.what == "empty":
        message = f"{call} found no gradient to clip: backward() comes after it, and the step used all of the gradient."
        remedy = "The order is loss.backward(), clip, optimizer.step()."
    elif clue.what == "scaled":
        message = (
            f"{call} clips gradients that are still multiplied by the GradScaler's factor {whole(numbers['factor'])}: "
            "its bound is that much smaller than it looks."
        )
        remedy = "Call scaler.unscale_(optimizer) before clipping."
    elif clue.what == "late":
        message = (
            f"{call} clips gradients that the step has already used and that are cleared before the next: no effect."
        )
        remedy = "Clip between loss.backward() and optimizer.step()."
    else:
        message = (
            f"{call} shortens the gradient {whole(numbers['ratio'])} times, as at each of the last "
            f"{numbers['running']:.0f} updates: only its direction is left, and the step is the bound times the "
            "learning rate."
        )
        remedy = f"Allow a norm of the size that gradients usually have; it is {whole(numbers['limit'])}."
    evidence: dict[str, float | int | str] = {**numbers, "call": clue.by, "what": clue.what, "line": clue.place.line}
    return Finding("clip-without-effect", "warning", message, remedy, evidence)
