"""Names of what a module holds: made once, and made again only when it holds something else."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import compress
from typing import Any

from torch import Tensor, nn

from gradstep.model.graph import Module

_OWN = frozenset(nn.Module().__dict__)
"""Attributes that every module has."""

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
    is_tensor: list[bool]
    """Of the tensors among `held` whether they are one; tables hold None too."""
    is_parameter: list[bool]

    @classmethod
    def of(cls, name: str, module: nn.Module) -> ModuleNames:
        """Walk through it."""
        parts = list(module.named_modules(prefix=name))
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
            [item is not None for item in tensors],
            [isinstance(item, nn.Parameter) for item in tensors],
        )

    def alive(self) -> list[nn.Module] | None:
        """Its parts, if all of them hold what they held."""
        parts = [part for _, ref in self.parts if (part := ref()) is not None]
        same = len(parts) == len(self.parts) and _identities(tensors_of(parts), parts) == self.held
        return parts if same else None

    def tensors(self, parts: Iterable[nn.Module]) -> dict[int, Tensor]:
        """What the parts hold, by identity."""
        return {id(item): item for item in compress(tensors_of(parts), self.is_tensor)}

    def parameters(self, parts: Iterable[nn.Module]) -> dict[int, Tensor]:
        """The parameters among them."""
        return {id(item): item for item in compress(tensors_of(parts), self.is_parameter)}


class KnownModules:
    """The modules that were walked through."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, int], ModuleNames] = {}

    def look(self, name: str, module: nn.Module) -> tuple[ModuleNames, list[nn.Module]]:
        """Names of what that module holds now, and its parts."""
        key = name, id(module)
        known = self._found.get(key)
        parts = known.alive() if known is not None else None
        if known is None or parts is None:
            if len(self._found) >= _MOST:
                self._found.clear()
            known = self._found[key] = ModuleNames.of(name, module)
            parts = [part for _, ref in known.parts if (part := ref()) is not None]
        return known, parts


def tensors_of(parts: Iterable[nn.Module]) -> list[Any]:
    """All that the parts' tables of parameters and buffers hold."""
    return [item for part in parts for item in (*part._parameters.values(), *part._buffers.values())]


def _identities(tensors: list[Any], parts: Iterable[nn.Module]) -> list[int]:
    return [*map(id, tensors), *(id(module) for part in parts for module in part._modules.values())]


def _paths(parts: Iterable[tuple[str, nn.Module]]) -> Iterator[str]:
    for path, part in parts:
        for table in (part._parameters, part._buffers):
            for name in table:
                yield f"{path}.{name}"


def unregistered(module: nn.Module) -> list[tuple[str, Any]]:
    """What a module holds without knowing of it, by name."""
    own = module.__dict__
    return [(name, own[name]) for name in list(own) if name not in _OWN and not name.startswith("_")]
