"""The fork server, as `python -m gradstep.program`, but for how its programs end."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

from gradstep.program.host.child import Attach
from gradstep.program.host.zygote import serve


def load() -> Attach:
    from gradstep.program.session.attach import attach

    return attach


end = runpy.run_path(str(Path(__file__).with_name("ending.py")))["end"]
try:
    serve(int(sys.argv[1]), on_screen=sys.argv[2] == "screen", load=load)
except SystemExit as asked:
    end(asked.code)
