"""Runs a program of `programs/` and writes to RESULT what its peak memory was, in MiB, and had been before it began.

python tests/bench/peak.py PROGRAM RESULT
"""

import json
import os
import resource
import runpy
import sys

# So gradstep lets this process import torch itself, and all pages of it are its own.
os.environ["OMP_NUM_THREADS"] = "1"
import torch  # noqa: F401


def peak() -> float:
    """The largest resident set so far. Linux counts in KiB, macOS in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 10 if sys.platform == "linux" else 1 << 20)


program, result = sys.argv[1:]
before = peak()
sys.argv = [program, os.devnull]
runpy.run_path(program, run_name="__main__")
with open(result, "w") as file:
    json.dump({"peak": peak(), "before": before}, file)
