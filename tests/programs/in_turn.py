"""Runs the programs that are its arguments one after the other, as if each were run by itself."""

import gc
import runpy
import sys

for path in sys.argv[1:]:
    if path.endswith(".py"):
        runpy.run_path(path, run_name="__main__")
        gc.collect()
