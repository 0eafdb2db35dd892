"""An exception that torch raises for what it was given: shapes, dtypes, devices, an index, one value to normalise."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from gradstep.findings.misfits import MISFITS
from gradstep.findings.operands import call_of, shown, size
from gradstep.findings.reading import at_line
from gradstep.model.clue import Clue
from gradstep.model.stop import Finding, Stop

Words = tuple[str, str]
"""Message and remedy."""

_FLOATS = {"float64": "double", "float32": "float", "float16": "half", "bfloat16": "bfloat16"}


def explained(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at the end stop of a program that has ended so."""
    stop = stops[-1]
    for clue in stop.clues_of("explained") if stop.phase == "end" else ():
        message, remedy = _WORDS[clue.what](clue)
        evidence: dict[str, float | int | str] = {"what": clue.what, "op": clue.by, "line": clue.place.line}
        if clue.other:
            evidence["module"] = clue.other
        for at, operand in enumerate(clue.operands):
            evidence |= {f"tensor{at}": operand.called, f"shape{at}": str(list(operand.shape))}
            evidence |= {f"dtype{at}": operand.dtype, f"device{at}": operand.device, f"line{at}": operand.made.line}
        evidence |= {name: int(value) for name, value in clue.numbers.items()}
        return [Finding("explained", "error", message, remedy, evidence)]
    return []


def _dtype(clue: Clue) -> Words:
    one, two = clue.operands[0], clue.operands[-1]
    where = call_of(clue)
    message = f"{where} needs tensors of one dtype: {shown(one, 'dtype')} and {shown(two, 'dtype')}."
    other, wanted = (one, two) if two.leaf or one.dtype not in _FLOATS else (two, one)
    if wanted.dtype not in _FLOATS:
        wanted = one if other is two else two
    if wanted.dtype not in _FLOATS:
        return message, f"Give both the same dtype: {other.called}.to({wanted.called}.dtype)."
    method = _FLOATS[wanted.dtype]
    if wanted.dtype == "float32" and other.dtype == "float64":
        return message, f"Use {_called(other.name)}.float(): numbers from numpy are float64 unless they are converted."
    return message, f"Use {_called(other.name)}.{method}()."


def _called(name: str) -> str:
    return name or "the tensor"


def _target_dtype(clue: Clue) -> Words:
    target = clue.operands[-1]
    message = (
        f"{call_of(clue)} needs class numbers (int64) for its target, or probabilities "
        f"in the shape of its input: {shown(target, 'dtype')}."
    )
    return message, f"Use {_called(target.name)}.long() if these are class numbers; for plain numbers use mse_loss."


def _index_dtype(clue: Clue) -> Words:
    index = clue.operands[0]
    message = f"{call_of(clue)} needs whole numbers to look up: {shown(index, 'dtype')}."
    return message, f"Use {_called(index.name)}.long(), or nn.Linear if these are features and no numbers of entries."


def _device(clue: Clue) -> Words:
    one, two = clue.operands[0], clue.operands[-1]
    where = call_of(clue)
    message = f"{where} needs its tensors on one device: {shown(one, 'device')} and {shown(two, 'device')}."
    moved, there = (one, two) if two.leaf else (two, one)
    name = _called(moved.name)
    if moved.leaf:
        return message, f"Move it before the training begins: {name.partition('.')[0]}.to({there.device!r})."
    return message, f"Move it there: {name} = {name}.to({there.device!r})."


def _one_value(clue: Clue) -> Words:
    given = clue.operands[0]
    message = (
        f"{clue.other or clue.by}{at_line(clue.place)} normalises over the batch and was given {shown(given)}: one "
        "value per channel, which has no spread."
    )
    remedy = (
        "Leave out a last batch of one sample: DataLoader(..., drop_last=True); to compute an output only, call "
        ".eval() first."
    )
    return message, remedy


def _one_element(clue: Clue) -> Words:
    given = clue.operands[0]
    message = (
        f"{clue.other or clue.by}{at_line(clue.place)} normalises over the positions of one sample and was given "
        f"{shown(given)}: one position, which has no spread."
    )
    return message, "Normalise before the size has shrunk to 1, or leave the normalisation out there."


