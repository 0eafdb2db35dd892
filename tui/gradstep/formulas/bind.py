"""Arguments of a call to the parameters of a row."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from gradstep.formulas.call import Argument, Call, Other, Parsed, Ref
from gradstep.formulas.row import Bound, Row

_WITHOUT_EFFECT = frozenset("inplace _stacklevel memory_format out non_blocking copy dtype requires_grad".split())
"""Keywords that leave a derivative as it is."""


def bind(row: Row, call: Call, parsed: Parsed) -> Bound | None:
    """The call's arguments by parameter; None if the row's parameters do not fit them or its condition is not met."""
    given = _assign(row.parameters.split(), parsed)
    if given is None:
        return None
    values: dict[str, object] = {}
    tensors: dict[str, Argument] = {}
    places = [""] * len(call.inputs)
    for name, value in given.items():
        items = [(name, value)] if not _holds_tensors(value) else _numbered(name, value)
        for key, item in items:
            if isinstance(item, Ref):
                tensors[key] = call.inputs[item.index]
                places[item.index] = key
            else:
                values[key] = item
    bound = Bound(values, tensors, tuple(places), call.output)
    return bound if row.when(bound) else None


def _assign(parameters: list[str], parsed: Parsed) -> dict[str, object] | None:
    positional, keywords = list(parsed[0]), dict(parsed[1])
    given: dict[str, object] = {}
    for parameter in parameters:
        name, _, default = parameter.partition("=")
        plain = name.lstrip("$*")
        if "*" in name:
            rest, positional = _rest(plain, positional, keywords)
        elif positional:
            rest = positional.pop(0)
        elif plain in keywords:
            rest = keywords.pop(plain)
        elif default:
            rest = ast.literal_eval(default)
        else:
            return None
        if plain != "_":
            if plain != "at" and not _fits(rest, may_be_tensor=name.startswith("$")):
                return None
            given[plain] = rest
        elif _holds_tensors(rest):
            given[plain] = rest
    surplus = [value for value in positional if value is not None]
    surplus += [value for key, value in keywords.items() if value is not None and key not in _WITHOUT_EFFECT]
    return None if surplus else given


def _rest(name: str, positional: list[object], keywords: dict[str, object]) -> tuple[object, list[object]]:
    """What `*name` takes, and what it leaves: one list, else everything."""
    if name == "_":
        keywords.clear()
    elif positional and isinstance(positional[0], tuple):
        return positional[0], positional[1:]
    return tuple(positional) or keywords.pop(name, ()), []


def _fits(value: object, *, may_be_tensor: bool) -> bool:
    if isinstance(value, tuple):
        return all(_fits(item, may_be_tensor=may_be_tensor) for item in value)
    return may_be_tensor if isinstance(value, Ref) else not isinstance(value, Other) or value.text != "?"


def _holds_tensors(value: object) -> bool:
    return isinstance(value, tuple) and any(isinstance(item, Ref) or _holds_tensors(item) for item in value)


def _numbered(name: str, value: object) -> list[tuple[str, object]]:
    """The tensors of a list, nested or not, one name each; the list itself keeps its name for what is no tensor."""
    flat: list[object] = []
    pending = [value]
    while pending:
        item = pending.pop(0)
        if isinstance(item, tuple):
            pending[:0] = item
        elif isinstance(item, Ref):
            flat.append(item)
    return [(name, value), *((f"{name}_{number}", item) for number, item in enumerate(flat))]


def row_of(call: Call, parsed: Parsed | None, rows: Mapping[str, tuple[Row, ...]]) -> tuple[Row, Bound] | None:
    """The first row for the call's op that fits it."""
    if parsed is None:
        return None
    name = call.op if call.op.startswith("__") else call.op.rstrip("_")
    for row in rows.get(name, ()):
        bound = bind(row, call, parsed)
        if bound is not None and (row.linear or not _complex(call)):
            return row, bound
    return None


def _complex(call: Call) -> bool:
    return any(item.dtype.startswith("complex") for item in (*call.inputs, call.output))
