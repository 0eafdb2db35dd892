"""`python …/gradstep/program/__main__.py FD HASHSEED`: the fork server, talking over that file descriptor.

HASHSEED: what the user has set `PYTHONHASHSEED` to, empty if to nothing.
"""

from __future__ import annotations

import os
import sys

if not sys.flags.safe_path:
    del sys.path[0]  # this folder
if sys.argv[2]:
    os.environ["PYTHONHASHSEED"] = sys.argv[2]
else:
    del os.environ["PYTHONHASHSEED"]  # it has done its work; what the program starts is as without us

from gradstep.program.host.child import Attach
from gradstep.program.host.zygote import serve


def load() -> Attach:
    """Import torch, and what watches it."""
    from gradstep.program.session.attach import attach

    return attach


serve(int(sys.argv[1]), load)
