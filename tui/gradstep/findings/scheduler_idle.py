"""A scheduler that was made and never stepped."""

from __future__ import annotations

from collections.abc import Sequence

from gradstep.findings.reading import at_line
from gradstep.model.stop import Finding, Stop


def scheduler_idle(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at the end of a run that ended by itself."""
    stop = stops[-1]
    for clue in stop.clues_of("scheduler-idle") if stop.phase == "end" and stop.fault is None else ():
        message = (
            f"{clue.by}{at_line(clue.place)} was never stepped in {clue.numbers['updates']:.0f} updates: the learning "
            "rate has stayed at the first value of its schedule."
        )
        remedy = (
            "Call scheduler.step() after optimizer.step(), once an epoch or once a batch, as the schedule is meant."
        )
        evidence: dict[str, float | int | str] = {"scheduler": clue.by, "line": clue.place.line, **clue.numbers}
        return [Finding("scheduler-idle", "info", message, remedy, evidence)]
    return []
