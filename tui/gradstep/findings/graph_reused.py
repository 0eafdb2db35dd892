"""A graph that a backward pass has freed is gone through again."""

from __future__ import annotations

from collections.abc import Sequence

from gradstep.findings.reading import at_line
from gradstep.model.clue import Clue
from gradstep.model.operand import Operand
from gradstep.model.stop import Finding, Stop


def graph_reused(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at the end stop of a program that has ended so, and at the forward stop before."""
    stop = stops[-1]
    for clue in stop.clues_of("graph-reused"):
        evidence: dict[str, float | int | str] = {"line": clue.place.line, "made": clue.made.line, "freed": clue.other}
        if clue.of:
            evidence["tensor"] = clue.of
        words = {"again": _again, "shared": _shared, "old": _old}.get(clue.what, _read)
        message, remedy = words(clue, stop)
        return [Finding("graph-reused", "error" if stop.phase == "end" else "info", message, remedy, evidence)]
    return []


def _again(clue: Clue, stop: Stop) -> tuple[str, str]:
    message = (
        f"backward(){at_line(clue.place)} was called on {clue.of} again, whose graph the backward pass of "
        f"{clue.other} has freed: it was made once{at_line(clue.made)} and not since."
    )
    return message, f"Run the forward pass that makes {clue.of} again before each backward(), inside the loop."


def _old(clue: Clue, stop: Stop) -> tuple[str, str]:
    reader = clue.operands[0] if clue.operands else Operand()
    message = (
        f"backward(){at_line(clue.place)} goes through {clue.of}{at_line(clue.made)} again, which "
        f"{reader.by}{at_line(reader.made)} reads: it was made once, and an earlier backward pass has freed its graph."
    )
    return message, f"Make {clue.of} anew inside the loop, before it is read; or read {clue.of}.detach()."


def _shared(clue: Clue, stop: Stop) -> tuple[str, str]:
    what = clue.of or f"the result of {clue.by}"
    message = (
        f"backward(){at_line(clue.place)} goes through {what}{at_line(clue.made)} a second time: the backward pass "
        f"of {clue.other} went through it too, and has freed its graph."
    )
    return message, "Add the losses and call backward() once: (first + second).backward()."


def _read(clue: Clue, stop: Stop) -> tuple[str, str]:
    reader = clue.operands[0] if clue.operands else Operand()
    made = f"{clue.of}, made by {clue.by}" if clue.of else f"The result of {clue.by}, made"
    then = "so that backward() fails there" if stop.phase == "end" else "so that this loss's backward() will fail"
    message = (
        f"{made}{at_line(clue.made)} before the backward pass of {clue.other}, is read by "
        f"{reader.by}{at_line(reader.made)}: that pass has freed its graph, {then}."
    )
    name = clue.of or "x"
    detached = f"tuple(part.detach() for part in {name})" if clue.what == "tuple" else f"{name}.detach()"
    return message, f"Cut it off before it is read again: {name} = {detached}."
