"""Runs a program as python would, under another tool that looks at what torch does.

python tests/bench/peers.py anomaly|profiler|torchlens PROGRAM [ARGUMENT…]

torchlens logs a forward pass of a module: every outermost call of one is logged, and then made again for the program.
"""

from __future__ import annotations

import contextlib
import os
import runpy
import sys
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn


@contextlib.contextmanager
def logged() -> Iterator[None]:
    """Every outermost call of a module is logged by torchlens."""
    import torchlens

    owner: Any = nn.Module
    run, inside = owner.__call__, False

    def call(self: nn.Module, *args: Any, **kwargs: Any) -> Any:
        nonlocal inside
        if inside:
            return run(self, *args, **kwargs)
        inside = True
        try:
            torchlens.trace(self, list(args), kwargs)
            return run(self, *args, **kwargs)
        finally:
            inside = False

    owner.__call__ = call
    try:
        yield
    finally:
        owner.__call__ = run


def main() -> None:
    """Run it."""
    tool, *sys.argv = sys.argv[1:]
    sys.path[0] = os.path.dirname(os.path.abspath(sys.argv[0]))
    watched: contextlib.AbstractContextManager[object] = torch.autograd.set_detect_anomaly(True)
    if tool == "profiler":
        watched = torch.profiler.profile(record_shapes=True)
    elif tool == "torchlens":
        watched = logged()
    with watched:
        runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
