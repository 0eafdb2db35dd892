"""The user's names of tensors: variables of the paused frames by identity, parameters of the modules found there."""

from __future__ import annotations

import dis
import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache
from types import CodeType, FrameType, ModuleType
from typing import Any

from torch import Tensor, nn

from gradstep.model.graph import Module
from gradstep.program.host.frames import is_user_file, user_frames
from gradstep.program.leaves.module_names import KnownModules
from gradstep.program.leaves.objects import attributes_of, fields_of, file_defining

_MODULE, _VARIABLE, _ATTRIBUTE, _ITEM = range(4)
_LONGEST = 512
"""Longer containers are not searched."""

Rank = tuple[bool, int, int, int]
"""Smaller is better: a name through `self` last, then the kind of name, its distance, its order."""


class Scope:
    """What the paused program can name: tensors, and the modules and parameters in sight."""

    def __init__(self, frame: FrameType | None, known: KnownModules | None = None) -> None:
        """`known`: what was found in modules before, and what is found now."""
        self._known = known if known is not None else KnownModules()
        self.names: dict[int, str] = {}
        self.bound: dict[str, int] = {}
        """Which tensor (by identity) a name stands for; the innermost binding wins."""
        self.parameters: dict[int, Tensor] = {}
        """Parameters of the modules in sight."""
        self.tensors: dict[int, Tensor] = {}
        """All tensors that have a name."""
        self.modules: dict[int, Module] = {}
        """The modules in sight, by identity."""
        self.libraries: dict[str, bool] = {}
        """Of those whose class is not torch's by path whether it is an installed library's."""
        self._ranks: dict[int, Rank] = {}
        self._seen: set[int] = set()
        self._later: list[tuple[str, Any, int, int]] = []
        """Containers and objects, looked into only after all that has a name of its own."""
        self._order = 0
        own: list[tuple[Any, int]] = []
        for distance, variables in enumerate(variables_of(frame)):
            for name, value in list(variables.items()):
                if type(name) is not str:
                    continue
                if name == "self":
                    own.append((value, distance))
                elif not name.startswith("__"):
                    self._look(name, value, distance, 0)
        self._look_later()
        for value, distance in reversed(own):  # inside a module it is the outer name that is known outside, too
            self._look("self", value, distance, 0)
            self._look_later()

    def name_of(self, tensor: Tensor | None) -> str:
        """The user's name of a tensor; empty if there is none."""
        return self.names.get(id(tensor), "") if tensor is not None else ""

    def expect(self, tensor: Tensor, name: str) -> None:
        """That tensor is about to be bound to that name, which another one loses."""
        if name:
            before = self.bound.get(name, 0)
            if self.names.get(before) == name:
                del self.names[before]
            self.names.setdefault(id(tensor), name)
            self.bound[name] = id(tensor)

    def _put(self, tensor: Tensor, name: str, kind: int, distance: int) -> None:
        self._order += 1
        through_self = name.startswith("self.")
        rank = (through_self, kind, distance, self._order)
        name = name.removeprefix("self.")
        self.tensors[id(tensor)] = tensor
        self.bound.setdefault(name, id(tensor))
        if id(tensor) not in self._ranks or rank < self._ranks[id(tensor)]:
            self._ranks[id(tensor)] = rank
            self.names[id(tensor)] = name

    def _look_later(self) -> None:
        for name, value, distance, depth in self._later:
            self._inside(name, value, distance, depth)
        self._later.clear()

    def _look(self, name: str, value: Any, distance: int, depth: int) -> None:
        kind = type(value)
        if issubclass(kind, Tensor):
            self._put(value, name, (_VARIABLE, _ATTRIBUTE, _ITEM, _ITEM)[depth], distance)
        elif issubclass(kind, nn.Module):
            self._module(name, value, distance)
        elif depth < 2 and id(kind) not in _PLAIN and not issubclass(kind, (type, ModuleType)):
            self._later.append((name, value, distance, depth))

    def _inside(self, name: str, value: Any, distance: int, depth: int) -> None:
        if id(value) in self._seen:
            return
        self._seen.add(id(value))
        items: Iterable[tuple[str, Any]] = ()
        kind = type(value)
        fields = fields_of(kind)
        if fields:
            items = ((f"{name}.{field}", item) for field, item in zip(fields, tuple.__iter__(value), strict=False))
        elif (kind is list or kind is tuple) and len(value) <= _LONGEST:
            items = ((f"{name}[{index}]", item) for index, item in enumerate(value))
        elif issubclass(kind, dict) and dict.__len__(value) <= _LONGEST:
            items = ((f"{name}[{key!r}]", item) for key, item in list(dict.items(value)) if type(key) in (str, int))
        elif is_user_file(file_defining(kind) or "<none>"):
            attributes = attributes_of(value)
            if len(attributes) <= _LONGEST:
                items = ((f"{name}.{key}", item) for key, item in attributes.items())
        for inner, item in items:
            self._look(inner, item, distance, depth + 1)

    def _module(self, name: str, module: nn.Module, distance: int) -> None:
        if id(module) in self._seen:
            return
        self._seen.add(id(module))
        holding = self._known.look(name, module)
        found, through_self = holding.names, name == "self" or name.startswith("self.")
        if not (through_self and id(module) in self.modules):  # else all that is in it has a better name
            self.tensors.update(holding.tensors())
            self.parameters.update(holding.parameters())
            for path, value in holding.unregistered():
                self._unregistered(path, value, distance)
        for path, library in found.libraries.items():
            self.libraries.setdefault(path, library)
        self._order += 1
        rank = (through_self, _MODULE, distance, self._order)
        clashes = found.names.keys() & self._ranks.keys()
        new = [number for number in found.names if number not in clashes or rank < self._ranks[number]]
        self._ranks.update(dict.fromkeys(new, rank))
        self.names.update(found.names if not clashes else {number: found.names[number] for number in new})
        for path, number in found.bound.items():
            self.bound.setdefault(path, number)
        for number, named in found.named.items():
            self.modules.setdefault(number, named)

    def _unregistered(self, path: str, value: Any, distance: int) -> None:
        """What a module holds without knowing of it: layers in a list or a dict, a tensor that is no parameter."""
        kind = type(value)
        if (kind is list or kind is tuple or kind is dict) and value:
            first = next(iter(value.values() if kind is dict else value))
            if issubclass(type(first), (Tensor, nn.Module)):
                self._later.append((path, value, distance, 1))
        elif issubclass(kind, Tensor):
            self._put(value, path, _MODULE, distance)


