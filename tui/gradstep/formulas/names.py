"""What the tensors of a call are called in its formulas: the user's names, short, and no two alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from gradstep.formulas.call import Other, Ref
from gradstep.formulas.row import Bound
from gradstep.formulas.vocabulary import LETTERS

_DIGITS = str.maketrans("0123456789,", "₀₁₂₃₄₅₆₇₈₉‚")
_LONGEST = 24
"""Letters of a name that is written out."""


def subscript(text: str) -> str:
    """Digits below the line."""
    return text.translate(_DIGITS)


def display_names(bound: Bound, lets: Iterable[str]) -> dict[str, str]:
    """The text for each name of the expressions; `out` is "" if the user has no name for it.

    A result that replaces its input under the same name (`x = relu(x)`) is written out instead. An input that stands
    at two places gets a number at each, for each has its own derivative.
    """
    given = {key: item.name for key, item in bound.tensors.items()}
    short = _shortened({name for name in (*given.values(), bound.output.name) if name})
    output = "" if bound.output.name in given.values() else short.get(bound.output.name, "")
    texts = {"grad": "δ", "grads": "δ", "out": output}
    taken = Counter(short[name] for name in given.values() if name)
    used: dict[str, int] = {}
    for key, name in given.items():
        if not name:
            continue
        text = short[name]
        if taken[text] > 1:
            used[text] = used.get(text, 0) + 1
            text += subscript(str(used[text]))
        texts[key] = text
    busy = {"δ", output, *texts.values()}
    for key in (*(key for key in given if key not in texts), *lets):
        texts[key] = _free(_letter(key), busy)
        busy.add(texts[key])
    if "at" in bound.values or bound.has("at"):
        texts["at"] = f"[{_index(bound.values.get('at', ()), texts)}]"
    return texts


def _index(value: object, texts: Mapping[str, str]) -> str:
    """An index as it is typed: `:, 1`; tensors by their names."""
    names = iter(texts[key] for key in texts if key.startswith("at_"))
    parts = value if isinstance(value, tuple) else (value,)
    return ", ".join(_typed(part, names) for part in parts) or texts.get("at", "")


def _typed(part: object, names: Iterator[str]) -> str:
    if isinstance(part, Ref):
        return next(names)
    if isinstance(part, Other):
        return "…" if part.text in ("?", "...") else part.text
    return f"[{', '.join(_typed(item, names) for item in part)}]" if isinstance(part, tuple) else str(part)


def _letter(key: str) -> str:
    stem, _, index = key.rpartition("_")
    if key not in LETTERS and stem and index.isdigit():
        return "x" + subscript(str(int(index) + 1))
    return LETTERS.get(key, key)


def _free(letter: str, busy: set[str]) -> str:
    return letter if letter not in busy else _free(f"{letter}'", busy)


def _shortened(names: set[str]) -> Mapping[str, str]:
    """`model.blocks.0.fc1.weight` is `fc1.weight`, unless another name of the call would be the same."""
    for kept in range(2, 12):
        short = {name: _last_parts(name, kept) for name in names}
        if len(set(short.values())) == len(names):
            return short
    return {name: name for name in names}


def _last_parts(name: str, kept: int) -> str:
    parts = name.split(".")
    first = max(0, len(parts) - kept)
    while first > 0 and parts[first].isdigit():
        first -= 1
    text = ".".join(parts[first:])
    return text if len(text) <= _LONGEST or first == 0 or kept > 2 else ".".join(parts[-2:])
