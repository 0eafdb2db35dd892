"""Tensors that a failed call was given, in words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal

from gradstep.findings.reading import at_line
from gradstep.model.clue import Clue
from gradstep.model.operand import Operand


def shown(operand: Operand, also: Literal["", "dtype", "device"] = "") -> str:
    """`x [4, 5] (line 8)`, with its dtype or its device."""
    more = f" {getattr(operand, also)}" if also else ""
    return f"{operand.called} {list(operand.shape)}{more}{at_line(operand.made)}"


def call_of(clue: Clue) -> str:
    """`linear (line 12) in model.fc1`: the op, its line and the module in which it happened."""
    return f"{clue.by}{at_line(clue.place)}" + (f" in {clue.other}" if clue.other else "")


def size(numbers: Mapping[str, float], name: str) -> int:
    """One of them, as a whole number."""
    return int(numbers[name])


def elements(shape: Sequence[int]) -> int:
    """How many elements such a tensor has."""
    return math.prod(shape)


def name_of(operand: Operand, otherwise: str = "x") -> str:
    """What to write for it in a line of code."""
    return operand.name or otherwise
