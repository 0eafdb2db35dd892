"""In which modules an op runs: a stack of the modules whose call is under way."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from types import FunctionType
from typing import Any

from torch import nn
from torch.compiler import is_compiling

from gradstep.program.tensors.private import has

Modules = tuple[int, ...]
"""Modules by identity, the innermost last."""


_RETURN = 7
"""Lines from the head of a wrapper of ours to the call that is shown of it."""


class ModuleStack:
    """Follows `nn.Module.__call__`."""

    def __init__(self) -> None:
        self.current: Modules = ()
        self._outermost: dict[int, weakref.ref[nn.Module]] = {}

    def watch(self) -> None:
        """Wrap the call of every module."""
        if not has("nn.Module.__call__"):
            return
        owner: Any = nn.Module
        run = owner.__call__
        call = _following(self, run, is_compiling)
        if run.__code__.co_names == ("_compiled_call_impl", "_call_impl"):
            call = _in_its_place(self, call, is_compiling)
            owner.__call__ = disguised(call, run.__code__.co_filename, last_line(run), within=run.__globals__)
        else:
            owner.__call__ = disguised(call, run.__code__.co_filename, last_line(run))

    def enter(self, module: nn.Module) -> Modules:
        """That module is called; returns those that were under way already."""
        outer = self.current
        if not outer:
            self.note(module)
        self.current = (*outer, id(module))
        return outer

    def note(self, module: nn.Module) -> None:
        """That module is called outside of all others."""
        if id(module) not in self._outermost:
            self._outermost = {key: ref for key, ref in self._outermost.items() if ref() is not None}
        self._outermost[id(module)] = weakref.ref(module)

    def root(self) -> nn.Module | None:
        """The outermost of the modules whose call is under way."""
        return self.known(self.current[0]) if self.current else None

    def known(self, number: int) -> nn.Module | None:
        """The module of that identity, if it was called outside of all others."""
        ref = self._outermost.get(number)
        return ref() if ref is not None else None

    def outermost(self) -> list[nn.Module]:
        """The modules that were called outside of all others, in the order of their first calls."""
        return [module for ref in self._outermost.values() if (module := ref()) is not None]


def _in_its_place(stack: ModuleStack, otherwise: FunctionType, compiling: Callable[[], bool]) -> FunctionType:
    """Does what torch's own does, in the one frame that it takes: who counts frames (a warning) finds as many."""

    def _wrapped_call_impl(self, *args, **kwargs):  # type: ignore[no-untyped-def]
        if self._compiled_call_impl is not None:
            return otherwise(self, *args, **kwargs)
        if compiling():
            return self._call_impl(*args, **kwargs)
        outer = stack.enter(self)
        try:
            return self._call_impl(*args, **kwargs)
        finally:
            stack.current = outer

    return _wrapped_call_impl  # type: ignore[return-value]


def _following(stack: ModuleStack, run: Callable[..., Any], compiling: Callable[[], bool]) -> FunctionType:
    """Calls torch's own."""

    def _wrapped_call_impl(self: nn.Module, *args: Any, **kwargs: Any) -> Any:
        """Call it."""
        if compiling():
            return run(self, *args, **kwargs)
        outer = stack.enter(self)

        try:
            return run(self, *args, **kwargs)
        finally:
            stack.current = outer

    return _wrapped_call_impl  # type: ignore[return-value]


def disguised(
    call: FunctionType, file: str, line: int, lines: int = _RETURN, within: dict[str, Any] | None = None
) -> FunctionType:
    """The same function as if it stood in a file of torch's own, of which dynamo knows what to skip and what to inline.

    `line`: what a traceback that the program prints shows of it. `lines`: from the head of `call` to where it calls the
    original. `within`: the variables of that file, for a function that needs none of ours.
    """
    code = call.__code__.replace(co_filename=file, co_firstlineno=line - lines)
    names = call.__globals__ if within is None else within
    return FunctionType(code, names, call.__name__, call.__defaults__, call.__closure__)


def last_line(function: FunctionType) -> int:
    """Line in its file on which a function ends, which in torch's wrappers is the call of what they wrap."""
    return max(line for *_, line in function.__code__.co_lines() if line)
