"""A softmax over an axis that is not that of the classes, or that has one element."""

from __future__ import annotations

from collections.abc import Sequence

from gradstep.findings.reading import at_line
from gradstep.findings.thresholds import ONE_RUNNING
from gradstep.model.clue import Clue
from gradstep.model.stop import Finding, Stop


def softmax_wrong_dim(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at a forward stop; of an axis of one element in the second pass in which it has one."""
    for clue in stops[-1].clues_of("softmax-wrong-dim"):
        if clue.what != "one" or _passes(stops, clue) >= ONE_RUNNING:
            return [_finding(clue)]
    return []


def _passes(stops: Sequence[Stop], clue: Clue) -> int:
    """In how many forward passes that call has gone over one element."""
    same = (item for stop in stops for item in stop.clues_of(clue.kind) if item.what == clue.what)
    return sum(item.made.line == clue.made.line and item.made.file == clue.made.file for item in same)


def _finding(clue: Clue) -> Finding:
    axis = int(clue.numbers["dim"]) if "dim" in clue.numbers else None
    over = f"dim={axis}" if axis is not None else "its axis"
    shape = f" of {clue.other}" if clue.other else ""
    if clue.what == "one":
        message = (
            f"{clue.by}{at_line(clue.made)} goes over {over}{shape}, which has one element: its result is "
            f"{'0' if clue.by == 'log_softmax' else '1'} whatever it is given, and no gradient passes through."
        )
        remedy = "Choose the axis along which the numbers are to sum to 1 (over time, over keys), before reshaping."
    elif clue.what == "classes":
        message = (
            f"nll_loss{at_line(clue.place)} reads {clue.of or 'a log_softmax'}{at_line(clue.made)}, whose "
            f"probabilities do not sum to 1 over the classes: log_softmax went over {over}."
        )
        remedy = "log_softmax goes over the axis of the classes: dim=1 for (N, C) and for (N, C, ...)."
    else:
        message = (
            f"{clue.of or 'The input'} of cross_entropy{at_line(clue.place)} is a {clue.by}{at_line(clue.made)} over "
            f"{over}, whose rows do not sum to 1: it compares samples and not classes, and cross_entropy normalises "
            "again."
        )
        remedy = "Give cross_entropy the logits, without a softmax."
    evidence: dict[str, float | int | str] = {"op": clue.by, "shape": clue.other, "line": clue.made.line}
    return Finding("softmax-wrong-dim", "warning", message, remedy, evidence)
