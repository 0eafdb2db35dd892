"""The text of a condition, as people write it: `loss > 5`, `*.weight.grad norm > 10`, `not-finite`, `train.py:41`."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from difflib import get_close_matches

from gradstep.conditions.condition import (
    Bound,
    Condition,
    ConditionError,
    ExpressionTrue,
    FindingMet,
    IterationBegun,
    LineReached,
    LossPasses,
    Meaning,
    OpReached,
    PhaseEnded,
    Quantity,
    Sign,
    Stalls,
    State,
    TensorPasses,
)
from gradstep.conditions.reading import unwelcome
from gradstep.findings import KINDS
from gradstep.model.stop import Phase

_WORDS = re.compile(r"[<>]=?|[^\s<>=]+|=+")
_SIGNS: dict[str, Sign] = {"<": "<", "<=": "<=", ">": ">", ">=": ">="}
_QUANTITIES: dict[str, Quantity] = {
    "norm": "norm", "max": "max", "maximum": "max", "min": "min", "minimum": "min", "mean": "mean", "ratio": "ratio",
}  # fmt: skip
_PHASES: dict[str, Phase] = {"forward": "forward", "backward": "backward", "update": "update"}
_STATES: dict[str, State] = {
    "is not finite": "not finite",
    "not finite": "not finite",
    "has nan": "has nan",
    "has inf": "has inf",
    "is zero": "is zero",
    "changes": "changes",
    "does not change": "does not change",
    "rises": "rises",
}
_ALONE = ("warning", "error", *KINDS)

FORMS = (
    ("warning", "anything new that is wrong; error: errors alone"),
    ("not-finite", "a finding by its kind: overshoot, dead-units, …"),
    ("loss > 5", "or rises, is not finite, does not improve for 50"),
    ("*.grad norm > 10", "or max, min, mean; ratio is ||Δw|| / ||w||"),
    ("fc.weight changes", "or does not change, has nan, has inf, is zero"),
    ("op softmax", "or a module: op blocks.3.*; node MulBackward0"),
    ("train.py:41", "a line, before it runs"),
    ("iteration 100", "or a phase: forward, backward, update"),
    ("if step > 9", "Python that reads the program's variables"),
)
"""What can be written, each with what it means."""


def parse(text: str) -> Condition:
    """Raises ConditionError, with one line, if it is none."""
    text = " ".join(text.split())
    if not text:
        raise ConditionError("an empty condition; write one such as: loss > 5")
    first, _, rest = text.partition(" ")
    special = _SPECIAL.get(first)
    if special is not None and rest:
        return Condition(text, special(text, rest))
    if first == "if":
        raise _wrong(text, "after if comes a Python expression")
    if text in _ALONE:
        return Condition(text, FindingMet(text))
    if text in _PHASES:
        return Condition(text, PhaseEnded(_PHASES[text]))
    if line := re.fullmatch(r"(\S+\.(?:py|ipynb)):([1-9][0-9]*)", text):
        return Condition(text, LineReached(line[1], int(line[2])))
    return Condition(text, _tensor(text))


def _tensor(text: str) -> Meaning:
    name, *words = _WORDS.findall(text)
    if not words:
        raise _alone(text)
    states = " ".join(words)
    if name == "loss":
        if states in _STATES and states not in ("changes", "does not change"):
            return LossPasses(_STATES[states])
        if found := re.fullmatch(r"(?:does not improve|not improved) for ([1-9][0-9]*)(?: iterations)?", states):
            return LossPasses(Stalls(int(found[1])))
    elif states in _STATES and states != "rises":
        return TensorPasses(name, _STATES[states])
    bound = _bound(text, words)
    return LossPasses(bound) if name == "loss" and bound.quantity == "value" else TensorPasses(name, bound)


def _bound(text: str, words: list[str]) -> Bound:
    quantity = _QUANTITIES.get(words[0])
    compared = words if quantity is None else words[1:]
    if not compared or compared[0] not in _SIGNS:
        name = text.split(maxsplit=1)[0]
        what = f"{name} {words[0]}" if quantity else name
        more = "" if quantity else ", rises" if name == "loss" else ", norm, max, min, mean, ratio"
        raise _wrong(text, f"after {what} comes one of >, <, >=, <={more}, {'' if quantity else 'is not finite, …'}")
    try:
        (number,) = compared[1:]
        return Bound(quantity or "value", _SIGNS[compared[0]], float(number))
    except ValueError:
        raise _wrong(text, f"after {compared[0]} comes one number") from None


def _alone(text: str) -> ConditionError:
    """One word that says nothing."""
    near = get_close_matches(text, (*_ALONE, *_PHASES), 1)
    if near:
        return ConditionError(f"{text}: no such finding; {near[0]}?")
    return ConditionError(
        f"{text}: neither a finding nor a phase; of a tensor say what: {text} changes, {text} norm > 10"
    )


def _wrong(text: str, words: str) -> ConditionError:
    return ConditionError(f"{text}: {words.rstrip(', ')}")


def _iteration(text: str, rest: str) -> Meaning:
    if not re.fullmatch(r"[1-9][0-9,]*", rest):
        raise _wrong(text, "after iteration comes its number, from 1")
    return IterationBegun(int(rest.replace(",", "")))


def _op(text: str, rest: str) -> Meaning:
    if " " in rest:
        raise _wrong(text, "after op comes one name; * stands for any part of it")
    return OpReached(rest)


def _node(text: str, rest: str) -> Meaning:
    if " " in rest:
        raise _wrong(text, "after node comes one name, such as MulBackward0")
    return OpReached(rest, backward=True)


def _expression(text: str, rest: str) -> Meaning:
    try:
        tree = ast.parse(rest, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise _wrong(text, f"no Python expression: {getattr(error, 'msg', error)}") from None
    if why := unwelcome(tree):
        raise _wrong(text, why)
    return ExpressionTrue(rest)


_SPECIAL: dict[str, Callable[[str, str], Meaning]] = {
    "iteration": _iteration,
    "op": _op,
    "node": _node,
    "if": _expression,
}
