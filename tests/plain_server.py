"""Runs programs as python alone would, each in a fork of this process, which has imported torch once for all of them.

Reads requests as JSON lines, `[directory, program, argument…]`, and answers each with the program's exit code.
"""

from __future__ import annotations

import gc
import json
import os
import runpy
import sys

import torch._dynamo  # noqa: F401  (every optimizer imports it)
from ending import end


def main() -> None:
    """Answer requests; in a fork, run the program that is asked for."""
    answers = os.fdopen(os.dup(1), "w")
    with open(os.devnull, "r+b") as nothing:
        requests = os.fdopen(os.dup(0))
        for stream in range(3):
            os.dup2(nothing.fileno(), stream)
    gc.freeze()
    for line in requests:
        child = os.fork()
        if child == 0:
            directory, *sys.argv = json.loads(line)
            os.chdir(directory)
            sys.path[0] = os.path.dirname(os.path.join(directory, sys.argv[0]))
            try:
                runpy.run_path(sys.argv[0], run_name="__main__")
            except SystemExit as asked:
                end(asked.code)
            end(None)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), file=answers, flush=True)


if __name__ == "__main__":
    main()
