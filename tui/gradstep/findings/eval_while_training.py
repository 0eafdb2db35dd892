"""A model that is trained while it is in evaluation mode."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gradstep.findings.reading import at_line
from gradstep.model.stop import Finding, Severity, Stop


def eval_while_training(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at an update whose forward pass ran in evaluation mode."""
    stop = stops[-1]
    if stop.phase != "update" or stop.update is None or not stop.update.leaves:
        return []
    for before in _propagated(stops):
        for clue in before.clues_of("eval-while-training"):
            trained = set(stop.update.leaves)
            if not any(name.startswith(f"{clue.of}.") for name in trained) and "." in next(iter(trained), ""):
                continue
            severity: Severity = "info" if clue.what else "warning"
            since = (
                "and never was in training mode" if clue.what else "though it was in training mode at updates before"
            )
            message = (
                f"{clue.of} was in evaluation mode in this iteration{at_line(clue.place)}, {since}: its {clue.by} does "
                "not act as in training."
            )
            remedy = f"Call {clue.of}.train() before training goes on: after each evaluation, at the start of an epoch."
            evidence: dict[str, float | int | str] = {"module": clue.of, "layer": clue.by, "line": clue.place.line}
            return [Finding("eval-while-training", severity, message, remedy, evidence)]
    return []


def _propagated(stops: Sequence[Stop]) -> Iterator[Stop]:
    """The forward stops since the update before whose losses have given gradients, the latest first."""
    deposited = False
    for stop in reversed(stops[:-1]):
        if stop.phase == "update":
            return
        if stop.phase == "backward":
            deposited = any(entry.fresh is not None for entry in stop.gradients.values())
        elif stop.phase == "forward" and deposited:
            yield stop
