"""One recorded call of the PyTorch API, as far as its derivative depends on it."""

from __future__ import annotations

from dataclasses import dataclass

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Argument:
    """A tensor that a call read or made."""

    name: str = ""
    """The user's name of it: `w`, `model.fc1.weight`; empty if the user has none."""
    shape: Shape = ()
    """Sizes of the axes; `()` for a scalar."""
    differentiable: bool = True
    """Autograd hands it a gradient."""
    dtype: str = "float32"
    """Without the prefix."""
    smallest: float | None = None
    """Its smallest element, if the caller looked: lets a formula leave out what cannot be (ignored class indices)."""


@dataclass(frozen=True, slots=True)
class Call:
    """An op with its arguments, as the tape recorded it."""

    op: str
    """The API's name: `matmul`, `add_`, `__rsub__`, `cross_entropy`."""
    inputs: tuple[Argument, ...]
    """Its tensors, in the order of the arguments."""
    scalars: tuple[int | float | str, ...]
    """Its numbers, truth values and strings, in the order of the arguments."""
    output: Argument
    """Its result; of several the first."""
    signature: str = ""
    """Where each argument stood: `t s dim= s`, as `parse` reads it; without it calls with scalars are not known."""
    node: str = ""
    """Name of its autograd node, `MulBackward0`, where the op is that one node and the name is known."""


@dataclass(frozen=True, slots=True)
class Ref:
    """A tensor among the parsed arguments."""

    index: int
    """Its place in `Call.inputs`."""


@dataclass(frozen=True, slots=True)
class Other:
    """What is no tensor, number or string: a slice, `...`, a dtype."""

    text: str
    """As it is written; `?` if that is not known."""


Parsed = tuple[list[object], dict[str, object]]
"""Positional and keyword arguments: `Ref`, number, string, None, `Other`, or tuples of these."""


def parse(call: Call) -> Parsed | None:
    """The arguments of a call from its signature; None if they do not fit together.

    A signature is a word for each argument: `t` a tensor, `s` a number or string, `None`, `(` ... `)` around those of a
    list, `name=` before one given by keyword; any other word is the text of a slice, or `?`.
    """
    signature = call.signature or (" ".join("t" for _ in call.inputs) if not call.scalars else "")
    words = signature.split()
    tensors = iter(range(len(call.inputs)))
    scalars = iter(call.scalars)
    open_lists: list[list[object]] = [[]]
    keywords: dict[str, object] = {}
    keys: list[str] = []
    try:
        for word in words:
            if word.endswith("=") and len(open_lists) == 1:
                keys.append(word[:-1])
                continue
            if word == "(":
                open_lists.append([])
                continue
            value = tuple(open_lists.pop()) if word == ")" else _value(word, tensors, scalars)
            if keys and len(open_lists) == 1:
                keywords[keys.pop()] = value
            else:
                open_lists[-1].append(value)
    except StopIteration:
        return None
    if next(tensors, None) is not None or next(scalars, None) is not None:
        return None
    return open_lists[0], keywords


def _value(word: str, tensors: object, scalars: object) -> object:
    if word == "t":
        return Ref(next(tensors))  # type: ignore[call-overload]
    if word == "s":
        return next(scalars)  # type: ignore[call-overload]
    return None if word == "None" else Other(word)
