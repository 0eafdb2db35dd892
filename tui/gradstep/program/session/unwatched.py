"""Code of the prompt runs as the program's own would, but nobody watches it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from gradstep.program.host.blackout import Blackout
from gradstep.program.leaves.updates import Updates
from gradstep.program.session.recorder import Recorder
from gradstep.program.tensors.modes import put_modes, take_modes
from gradstep.program.tensors.private import (
    ENABLED,
    function_state,
    functions_enabled,
    set_function_state,
    set_grad,
)


@contextmanager
def unwatched(recorder: Recorder, blackout: Blackout, updates: Updates) -> Iterator[None]:
    """The program's modes and grad mode, without our own mode, phases and hooks. Entered while `quiet`, or not."""
    state, grad = function_state(), torch.is_grad_enabled()
    ours = not functions_enabled()
    above = _leave_stack(recorder)
    updates.stepping += 1
    set_function_state(ENABLED)
    set_grad(grad or ours)
    try:
        with blackout:
            yield
    finally:
        set_grad(grad)
        set_function_state(state)
        updates.stepping -= 1
        if above is not None:
            _come_back(recorder, above)


def _leave_stack(recorder: Recorder) -> int | None:
    """Take our mode off the stack; gives how many were above it, None if it was not there."""
    modes = take_modes()
    place = next((at for at, mode in enumerate(modes) if mode is recorder), None)
    put_modes(mode for mode in modes if mode is not recorder)
    return len(modes) - 1 - place if place is not None else None


def _come_back(recorder: Recorder, above: int) -> None:
    modes = take_modes()
    modes.insert(max(0, len(modes) - above), recorder)
    put_modes(modes)
