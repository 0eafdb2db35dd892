"""Names of what a module holds: made once, and made again only when it holds something else."""

from __future__ import annotations

import sys
import weakref
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import compress
from typing import Any

from torch import Tensor, nn

from gradstep.model.graph import Module
from gradstep.program.host.frames import is_user_file

_OWN = frozenset(nn.Module().__dict__)
"""Attributes that every module has."""

_PLAIN = frozenset(map(id, (bool, int, float, str, type(None))))

_MOST = 256
"""Modules by which that many names lead that are remembered."""


@dataclass(frozen=True, eq=False)
class ModuleNames:
    """One module with all that are in it; it keeps none of them alive."""

    parts: tuple[tuple[str, weakref.ref[nn.Module]], ...]
    """Modules by path, itself first."""
    held: list[int]
    """By identity what the parts' tables held: first all tensors, then all modules, in their order."""
    named: dict[int, Module]
    """The parts by identity."""
    names: dict[int, str]
    """The first path of each tensor, by identity."""
    bound: dict[str, int]
    """Which tensor each path stands for."""
    libraries: dict[str, bool]
    """By path the parts whose class is not torch's: whether it is an installed library's."""
    is_tensor: list[bool]
    """Of the tensors among `held` whether they are one; tables hold None too."""
    is_parameter: list[bool]
    attributes: dict[int, tuple[int, tuple[str, ...]]] = field(default_factory=dict)
    """Of each part how many attributes it had, and those that are its own, not every module's."""

    @classmethod
    def of(cls, name: str, parts: list[tuple[str, nn.Module]]) -> ModuleNames:
        """Of the module of that name with those parts, itself first."""
        alive = [part for _, part in parts]
        tensors = tensors_of(alive)
        paths = [path.removeprefix("self.") for path in _paths(parts)]
        pairs = [(path, id(item)) for path, item in zip(paths, tensors, strict=True) if item is not None]
        return cls(
            tuple((path, weakref.ref(part)) for path, part in parts),
            _identities(tensors, alive),
            {id(part): Module(path.removeprefix("self.") or name, type(part).__name__) for path, part in parts},
            {number: path for path, number in reversed(pairs)},
            dict(reversed(pairs)),
            libraries_of([(path.removeprefix("self.") or name, part) for path, part in parts]),
            [item is not None for item in tensors],
            [isinstance(item, nn.Parameter) for item in tensors],
        )

    def holding(self) -> Holding | None:
        """What its parts hold, if that is what they held."""
        parts = [part for _, ref in self.parts if (part := ref()) is not None]
        tensors = tensors_of(parts)
        same = len(parts) == len(self.parts) and _identities(tensors, parts) == self.held
        return Holding(self, parts, tensors) if same else None


@dataclass(frozen=True, eq=False)
class Holding:
    """What a module and its parts hold right now, and its names."""

    names: ModuleNames
    parts: list[nn.Module]
    _tensors: list[Any]

    def tensors(self) -> dict[int, Tensor]:
        """All of them, by identity."""
        return {id(item): item for item in compress(self._tensors, self.names.is_tensor)}

    def parameters(self) -> dict[int, Tensor]:
        """The parameters among them."""
        return {id(item): item for item in compress(self._tensors, self.names.is_parameter)}

    def unregistered(self) -> Iterator[tuple[str, Any]]:
        """What the parts hold without knowing of it, by path."""
        attributes = self.names.attributes
        for number, part in enumerate(self.parts):
            own = part.__dict__
            count, names = attributes.get(number, (0, ()))
            if len(own) != count:
                names = tuple(name for name in own if name not in _OWN and not name.startswith("_"))
                attributes[number] = len(own), names
            for name in names:
                value = own.get(name)
                if id(type(value)) not in _PLAIN:
                    yield f"{self.names.parts[number][0]}.{name}", value


class KnownModules:
    """The modules that were walked through."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, int], ModuleNames] = {}

    def look(self, name: str, module: nn.Module) -> Holding:
        """What that module holds now."""
        key = name, id(module)
        known = self._found.get(key)
        holding = known.holding() if known is not None else None
        if holding is None:
            if len(self._found) >= _MOST:
                self._found.clear()
            parts = parts_of(name, module)
            known = self._found[key] = ModuleNames.of(name, parts)
            alive = [part for _, part in parts]
            holding = Holding(known, alive, tensors_of(alive))
        return holding


def parts_of(name: str, module: nn.Module) -> list[tuple[str, nn.Module]]:
    """The module and all that are in it, by path, as `named_modules` has them, which a class may have overridden.

    What is no module yet, because its class has not called `Module.__init__`, is left out.
    """
    found: list[tuple[str, nn.Module]] = []
    met: set[int] = set()
    pending = [(name, module)]
    while pending:
        path, part = pending.pop()
        if id(part) in met:
            continue
        met.add(id(part))
        inside = _inside(part)
        if inside is not None:
            found.append((path, part))
            pending += [(f"{path}.{key}" if path else key, item) for key, item in reversed(inside)]
    return found


def _inside(module: nn.Module) -> list[tuple[str, nn.Module]] | None:
    """The modules right in it; None if it has not all the tables of a module."""
    try:
        tables: tuple[Any, ...] = (module._parameters, module._buffers, module._modules)
        parts = [list(table.items()) for table in tables][2]
    except Exception:  # noqa: BLE001  (its class may raise anything for an attribute that it lacks)
        return None
    return [(key, item) for key, item in parts if type(key) is str and issubclass(type(item), nn.Module)]


def libraries_of(parts: Iterable[tuple[str, nn.Module]]) -> dict[str, bool]:
    """By path the parts whose class is not torch's: whether it is an installed library's, not the program's own."""
    found = {}
    for path, part in parts:
        module = type(part).__module__
        if module.partition(".")[0] != "torch":
            file = getattr(sys.modules.get(module), "__file__", None)
            found[path] = file is not None and not is_user_file(file)
    return found


def library_of(name: str, libraries: Mapping[str, bool]) -> str:
    """Path of the outermost library's module that a leaf of that name is of, with none of the program's own between."""
    found, path = "", name
    while path := path.rpartition(".")[0]:
        if path in libraries:
            if not libraries[path]:
                break
            found = path
    return found


def tensors_of(parts: Iterable[nn.Module]) -> list[Any]:
    """All that the parts' tables of parameters and buffers hold."""
    return [item for part in parts for item in (*part._parameters.values(), *part._buffers.values())]


def _identities(tensors: list[Any], parts: Iterable[nn.Module]) -> list[int]:
    return [*map(id, tensors), *(id(module) for part in parts for module in part._modules.values())]


def _paths(parts: Iterable[tuple[str, nn.Module]]) -> Iterator[str]:
    for path, part in parts:
        for table in (part._parameters, part._buffers):
            for name, _ in table.items():
                yield f"{path}.{name}"