def _leaf(clue: Clue) -> Words:
    given = clue.operands[0]
    which = "a part of a leaf" if clue.what == "view-of-leaf" else "a leaf"
    message = (
        f"{at_line(clue.place, '', '').capitalize()} writes in place to {shown(given)}, {which} that requires grad, "
        "while gradients are recorded: backward could not find it again."
    )
    name = _called(given.name if not given.expression else "")
    return message, f"Put an update by hand under torch.no_grad(); else make a new tensor of {name} and use that."


def _index(clue: Clue) -> Words:
    index, table, numbers = clue.operands[0], clue.operands[-1], clue.numbers
    most, value = size(numbers, "most"), size(numbers, "value")
    message = (
        f"{clue.other or clue.by}{at_line(clue.place)} has {most} entries, 0 to {most - 1}, and {_element(clue)}"
        f"{_more(numbers)} ({shown(index)}; {table.called} {list(table.shape)})."
    )
    if value < 0:
        return message, "Find where the negative index comes from: an embedding takes 0 and up (padding_idx may be 0)."
    needed = size(numbers, "largest") + 1
    return message, f"Make it large enough, nn.Embedding({needed}, ...) or more, or find why an index is so large."


def _place(clue: Clue) -> Words:
    index, table, numbers = clue.operands[0], clue.operands[-1], clue.numbers
    most, at = size(numbers, "most"), size(numbers, "dimension")
    message = (
        f"{call_of(clue)} looks along dimension {at} of {shown(table)}, which has {most} places, 0 to {most - 1}, and "
        f"{_element(clue, 'its index')}{_more(numbers)} ({shown(index)})."
    )
    if size(numbers, "largest") == most and size(numbers, "smallest") >= 1:
        return message, f"The indices seem to count from 1: use {_called(index.name)} - 1."
    return message, f"Find why the index is so, or whether dimension {at} is the one that is meant."


def _classes(clue: Clue) -> Words:
    index, most = clue.operands[0], size(clue.numbers, "most")
    message = f"one_hot{at_line(clue.place)} was told of {most} classes, and {_element(clue)} ({shown(index)})."
    return message, f"Give it num_classes={size(clue.numbers, 'largest') + 1} or more, or count classes from 0."


def _target(clue: Clue) -> Words:
    target, scores, numbers = clue.operands[0], clue.operands[-1], clue.numbers
    most, value = size(numbers, "most"), size(numbers, "value")
    message = (
        f"{call_of(clue)} has {most} classes, 0 to {most - 1} (scores: {shown(scores)})"
        f", and {_element(clue)}{_more(numbers)} ({shown(target)})."
    )
    if value < 0:
        return message, f"Replace {value} by a class, or say that it is none: ignore_index={value}."
    if size(numbers, "largest") == most and size(numbers, "smallest") >= 1:
        return message, f"Labels seem to count from 1: use {_called(target.name)} - 1."
    return (
        message,
        f"Give the last layer {size(numbers, 'largest') + 1} outputs, or map the labels to 0 ... {most - 1}.",
    )


def _element(clue: Clue, otherwise: str = "its input") -> str:
    """`y[3, 1] is 12`."""
    index = clue.operands[0]
    places = [str(size(clue.numbers, f"at{at}")) for at in range(len(index.shape))]
    where = f"[{', '.join(places)}]" if places else ""
    name = index.called if index.name and not index.expression else otherwise
    return f"{name}{where} is {size(clue.numbers, 'value')}"


def _more(numbers: Mapping[str, float]) -> str:
    count = size(numbers, "count") - 1
    return f" ({count} more are out of range)" if count > 0 else ""


_WORDS: dict[str, Callable[[Clue], Words]] = {
    **MISFITS,
    "dtype": _dtype,
    "target-dtype": _target_dtype,
    "index-dtype": _index_dtype,
    "device": _device,
    "one-value": _one_value,
    "one-element": _one_element,
    "leaf": _leaf,
    "view-of-leaf": _leaf,
    "index": _index,
    "place": _place,
    "classes": _classes,
    "target": _target,
}