def name_to_come(frame: FrameType | None, op: str) -> str:
    """The variable that the result of the op now under way is assigned to next; empty if that is not sure.

    `frame`: the one that called the op. Between it and the user's line only torch's own wrappers of the op may stand.
    """
    while frame is not None and not is_user_file(frame.f_code.co_filename):
        if frame.f_code.co_name not in (op, "handle_torch_function", "wrapped"):
            return ""
        frame = frame.f_back
    return assigned_at(frame.f_code, frame.f_lasti) if frame is not None else ""


@lru_cache(4096)
def assigned_at(code: CodeType | None, instruction: int) -> str:
    """The variable to which the result of the call at that bytecode offset is assigned; empty if it is to none."""
    if code is None:
        return ""
    following = (item for item in dis.get_instructions(code) if item.offset > instruction and item.opname != "CACHE")
    after = next(following, None)
    if after is None or not after.opname.startswith(("STORE_FAST", "STORE_NAME", "STORE_GLOBAL", "STORE_DEREF")):
        return ""
    return str(after.argval[0] if isinstance(after.argval, tuple) else after.argval)


_PLAIN = frozenset(map(id, (int, float, str, bytes, bool, type(None), complex, type(len), type(_VARIABLE.__add__))))
"""By identity: the hash of a class may be its metaclass's."""


def variable_in(frame: FrameType, tensor: Tensor) -> str:
    """The variable of that very frame that holds a tensor; empty if none does."""
    return next((name for name, value in list(frame.f_locals.items()) if value is tensor), "")


def variables_of(frame: FrameType | None) -> Iterator[dict[str, Any]]:
    """Variables of the user's frames, innermost first, then the globals they see and those of `__main__`."""
    tables: list[dict[str, Any]] = []
    for part in user_frames(frame):
        if part.f_locals is not part.f_globals:
            yield dict(part.f_locals)
        if all(part.f_globals is not table for table in tables):
            tables.append(part.f_globals)
    main = getattr(sys.modules.get("__main__"), "__dict__", {})
    if all(main is not table for table in tables):
        tables.append(main)
    yield from tables
