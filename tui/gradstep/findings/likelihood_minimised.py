"""A log-likelihood that is minimised: the minus is missing."""

from __future__ import annotations

from collections.abc import Sequence

from gradstep.findings.reading import at_line, course
from gradstep.findings.thresholds import FALLING_PASSES, UPHILL
from gradstep.model.stop import Finding, Stop


def likelihood_minimised(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at a forward stop whose loss is a mean or a sum of log-probabilities with a plus sign, and has fallen."""
    stop = stops[-1]
    clues = stop.clues_of("likelihood-minimised")
    if not clues or stop.loss is None or stop.loss.value is None:
        return []
    clue, site = clues[0], stop.loss.site
    same = [item for item in stops if item.phase == "forward" and item.loss is not None and item.loss.site == site]
    values = [item.loss.value for item in same if item.loss is not None and item.loss.value is not None]
    if len(values) < FALLING_PASSES or any(map(_climbs, stops)) or not values[-1] < values[0] < 0:
        return []
    message = (
        f"{clue.of or 'The loss'}{at_line(clue.place)} is a mean or sum of {clue.by}{at_line(clue.made)} with a plus "
        f"sign, and falls {course(values[0], values[-1])}: the data are made less likely."
    )
    remedy = f"Minimise the negative log-likelihood: -{clue.of or 'loss'}; or maximize=True in the optimizer."
    evidence: dict[str, float | int | str] = {"first": values[0], "now": values[-1], "line": clue.place.line}
    return [Finding("likelihood-minimised", "warning", message, remedy, evidence)]


def _climbs(stop: Stop) -> bool:
    """Whether an update goes up the slope, as a likelihood that is to grow asks for."""
    turned = any(receipt.uphill > UPHILL for receipt in stop.receipts.values())
    return stop.update is not None and (stop.update.maximize or turned)
