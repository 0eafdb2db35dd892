"""A sum that keeps the graph of every iteration alive."""

from __future__ import annotations

from collections.abc import Sequence

from gradstep.findings.reading import at_line
from gradstep.model.stop import Finding, Stop


def graph_kept(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at the stop after such an addition, from the third iteration running on."""
    for clue in stops[-1].clues_of("graph-kept"):
        running = int(clue.numbers["running"])
        message = (
            f"The sum{at_line(clue.place)} adds losses with their graphs: those of {running} iterations are kept in "
            "memory, and every iteration adds one."
        )
        remedy = "Add numbers: total += loss.item(), or loss.detach() where .item() would wait for the device."
        evidence: dict[str, float | int | str] = {"iterations": running, "line": clue.place.line}
        return [Finding("graph-kept", "warning", message, remedy, evidence)]
    return []
