"""A loss that expects logarithms of probabilities, and is given numbers above 0."""

from __future__ import annotations

from collections.abc import Sequence

from gradstep.findings.reading import at_line, whole
from gradstep.model.stop import Finding, Stop


def not_log_probabilities(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at a forward stop at which nll_loss, kl_div or ctc_loss has read an element above 0."""
    found = []
    for clue in stops[-1].clues_of("not-log-probabilities")[:1]:
        most = clue.numbers["most"]
        message = (
            f"{clue.by}{at_line(clue.place)} expects log-probabilities, which are at most 0, and "
            f"{clue.of or 'its input'}{at_line(clue.made, ' (made at ')} has an element of {whole(most)}: the loss can "
            "fall without end."
        )
        remedy = f"Give it log_softmax(..., dim=1); or use cross_entropy on the logits in place of {clue.by}."
        if clue.by == "kl_div":
            remedy = "Give it log_softmax of the logits as input; probabilities are its target."
        evidence: dict[str, float | int | str] = {"input": clue.of, "most": most, "line": clue.place.line}
        found.append(Finding("not-log-probabilities", "error", message, remedy, evidence))
    return found
