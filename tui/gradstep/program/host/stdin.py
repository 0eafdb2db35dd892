"""Tells when the program waits for its standard input."""

from __future__ import annotations

import contextlib
import select
import sys
from collections.abc import Callable
from typing import Any


def tell_of_reading(tell: Callable[[], None]) -> None:
    """Call `tell` before each read of `sys.stdin` that finds nothing there.

    `sys.stdin` stays the object that it is: its buffer looks up `readinto` of its raw file on the instance first.
    """
    buffer: Any = sys.stdin.buffer
    raw = buffer.raw
    read = raw.readinto

    def readinto(room: bytearray) -> int | None:
        with contextlib.suppress(OSError, ValueError):  # closed: the read itself says so
            if not select.select([raw.fileno()], [], [], 0)[0]:
                tell()
        done: int | None = read(room)
        return done

    raw.readinto = readinto
