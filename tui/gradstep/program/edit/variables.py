"""The variables that the paused program sees, to be read and really changed."""

from __future__ import annotations

import builtins
import ctypes
import inspect
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any

from gradstep.program.host.frames import user_frames

_WRITTEN_THROUGH = sys.version_info >= (3, 13)
"""What is put into `frame.f_locals` is the variable itself."""


@dataclass(frozen=True)
class Scope:
    """One table of variables: a function that is under way, or a module."""

    table: dict[str, Any]
    """Of a function its variables as they were when they were looked up."""
    frame: FrameType | None = None
    """None for a module."""

    @property
    def name(self) -> str:
        """The function, or the module."""
        if self.frame is not None:
            return self.frame.f_code.co_name
        return str(self.table.get("__name__", "")).replace("__main__", "<module>")

    def owns(self, name: str) -> bool:
        """Whether a variable of that name would be this scope's."""
        if self.frame is None:
            return name in self.table
        code = self.frame.f_code
        return name in (*code.co_varnames, *code.co_cellvars, *code.co_freevars)

    def get(self) -> dict[str, Any]:
        """The variables as they are now."""
        return dict(self.frame.f_locals) if self.frame is not None else self.table

    def set(self, name: str, value: Any) -> None:
        """Change a variable."""
        if self.frame is None:
            self.table[name] = value
            return
        self.frame.f_locals[name] = value
        if not _WRITTEN_THROUGH:
            ctypes.pythonapi.PyFrame_LocalsToFast(ctypes.py_object(self.frame), ctypes.c_int(0))


def scopes_of(frame: FrameType | None) -> list[Scope]:
    """The user's functions that are under way, the innermost first, each before the module that it stands in."""
    found: list[Scope] = []
    tables: list[dict[str, Any]] = []
    for part in user_frames(frame):
        if part.f_code.co_flags & inspect.CO_OPTIMIZED:
            found.append(Scope(part.f_locals, part))
        if all(part.f_globals is not table for table in tables):
            tables.append(part.f_globals)
            found.append(Scope(part.f_globals))
    main = sys.modules["__main__"].__dict__
    if all(main is not table for table in tables):
        found.append(Scope(main))
    return found


class Variables(dict[str, Any]):
    """Stands for the globals and the locals of code that runs in a function under way.

    Read: the function's own variables, its module's, the builtins, then those of the functions that called it. Written:
    where the name is found, else the module. Its own storage holds only what nothing but a real dict can take.
    """

    def __init__(self, scopes: list[Scope]) -> None:
        super().__init__()
        self.scopes = scopes
        self.written: dict[str, Scope] = {}
        """What was changed, and where."""
        self.bound = ""
        """The function's variable that was to be deleted: Python lets others only set it."""

    def __getitem__(self, name: str) -> Any:
        if dict.__contains__(self, name):
            return dict.__getitem__(self, name)
        scope = self._find(name)
        if scope is None:
            raise KeyError(name)
        return scope.get()[name]

    def __contains__(self, name: object) -> bool:
        return dict.__contains__(self, name) or (isinstance(name, str) and self._find(name) is not None)

    def __setitem__(self, name: str, value: Any) -> None:
        own = self.scopes[0]
        scope = own if own.owns(name) else self._find(name) or self._module()
        scope.set(name, value)
        self.written[name] = scope

    def __delitem__(self, name: str) -> None:
        scope = self._find(name)
        if scope is None or scope.frame is not None:
            self.bound = name if scope is not None else ""
            raise KeyError(name)
        del scope.table[name]

    def _find(self, name: str) -> Scope | None:
        for at, scope in enumerate(self.scopes):
            if at == self._own and hasattr(builtins, name):
                return None
            if name in scope.get():
                return scope
        return None

    @property
    def _own(self) -> int:
        """How many scopes come before the builtins: those of the innermost function."""
        return self.scopes.index(self._module()) + 1

    def _module(self) -> Scope:
        return next(scope for scope in self.scopes if scope.frame is None)

    def close(self, codes: Iterable[CodeType]) -> None:
        """The code has run: let go of the frames. What a function that it made still refers to stays, by value."""
        module = self._module()
        for name in [name for name in dict.keys(self) if name != "__builtins__"]:
            self[name] = dict.pop(self, name)
        names = {name for code in codes for name in _names_inside(code) if name not in module.table}
        kept = {name: self[name] for name in names if name in self}
        self.scopes = [module]
        dict.update(self, kept)


def _names_inside(code: CodeType) -> Iterator[str]:
    """Global names of the functions that a code makes."""
    for inner in _codes(code.co_consts):
        yield from inner.co_names
        yield from _names_inside(inner)


def _codes(constants: Iterable[object]) -> Iterator[CodeType]:
    return (item for item in constants if isinstance(item, CodeType))
