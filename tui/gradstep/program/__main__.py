"""`python -m gradstep.program FD screen|plain`: the fork server, talking over the socket with that file descriptor."""

from __future__ import annotations

import sys

from gradstep.program.host.child import Attach
from gradstep.program.host.zygote import serve


def load() -> Attach:
    """Import torch, and what watches it."""
    from gradstep.program.session.attach import attach

    return attach


serve(int(sys.argv[1]), on_screen=sys.argv[2] == "screen", load=load)
