"""The fork server, as `python -m gradstep.program`, but for how its programs end."""

from __future__ import annotations

import runpy
from pathlib import Path

end = runpy.run_path(str(Path(__file__).with_name("ending.py")))["end"]
try:
    runpy.run_module("gradstep.program", run_name="__main__")
except SystemExit as asked:
    end(asked.code)
