"""Names of leaves in modules that only a library holds: a trainer's, an estimator's, one handed to `fit` at once."""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable, Iterable, Iterator
from types import BuiltinFunctionType, CodeType, FrameType, FunctionType, MethodType, ModuleType
from typing import Any

from torch import Tensor, nn

from gradstep.model.graph import Module
from gradstep.program.leaves.module_names import KnownModules, libraries_of, parts_of
from gradstep.program.leaves.names import variables_of
from gradstep.program.leaves.objects import attributes_of, defined_by

_DEEP = 2
"""Objects in objects are looked into so far."""
_NO_HOLDERS = (nn.Module, Tensor, type, ModuleType, str, int, float, list, tuple, dict, set)
"""Kinds of objects that are not looked into."""
_HIDDEN, _VISITED = 4, 4_000
"""What is not meant to be used is looked into so deep, and no more objects than that."""
_TRIES = 3
"""After so many times in vain it is not looked there any more: it takes time, and some leaves have no name."""
_MOST = 512
"""An object of more attributes is not looked into."""


class HeldModules:
    """Finds them: in the objects that the program's variables stand for, in a library's frames, among those called."""

    def __init__(self, outermost: Callable[[], Iterable[nn.Module]]) -> None:
        """`outermost`: the modules that were called outside of all others."""
        self._outermost = outermost
        self._known = KnownModules()
        self._classes: dict[str, list[weakref.ref[nn.Module]]] = {}
        """The modules that have no other name than their class, in the order in which they were met."""
        self._roots: list[weakref.ref[nn.Module]] = []
        """Those in which names were found."""
        self._paths: dict[int, tuple[weakref.ref[nn.Module], Module]] = {}
        self._libraries: dict[str, bool] = {}
        self._vain = 0
        """How often nothing was found where things are not meant to be used."""

    def names(self, frame: FrameType | None, missing: set[int]) -> dict[int, str]:
        """Names of the tensors among `missing`, by identity, as far as they are found."""
        found: dict[int, str] = {}
        met: set[int] = set()
        for name, held in self._held(frame):
            if id(held) in met:
                continue
            met.add(id(held))
            if isinstance(held, Tensor):
                if name and id(held) in missing:
                    found.setdefault(id(held), name)
            else:
                found |= self._named(name, held, missing - found.keys())
            if len(found) == len(missing):
                return found
        before = len(found)
        for key, held in _hidden(frame) if self._vain < _TRIES else ():
            if isinstance(held, Tensor):
                if key and id(held) in missing:
                    found.setdefault(id(held), key)
            elif id(held) not in met:
                met.add(id(held))
                found |= self._named("", held, missing - found.keys())
            if len(found) == len(missing):
                break
        self._vain += len(found) == before
        return found

    def order(self) -> list[int]:
        """The parameters of the modules in which names were found, by identity, as named_parameters has them."""
        alive = [module for ref in self._roots if (module := ref()) is not None]
        return [id(item) for root in alive for _, part in parts_of("", root) for item in part._parameters.values()]

    def _named(self, name: str, module: nn.Module, missing: set[int]) -> dict[int, str]:
        """Names of what a module holds of those; by its class, if it has no name of its own."""
        paths = self._known.look(name or "_", module).names.names
        new = {number: path for number, path in paths.items() if number in missing}
        if not new:
            return {}
        own = name or self._class_of(module)
        self._roots = [ref for ref in self._roots if ref() not in (None, module)] + [weakref.ref(module)]
        self._paths = {number: known for number, known in self._paths.items() if known[0]() is not None}
        parts = parts_of(own, module)
        self._libraries |= libraries_of(parts)
        for path, part in parts:
            self._paths[id(part)] = weakref.ref(part), Module(path, type(part).__name__)
        return {number: own + path.removeprefix(name or "_") for number, path in new.items()}

    def modules(self) -> dict[int, Module]:
        """The modules in which names were found, with all that are in them, by identity."""
        return {number: path for number, (ref, path) in self._paths.items() if ref() is not None}

    def libraries(self) -> dict[str, bool]:
        """Of those whose class is not torch's by path whether it is an installed library's."""
        return self._libraries

    def _held(self, frame: FrameType | None) -> Iterator[tuple[str, nn.Module | Tensor]]:
        """Modules and tensors by the names that lead to them, the best first; without one where it is no user's."""
        for table in variables_of(frame):
            for name, value in list(table.items()):
                if type(name) is str and not name.startswith("_") and name != "self":
                    yield from _inside(name, value, _DEEP)
        while frame is not None:
            for name, value in list(frame.f_locals.items()):
                if issubclass(type(value), nn.Module):
                    yield "", value
                elif name == "self":
                    for path, module in _inside("self", value, 1):
                        yield path.removeprefix("self."), module
            frame = frame.f_back
        for module in self._outermost():
            yield "", module

    def _class_of(self, module: nn.Module) -> str:
        """`Net`; `Net_2` for the second one of that class."""
        known = self._classes.setdefault(type(module).__name__, [])
        place = next((place for place, ref in enumerate(known) if ref() is module), len(known))
        if place == len(known):
            known.append(weakref.ref(module))
        return type(module).__name__ + (f"_{place + 1}" if place else "")


