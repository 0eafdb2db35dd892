"""PyTorch's own derivatives: `derivatives.yaml` of the installed torch, read as text, by the name of a node."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_ENTRY = re.compile(r"^- name: ", re.MULTILINE)
_KEY = re.compile(r"^( +)([\w, ]+?):(?: +(.*))?$")
_PARAMETER = re.compile(r"(\S+)\s+(\w+)(?:=\S+)?\s*$")
_LONGEST = 160
"""Letters of a rule that are shown."""


@dataclass(frozen=True, slots=True)
class Entry:
    """The rules of one autograd node."""

    tensors: tuple[str, ...]
    """Names of the op's tensor arguments, in their order."""
    rules: Mapping[str, str]
    """What each differentiable one gets, as PyTorch writes it."""


class PyTorchRules:
    """Finds the entry of a node; reads the file when it is first asked."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._entries: Mapping[str, Entry] | None = None

    def entry(self, node: str) -> Entry | None:
        """The entry of a node such as `MulBackward0`; None if PyTorch has none, or ships no such file."""
        if self._entries is None:
            path = self._path or find_file()
            text = path.read_text(encoding="utf-8") if path is not None else ""
            self._entries = dict(_named(text))
        return self._entries.get(node)

    def rule(self, node: str, index: int, inputs: int) -> str:
        """The rule for that tensor input of a node: `MulBackward0: grad * other`; empty if it is not to be had.

        Where the op's inputs are not those of the node, the rules of all are given with their names.
        """
        entry = self.entry(node)
        if entry is None or not entry.rules:
            return ""
        if len(entry.tensors) == inputs and entry.tensors[index] in entry.rules:
            text = entry.rules[entry.tensors[index]]
        elif len(entry.tensors) == inputs:
            return ""
        else:
            text = "; ".join(f"{name}: {rule}" for name, rule in entry.rules.items())
        text = f"{node}: {text}"
        return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def find_file() -> Path | None:
    """`derivatives.yaml` of the installed torch, which is not imported for it."""
    found = importlib.util.find_spec("torchgen")
    for folder in (found.submodule_search_locations or ()) if found is not None else ():
        path = Path(folder, "packaged", "autograd", "derivatives.yaml")
        if path.is_file():
            return path
    return None


def _named(text: str) -> Iterator[tuple[str, Entry]]:
    """Entries by node name: PyTorch numbers those of one prefix in the order of the file."""
    numbers: dict[str, int] = {}
    for block in _ENTRY.split(text)[1:]:
        signature, _, body = block.partition("\n")
        tensors = tuple(_tensors(signature))
        base = re.split(r"[.(]", signature, maxsplit=1)[0]
        prefix = "".join(part.title() for part in base.split("_")) + "Backward"
        prefix = prefix.replace("ForwardBackward", "Backward")
        for dispatch, keys in _keys(body).items():
            rules = {name: rule for name, rule in _each(keys) if name in tensors and rule != "non_differentiable"}
            if not rules:
                continue
            name = prefix + dispatch
            number = numbers[name] = numbers.get(name, -1) + 1
            yield f"{name}{number}", Entry(tensors, rules)


def _each(keys: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for key, rule in keys.items():
        for name in key.split(","):
            yield name.strip(), rule


def _tensors(signature: str) -> Iterator[str]:
    """`mul.Tensor(Tensor self, Tensor other) -> Tensor`: `self`, `other`."""
    inside = signature.partition("(")[2].rpartition(" -> ")[0].rpartition(")")[0]
    depth, start = 0, 0
    for end, letter in enumerate(f"{inside},"):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            found = _PARAMETER.search(re.sub(r"\([^()]*\)", "", inside[start:end]).strip())
            start = end + 1
            if found and found[1].startswith("Tensor"):
                yield found[2]


def _keys(body: str) -> dict[str, dict[str, str]]:
    """Rules by dispatch key ("" is the default), each on one line."""
    found: dict[str, dict[str, str]] = {"": {}}
    dispatch, current = "", ""
    for line in body.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        key = _KEY.match(line)
        depth = len(key[1]) if key else 99
        if key and depth == 4 and key[3] is None:
            dispatch = "" if key[2] == "Default" else key[2]
            found.setdefault(dispatch, {})
        elif key and depth in (2, 6):
            current = key[2]
            if current != "dispatch":
                found[dispatch][current] = (key[3] or "").strip().strip('"')
        elif current in found[dispatch]:
            found[dispatch][current] = f"{found[dispatch][current]} {line.strip()}".strip().lstrip("|> ").strip('"')
    return found
