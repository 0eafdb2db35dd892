"""A buffer that looks as a parameter does at its start."""

from __future__ import annotations

from collections.abc import Sequence

from gradstep.findings.reading import at_line
from gradstep.model.stop import Finding, Stop


def buffer_not_trained(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at the first forward stops."""
    clues = stops[-1].clues_of("buffer-not-trained")
    if not clues:
        return []
    clue, names = clues[0], ", ".join(item.of for item in clues[:3])
    message = (
        f"{names}: registered as {'a buffer' if len(clues) == 1 else 'buffers'}, with random numbers as an initialiser "
        f"draws them{at_line(clue.place, ' (used at ')}. A buffer is never trained."
    )
    remedy = "If it is to be learned, make it an nn.Parameter; if it is meant to stay random, all is well."
    evidence: dict[str, float | int | str] = {"buffers": len(clues), "first": clue.of, "line": clue.place.line}
    return [Finding("buffer-not-trained", "info", message, remedy, evidence)]
