"""A term of the loss that needs no gradient and yet changes: it moves the curve and trains nothing."""

from __future__ import annotations

from collections.abc import Sequence

from gradstep.findings.reading import at_line, whole
from gradstep.model.stop import Finding, Stop


def constant_in_loss(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at a forward stop, if the term had another value in the pass before of the same loss."""
    stop = stops[-1]
    clues = stop.clues_of("constant-in-loss")
    site = stop.loss.site if stop.loss is not None else ""
    same = (item for item in reversed(stops[:-1]) if item.phase == "forward" and item.loss is not None)
    before = next((item for item in same if item.loss is not None and item.loss.site == site), None)
    if not clues or before is None:
        return []
    old = {clue.numbers["number"]: clue.numbers["value"] for clue in before.clues_of("constant-in-loss")}
    for clue in clues:
        value, known = clue.numbers["value"], old.get(clue.numbers["number"])
        if known is None or known == value:
            continue
        part = abs(value / clue.numbers["loss"])
        message = (
            f"{clue.of or 'A number'} in the loss{at_line(clue.place)} needs no gradient: {whole(value)} now, "
            f"{whole(known)} before, {part:.0%} of the loss. It moves the curve and trains nothing."
        )
        remedy = "If it is to be trained, look for .item(), .detach(), .data or torch.no_grad() where it is made."
        evidence: dict[str, float | int | str] = {
            "term": clue.of,
            "value": value,
            "before": known,
            "line": clue.place.line,
        }
        return [Finding("constant-in-loss", "info", message, remedy, evidence)]
    return []
