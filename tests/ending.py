"""How processes of the tests end."""

from __future__ import annotations

import atexit
import os
import sys
import threading
from typing import Any, NoReturn


def end(code: object) -> NoReturn:
    """Do what Python does at its end, but for taking its modules apart (0.2 s with torch). `code` as of `sys.exit`."""
    state: Any = threading
    state._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))
