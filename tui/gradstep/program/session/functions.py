"""Custom autograd functions: `Function.apply` is no call that a function mode sees, so it is followed by itself."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from types import FunctionType
from typing import Any

import torch
from torch.compiler import is_compiling

from gradstep.program.clues.custom_functions import FunctionChecks
from gradstep.program.host.guard import Guard
from gradstep.program.tape.calls import Calls
from gradstep.program.tape.modules import disguised, last_line
from gradstep.program.tensors.private import has, sequence_nr
from gradstep.program.tensors.quiet import quiet

_CALLS = 8
"""Lines from the head of our wrapper to its call of the original."""

_Function: Any = torch.autograd.Function
_METHOD: Any = inspect.getattr_static(_Function, "apply", None)
_OF_PYTHON = isinstance(_METHOD, classmethod)
"""Until torch 2.13; of C since, in whose place tracebacks show the head of the class."""
_FILE = torch.autograd.function.__file__
_LINE = last_line(_METHOD.__func__) if _OF_PYTHON else inspect.getsourcelines(_Function)[1]


def watch_functions(calls: Calls, checks: FunctionChecks, guard: Guard, begins: Callable[[], bool]) -> None:
    """Keep every call of a custom function that a forward pass makes; `begins` says before each whether it is one."""
    if has("autograd.Function.apply"):
        _Function.apply = classmethod(disguised(_following(calls, checks, guard, begins, _run()), _FILE, _LINE, _CALLS))


def _run() -> Callable[..., Any]:
    """The original, to be called with the class as its first argument."""
    if _OF_PYTHON:
        run: Callable[..., Any] = _METHOD.__func__
        return run
    return lambda cls, *args, **kwargs: _METHOD.__get__(None, cls)(*args, **kwargs)


def _following(
    calls: Calls, checks: FunctionChecks, guard: Guard, begins: Callable[[], bool], run: Callable[..., Any]
) -> FunctionType:
    def apply(cls: Any, *args: Any, **kwargs: Any) -> Any:
        """Run the function."""
        if is_compiling() or not begins():
            return run(cls, *args, **kwargs)
        with guard, quiet():
            checks.before(cls, args)
        before = calls.before(2, args, kwargs)
        start = sequence_nr()
        result = run(cls, *args, **kwargs)
        if sequence_nr() != start:
            with guard:
                func = functools.partial(run, cls)
                calls.keep(func, cls.__name__, args, kwargs, (), result, sequence_nr() - 1, before, opaque=True)
        return result

    return apply  # type: ignore[return-value]
