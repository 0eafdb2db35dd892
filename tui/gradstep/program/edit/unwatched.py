"""Code of the prompt runs as the program's own would, but nobody watches it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch

from gradstep.program.tensors.modes import put_modes, take_modes
from gradstep.program.tensors.private import (
    ENABLED,
    function_state,
    functions_enabled,
    set_function_state,
    set_grad,
)

if TYPE_CHECKING:
    from gradstep.program.watch.session import Session


@contextmanager
def unwatched(session: Session) -> Iterator[None]:
    """The program's modes and grad mode, without our own mode, phases and hooks. Entered while `quiet`, or not."""
    state, grad = function_state(), torch.is_grad_enabled()
    ours = not functions_enabled()
    above = _leave_stack(session)
    session.opaque += 1
    session.updates.stepping += 1
    set_function_state(ENABLED)
    set_grad(grad or ours)
    try:
        yield
    finally:
        set_grad(grad)
        set_function_state(state)
        session.updates.stepping -= 1
        session.opaque -= 1
        if above is not None:
            _come_back(session, above)


def _leave_stack(session: Session) -> int | None:
    """Take our mode off the stack; gives how many were above it, None if it was not there."""
    modes = take_modes()
    place = next((at for at, mode in enumerate(modes) if mode is session.recorder), None)
    put_modes([mode for mode in modes if mode is not session.recorder])
    return len(modes) - 1 - place if place is not None else None


def _come_back(session: Session, above: int) -> None:
    modes = take_modes()
    modes.insert(max(0, len(modes) - above), session.recorder)
    put_modes(modes)
