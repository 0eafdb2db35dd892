"""A result that is thrown away though it alone is detached, moved or converted."""

from __future__ import annotations

from collections.abc import Sequence

from gradstep.findings.reading import at_line
from gradstep.model.stop import Finding, Stop


def detach_discarded(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at the stop after the call, whenever it is made."""
    for clue in stops[-1].clues_of("detach-discarded"):
        name = clue.of or "x"
        message = (
            f"The result of {name}.{clue.by}(){at_line(clue.place)} is dropped: {clue.by} leaves the tensor as it is "
            "and returns another one."
        )
        if clue.by == "detach" and clue.what:
            message += f" Gradient still flows through {name}."
        remedy = f"Write {name} = {name}.{clue.by}(...)" + (f"; or {name}.detach_()." if clue.by == "detach" else ".")
        evidence: dict[str, float | int | str] = {"tensor": clue.of, "method": clue.by, "line": clue.place.line}
        return [Finding("detach-discarded", "warning", message, remedy, evidence)]
    return []
