"""Losses that are given probabilities for logits, logits for log-probabilities, or a softmax over the wrong axis."""

from __future__ import annotations

import math
from collections.abc import Iterator
from types import CodeType

import torch
from torch import Tensor

from gradstep.model.clue import Clue
from gradstep.program.clues.forward_pass import ForwardPass, place_of, value
from gradstep.program.tape.ops import Op

_NORMALISING = ("softmax", "sigmoid", "gumbel_softmax", "expit")
_SUM = 1e-4
"""By so much may a row of probabilities miss the sum 1; in half precision by a hundred times as much."""
_ABOVE = 1e-3
"""A logarithm of a probability is at most this much above 0: rounding of half precision."""
_START = 3.0
"""So many times ln K is more than a classifier loses that knows nothing."""


def normalised_twice(run: ForwardPass) -> Iterator[Clue]:
    """Probabilities where a loss expects logits: it normalises them once more."""
    for op in run.ops:
        if op.name not in ("cross_entropy", "binary_cross_entropy_with_logits"):
            continue
        given = run.arguments(op).get("input")
        source, _ = run.behind(given)
        if source is None or source.name.rstrip("_") not in _NORMALISING:
            continue
        if op.name != "cross_entropy" and source.name == "softmax":
            continue
        if op.name == "cross_entropy" and source.name.endswith("softmax"):
            sums = _sums(run.tensor(given), _class_axis(run.shape(given)))
            if sums is False:
                yield _wrong(run, op, source, "batch")
                continue
        yield Clue(
            "normalised-twice",
            of=run.name(given) or run.name(source),
            by=op.name,
            other=source.name.rstrip("_"),
            place=place_of(op),
            made=place_of(source),
        )


def not_log_probabilities(run: ForwardPass) -> Iterator[Clue]:
    """Logits or probabilities where a loss expects logarithms of probabilities."""
    for op in run.ops:
        if op.name not in ("nll_loss", "kl_div", "ctc_loss"):
            continue
        given = run.arguments(op).get("input")
        tensor = run.tensor(given)
        if tensor is None or not tensor.is_floating_point() or not tensor.numel():
            continue
        most = float(tensor.max())
        if most > _ABOVE:
            source, _ = run.behind(given)
            yield Clue(
                "not-log-probabilities",
                of=run.name(given),
                by=op.name,
                other=source.name if source is not None else "",
                place=place_of(op),
                made=place_of(source),
                numbers={"most": most},
            )


def softmax_wrong_dim(run: ForwardPass) -> Iterator[Clue]:
    """A log_softmax over another axis than the classes."""
    for op in run.ops:
        if op.name != "nll_loss":
            continue
        given = run.arguments(op).get("input")
        source, _ = run.behind(given)
        tensor = run.tensor(given)
        if source is None or source.name != "log_softmax" or tensor is None:
            continue
        if _sums(tensor.exp(), _class_axis(tuple(tensor.shape))) is False:
            yield _wrong(run, op, source, "classes")


class OverOne:
    """Calls of softmax that have gone over an axis of one element in every pass."""

    def __init__(self) -> None:
        self._wide: set[tuple[CodeType | None, int]] = set()
        """Calls that have gone over more: sequences of length 1 are among others there."""

    def look(self, run: ForwardPass) -> Iterator[Clue]:
        """Those of one pass."""
        found: dict[tuple[CodeType | None, int], Op] = {}
        for op in run.ops:
            if op.name not in ("softmax", "log_softmax"):
                continue
            size, call = _size(run, op), (op.code, op.instruction)
            if size is not None and size > 1:
                self._wide.add(call)
            elif size == 1 and run.maker(op.inputs[0]) is not None and run.readers(op):
                found[call] = op
        for call, op in found.items():
            if call not in self._wide:
                yield _wrong(run, op, op, "one")


def loss_at_start(run: ForwardPass) -> Iterator[Clue]:
    """The first loss of a classifier, against that of one that knows nothing."""
    if run.seen:
        return
    for op in run.ops:
        if op.name != "cross_entropy":
            continue
        given = run.arguments(op)
        shape = run.shape(given.get("input"))
        axis = _class_axis(shape)
        if shape is None or axis is None or given.get("reduction", "mean") != "mean":
            continue
        loss = value(op.tensor())
        if loss is not None and shape[axis] > 1 and loss > _START * math.log(shape[axis]):
            numbers = {"loss": loss, "classes": float(shape[axis]), "usual": math.log(shape[axis])}
            yield Clue("loss-at-start", of=run.name(op), by=op.name, place=place_of(op), numbers=numbers)


def _wrong(run: ForwardPass, op: Op, source: Op, what: str) -> Clue:
    shape = run.shape(source) or ()
    axis = run.arguments(source).get("dim")
    numbers = {"dim": float(axis)} if isinstance(axis, int) else {}
    return Clue(
        "softmax-wrong-dim",
        what,
        run.name(source),
        source.name,
        "×".join(map(str, shape)),
        place_of(op),
        place_of(source),
        numbers,
    )


def _size(run: ForwardPass, op: Op) -> int | None:
    """Length of the axis that a softmax goes over."""
    shape, axis = run.shape(op), run.arguments(op).get("dim")
    if not shape or not isinstance(axis, int) or not -len(shape) <= axis < len(shape):
        return None
    return shape[axis] if math.prod(shape) > 1 else None


def _class_axis(shape: tuple[int, ...] | None) -> int | None:
    """Where the classes are in the input of a loss."""
    return None if not shape else min(1, len(shape) - 1)


def _sums(tensor: Tensor | None, axis: int | None) -> bool | None:
    """Whether all sums along that axis are 1; None where that cannot be said."""
    if tensor is None or axis is None or not tensor.numel() or not tensor.is_floating_point():
        return None
    room = _SUM * (100 if tensor.dtype in (torch.float16, torch.bfloat16) else 1)
    return bool(((tensor.sum(axis) - 1).abs() < room).all())
