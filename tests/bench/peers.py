"""Runs a program as python would, under another tool that looks at what torch does.

python tests/bench/peers.py anomaly|profiler PROGRAM [ARGUMENT…]
"""

from __future__ import annotations

import contextlib
import os
import runpy
import sys

import torch


def main() -> None:
    """Run it."""
    tool, *sys.argv = sys.argv[1:]
    sys.path[0] = os.path.dirname(os.path.abspath(sys.argv[0]))
    watched: contextlib.AbstractContextManager[object] = torch.autograd.set_detect_anomaly(True)
    if tool == "profiler":
        watched = torch.profiler.profile(record_shapes=True)
    with watched:
        runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
