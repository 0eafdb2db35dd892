"""A tensor that backward needs as it was has been written to."""

from __future__ import annotations

from collections.abc import Sequence

from gradstep.findings.reading import at_line
from gradstep.model.clue import Clue
from gradstep.model.graph import plain
from gradstep.model.operand import Operand
from gradstep.model.stop import Finding, Stop

_SIGNS = {"add": "+=", "sub": "-=", "mul": "*=", "div": "/=", "truediv": "/=", "pow": "**="}


def changed_in_place(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at the end stop of a program that has ended so."""
    stop = stops[-1]
    for clue in stop.clues_of("changed-in-place"):
        evidence: dict[str, float | int | str] = {
            "tensor": clue.of,
            "op": clue.by,
            "line": clue.place.line,
            "made": clue.made.line,
            "version": int(clue.numbers["version"]),
            "expected": int(clue.numbers["expected"]),
        }
        words = {"leaf": _of_leaf, "old": _old}.get(clue.what, _of_result)
        message, remedy = words(clue)
        return [Finding("changed-in-place", "error", message, remedy, evidence)]
    return []


def _of_leaf(clue: Clue) -> tuple[str, str]:
    shape = list(clue.operands[0].shape)
    by = clue.other or "a write in place"
    message = (
        f"backward() needs {clue.of} {shape} as {clue.by}{at_line(clue.made)} read it, but {by}{at_line(clue.place)} "
        "has changed it since."
    )
    carried = clue.operands[1] if len(clue.operands) > 1 else None
    if carried is not None:
        name = carried.name or f"the result of {carried.by}"
        message += f" {name}{at_line(carried.made)} leads back to that graph."
        cut = f"{name} = {name}.detach()" if carried.name else "detach it"
        return message, f"Cut it off after each step, before it is read again: {cut}. retain_graph=True is no cure."
    if not clue.other:
        return message, "Write to a weight only after the backward passes that read it."
    return message, "Call every backward() of a graph before step(), or run the forward pass again after the step."


def _old(clue: Clue) -> tuple[str, str]:
    weight, reader = clue.operands[0], clue.operands[-1]
    message = (
        f"backward() goes back through {clue.of}{at_line(clue.made)}, which {clue.by}{at_line(reader.made)} reads: it "
        f"was made once from {weight.name} {list(weight.shape)}, which {clue.other}{at_line(clue.place)} has changed "
        "since."
    )
    return message, f"Make {clue.of} anew inside the loop, after each step. retain_graph=True is no cure."


def _of_result(clue: Clue) -> tuple[str, str]:
    operand: Operand = clue.operands[0]
    name = operand.name or (f"the result of {operand.by}" if operand.by else "a tensor")
    kept = f"{clue.by}{at_line(clue.made)} {'made' if clue.what == 'own' else 'read'} it"
    sign = _sign(clue)
    how = f"{sign}{at_line(clue.place)}" if sign else f"{at_line(clue.place, '', '')} ({clue.place.text})"
    if not sign and not clue.place.line:
        how = "something"
    message = f"backward() needs {name} {list(operand.shape)} as {kept}, but {how} has changed it in place since."
    short = operand.name or "x"
    if sign.endswith("_"):
        return message, f"Use {sign[:-1]} instead of {sign}: it makes a new tensor."
    if sign.endswith("="):
        return message, f"Write {short} = {short} {sign[:-1]} ... instead of {short} {sign} ...: it makes a new tensor."
    if sign:
        return message, f"Leave out inplace=True in {sign}."
    parts = f"put the parts in a list and torch.stack them, or write into {short}.clone()"
    return message, f"Do not write into {short}: {parts}."


def _sign(clue: Clue) -> str:
    """How it is written: `+=`, `relu_`, `relu`; empty where no op was seen to do it."""
    name = plain(clue.other)
    for stem, sign in _SIGNS.items():
        if name in (f"i{stem}", f"{stem}_"):
            return sign if name[0] == "i" or sign in clue.place.text else name
    return name