def _inside(name: str, value: Any, depth: int) -> Iterator[tuple[str, nn.Module | Tensor]]:
    """Modules and tensors that an object holds under names that are meant to be used."""
    if issubclass(type(value), _NO_HOLDERS):
        return
    attributes = attributes_of(value)
    if len(attributes) > _MOST or defined_by(type(value)) in sys.stdlib_module_names:
        return
    public = [(key, item) for key, item in attributes.items() if type(key) is str and not key.startswith("_")]
    for key, item in public:
        if issubclass(type(item), (nn.Module, Tensor)):
            yield f"{name}.{key}", item
    for key, item in public if depth > 1 else ():
        yield from _inside(f"{name}.{key}", item, depth - 1)


def _hidden(frame: FrameType | None) -> Iterator[tuple[str, nn.Module | Tensor]]:
    """Modules, and tensors by their keys, that are held somewhere: a callback's average, a library's store."""
    pending = [(value, 0) for table in variables_of(frame) for name, value in list(table.items()) if name[:2] != "__"]
    packages = set()
    while frame is not None:
        packages.add(str(frame.f_globals.get("__name__", "")).partition(".")[0])
        pending.append((frame.f_locals.get("self"), 0))
        frame = frame.f_back
    packages -= {"torch", "gradstep", "__main__", ""} | sys.stdlib_module_names
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in packages:
            pending += [(value, 1) for value in list(vars(module).values())]
    seen: set[int] = set()
    at = 0
    while at < len(pending) and len(seen) < _VISITED:
        value, depth = pending[at]
        at += 1
        kind = type(value)
        if id(value) in seen or issubclass(kind, _NEVER) or kind in _PLAIN_TYPES:
            continue
        seen.add(id(value))
        if issubclass(kind, nn.Module):
            yield "", value
        elif depth < _HIDDEN:
            pending += [(item, depth + 1) for item in _contents(value)]
            if issubclass(kind, dict):
                yield from (
                    (key, item)
                    for key, item in list(dict.items(value))
                    if type(key) is str and isinstance(item, Tensor)
                )


def _contents(value: Any) -> list[Any]:
    """What a container or an object of a class of its own holds."""
    kind = type(value)
    if issubclass(kind, dict):
        return list(dict.values(value)) if dict.__len__(value) <= _MOST else []
    if kind in (list, tuple, set):
        return list(value) if len(value) <= _MOST else []
    if kind.__module__ in sys.stdlib_module_names:
        return []
    attributes = attributes_of(value)
    return list(attributes.values()) if len(attributes) <= _MOST else []


_NEVER = (Tensor, type, ModuleType, FunctionType, BuiltinFunctionType, MethodType, CodeType, FrameType)
_PLAIN_TYPES = frozenset((int, float, str, bytes, bool, complex, type(None)))
