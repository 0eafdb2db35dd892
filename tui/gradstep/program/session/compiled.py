"""Compiled callables (`torch.compile`): one op each. Our mode is off inside, or dynamo would trace it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from torch import nn

from gradstep.program.host.blackout import Blackout
from gradstep.program.session.recorder import Recorder
from gradstep.program.tensors.private import compiled_context, without_compiled


def watch_dynamo(recorder: Recorder, blackout: Blackout, tell: Callable[[str], None]) -> None:
    """Wrap what dynamo makes of a callable. Called once `torch._dynamo.eval_frame` is imported."""
    context = compiled_context()
    if context is None:
        tell(without_compiled())
        return
    make = context.__call__

    @functools.wraps(make)
    def make_seen(self: Any, fn: Any) -> Any:
        made = make(self, fn)
        if isinstance(made, nn.Module) or isinstance(fn, type) or not callable(made):
            return made
        return _seen(recorder, blackout, made)

    context.__call__ = make_seen


def _seen(recorder: Recorder, blackout: Blackout, compiled: Callable[..., Any]) -> Callable[..., Any]:
    inner = getattr(compiled, "_torchdynamo_orig_callable", compiled)
    name = getattr(inner, "__name__", "")
    owner = getattr(inner, "__self__", None)
    if isinstance(owner, nn.Module):
        name = type(owner).__name__
    label = f"compiled {name}".strip()

    @functools.wraps(compiled)
    def call(*args: Any, **kwargs: Any) -> Any:
        if blackout or recorder.aside:
            return compiled(*args, **kwargs)

        def alone(*args: Any, **kwargs: Any) -> Any:
            with blackout:
                aside = recorder.step_aside()
                try:
                    return compiled(*args, **kwargs)
                finally:
                    if aside:
                        recorder.come_back()

        return recorder.record_call(label, args, kwargs, alone)

    return call
