"""Custom autograd functions: `Function.apply` is no call that a function mode sees, so it is followed by itself."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import FunctionType
from typing import TYPE_CHECKING, Any

import torch
from torch.compiler import is_compiling

from gradstep.program.watch.modules import disguised

if TYPE_CHECKING:
    from gradstep.program.watch.session import Session

_sequence_nr = torch._C._autograd._get_sequence_nr
_RETURN = 6
"""Lines from the head of our wrapper to its call of the original."""


def watch_functions(session: Session) -> None:
    """Keep every call of a custom function that a forward pass makes."""
    owner: Any = torch.autograd.Function
    run = owner.__dict__["apply"].__func__
    owner.apply = classmethod(disguised(_following(session, run), run, _RETURN))


def _following(session: Session, run: Callable[..., Any]) -> FunctionType:
    def apply(cls: Any, *args: Any, **kwargs: Any) -> Any:
        """Run the function."""
        if is_compiling() or not session.keeps_calls():
            return run(cls, *args, **kwargs)
        before = session.tape.calls.before(2, args, kwargs)
        start = _sequence_nr()
        result = run(cls, *args, **kwargs)
        if _sequence_nr() != start:
            _keep(session, functools.partial(run, cls), cls.__name__, args, kwargs, result, before)
        return result

    return apply  # type: ignore[return-value]


def _keep(
    session: Session, func: Any, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any, before: Any
) -> None:
    with session.guard:
        session.tape.calls.keep(func, name, args, kwargs, (), result, _sequence_nr() - 1, before, opaque=True)
