"""Calls that fail for what their tensors are or hold: an index out of range, one value for a batch norm, a leaf."""

from __future__ import annotations

import re

import torch
from msgspec.structs import replace
from torch import Tensor

from gradstep.model.clue import Clue
from gradstep.program.clues.faults.failure import Call
from gradstep.program.clues.faults.witness import Witness
from gradstep.program.tensors.quiet import quiet
from gradstep.program.tensors.views import readable

_TARGET = re.compile(r"Target (-?\d+) is out of bounds|`t >= 0 && t < n_classes`")
_INDEX = re.compile(r"index out of range in self|Index \d+ of input takes value|Assertion.*index.*out of bounds")
_PLACE = re.compile(r"index -?\d+ is out of bounds for dimension (\d+) with size (\d+)")
_ONE = re.compile(r"Expected more than 1 (value per channel|spatial element) when training")
_LEAF = "leaf Variable that requires grad is being used in an in-place operation"
_CLASSES = "Class values must be"
_MOST = 1 << 24
"""Elements that are searched for the one that is out of range."""


def out_of_range(witness: Witness, call: Call) -> Clue | None:
    """What in them it was; None where torch's words are not about that."""
    text = witness.failure.text
    if _ONE.search(text) and call.tensors:
        what = "one-value" if "value per channel" in text else "one-element"
        return witness.explained(what, call, [call.tensors[0]], {})
    if _LEAF in text and call.tensors:
        return witness.explained("view-of-leaf" if "a view of" in text else "leaf", call, [call.tensors[0]], {})
    if _TARGET.search(text):
        return _target(witness, call)
    if (found := _PLACE.search(text)) is not None:
        return _place(witness, call, int(found[1]), int(found[2]))
    if _CLASSES in text and call.name == "one_hot":
        classes = call.argument(1, "num_classes")
        return _bounds("classes", witness, call, call.tensor(0, "tensor"), classes, [])
    if _INDEX.search(text) and call.name in ("embedding", "embedding_bag"):
        index, weight = call.tensor(0, "input"), call.tensor(1, "weight")
        if index is not None and weight is not None and index.is_floating_point():
            index, weight = weight, index  # the function takes them in the other order
        if weight is not None:
            return _bounds("index", witness, call, index, weight.shape[0], [weight])
    return None


def _place(witness: Witness, call: Call, dimension: int, size: int) -> Clue | None:
    """An index along one dimension of another tensor: gather, scatter, x[index]."""
    table = call.tensors[0] if call.tensors else None
    if table is None or table.ndim <= dimension or table.shape[dimension] != size:
        return None
    lowest = -size if call.op in ("getitem", "setitem", "index_put", "index_put_") else 0
    for index in call.tensors[1:]:
        if not index.is_floating_point() and index.dtype is not torch.bool:
            clue = _bounds("place", witness, call, index, size, [table], lowest=lowest)
            if clue is not None:
                return replace(clue, numbers=clue.numbers | {"dimension": float(dimension)})
    return None


def _target(witness: Witness, call: Call) -> Clue | None:
    scores, target = call.tensor(0, "input"), call.tensor(1, "target")
    if scores is None or target is None or scores.ndim < 1:
        return None
    ignored = call.kwargs.get("ignore_index", -100)
    return _bounds("target", witness, call, target, scores.shape[min(1, scores.ndim - 1)], [scores], ignored)


def _bounds(
    what: str,
    witness: Witness,
    call: Call,
    index: Tensor | None,
    most: object,
    others: list[Tensor],
    ignored: object = None,
    lowest: int = 0,
) -> Clue | None:
    """The first element that is below `lowest` or not below `most`."""
    if index is None or not isinstance(most, int) or not readable(index) or index.numel() > _MOST:
        return None
    with quiet():
        flat = index.detach().reshape(-1)
        bad = (flat < lowest) | (flat >= most)
        if isinstance(ignored, int):
            bad &= flat != ignored
        places = bad.nonzero().reshape(-1)
        if not places.numel():
            return None
        at, count = int(places[0]), int(places.numel())
        numbers = {
            "value": float(flat[at]),
            "most": float(most),
            "count": float(count),
            "largest": float(flat.max()),
            "smallest": float(flat.min()),
        }
    for dimension, size in reversed(list(enumerate(index.shape))):
        numbers[f"at{dimension}"] = float(at % size)
        at //= size
    return witness.explained(what, call, [index, *others], numbers)
