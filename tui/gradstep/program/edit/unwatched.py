"""Code of the prompt runs as the program's own would, but nobody watches it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from gradstep.program.watch.session import Session

_torch: Any = torch._C


@contextmanager
def unwatched(session: Session) -> Iterator[None]:
    """The program's modes and grad mode, without our own mode, phases and hooks. Entered while `quiet`, or not."""
    state, grad = _torch._get_torch_function_state(), torch.is_grad_enabled()
    ours = not _torch._is_torch_function_enabled()
    above = _leave_stack(session)
    session.opaque += 1
    session.updates.stepping += 1
    _torch._set_torch_function_state(_torch._TorchFunctionState.ENABLED)
    torch._C._set_grad_enabled(grad or ours)
    try:
        yield
    finally:
        torch._C._set_grad_enabled(grad)
        _torch._set_torch_function_state(state)
        session.updates.stepping -= 1
        session.opaque -= 1
        if above is not None:
            _come_back(session, above)


def _leave_stack(session: Session) -> int | None:
    """Take our mode off the stack; gives how many were above it, None if it was not there."""
    modes = _popped()
    place = next((at for at, mode in enumerate(modes) if mode is session.recorder), None)
    _push([mode for mode in modes if mode is not session.recorder])
    return len(modes) - 1 - place if place is not None else None


def _come_back(session: Session, above: int) -> None:
    modes = _popped()
    modes.insert(max(0, len(modes) - above), session.recorder)
    _push(modes)


def _popped() -> list[Any]:
    """All modes, the lowest first; the stack is empty then."""
    return [_torch._pop_torch_function_stack() for _ in range(_torch._len_torch_function_stack())][::-1]


def _push(modes: list[Any]) -> None:
    for mode in modes:
        _torch._push_on_torch_function_stack(mode)
