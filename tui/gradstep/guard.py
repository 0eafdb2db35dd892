"""A small process that puts the terminal back as it was if the screen's process is killed before it can."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import termios
from collections.abc import Iterator
from typing import Any, NoReturn

LEAVE = (
    b"\x1b[?2004l\x1b[?7h\x1b[?2048l\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l\x1b[<u\x1b[?1049l\x1b[?25h"
    b"\x1b[?1004l\x1b[0m\r\n"
)
"""Takes back what the screen has switched on."""


@contextlib.contextmanager
def guarded() -> Iterator[None]:
    """While this lasts, the terminal is watched over; in a process of one thread only: it forks."""
    modes = termios.tcgetattr(0)
    watched, held = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        os.close(held)
        _guard(watched, modes)
    os.close(watched)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            os.write(held, b"\0")
        os.close(held)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, 0)


def _guard(watched: int, modes: list[Any]) -> NoReturn:
    """Wait until the screen says that it leaves in good order, or is gone."""
    os.setsid()
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    try:
        if not os.read(watched, 1):
            _mend(modes)
    finally:
        os._exit(0)


def _mend(modes: list[Any]) -> None:
    """Modes first: unless somebody has set them already, who then has them as they are to be."""
    with contextlib.suppress(OSError, termios.error):
        if not termios.tcgetattr(0)[3] & termios.ISIG:
            termios.tcsetattr(0, termios.TCSANOW, modes)
        os.write(2, LEAVE)
