"""Calls that torch would hand to our mode though nothing of the program's overrides them.

torch's own Python functions ask whether there is a mode or a subclass, and if so, look themselves up once more and hand
themselves over: what the program has put in their place (a patched `Tensor.backward`) would run twice.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any

import torch

from gradstep.program.session.recorder import Recorder

_ASKS = ("has_torch_function", "has_torch_function_unary")
_OURS = "_overridden_by_the_program"


def run_straight(recorder: Recorder) -> None:
    """Backward is handed over only to modes and subclasses of the program's; we hear of it from the engine."""
    for function in (torch.Tensor.backward, torch.autograd.backward, torch.autograd.grad):
        if isinstance(function, FunctionType):
            _ask_for_others(function, recorder)


def _ask_for_others(function: FunctionType, recorder: Recorder) -> None:
    """Let it ask us. It stays the object that it is."""
    names = function.__code__.co_names
    asks = next((name for name in _ASKS if name in names), None)
    if asks is None:
        return
    ask: Callable[[Any], bool] = function.__globals__[asks]

    def overridden(tensors: Any) -> bool:
        if not ask(tensors):
            return False
        aside = recorder.step_aside()
        try:
            return ask(tensors)
        finally:
            if aside:
                recorder.come_back()

    function.__globals__[_OURS] = overridden
    changed = tuple(_OURS if name == asks else name for name in names)
    function.__code__ = function.__code__.replace(co_names=changed)
