"""`torch.jit.trace`: our mode is off while it runs, or it would write our lines into the graph that it makes."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

import torch

from gradstep.program.host.warned import passed_over
from gradstep.program.session.recorder import Recorder


def step_aside_while_tracing(recorder: Recorder) -> None:
    """Follow both ways to call it."""
    module: Any = torch.jit
    for name in ("trace", "trace_module"):
        seen = passed_over(_alone(getattr(module, name), recorder))
        setattr(module, name, seen)
        inner = sys.modules.get("torch.jit._trace")
        if inner is not None:
            setattr(inner, name, seen)


def _alone(trace: Callable[..., Any], recorder: Recorder) -> Callable[..., Any]:
    @functools.wraps(trace)
    def seen(*args: Any, **kwargs: Any) -> Any:
        aside = recorder.step_aside()
        try:
            return trace(*args, **kwargs)
        finally:
            if aside:
                recorder.come_back()

    return seen
