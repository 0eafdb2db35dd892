"""The program's end of the conversation, which the program may close under our feet."""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket

import msgspec

from gradstep.model.channel import Channel
from gradstep.model.message import Command, Shortened, Stopped
from gradstep.model.wire import Sender

_HIGH, _SELECTABLE = 1000, 1024
"""Descriptors from the first on are left free by most programs; those from the second on cannot be waited for."""


class StopChannel(Channel[Command]):
    """To the screen: a stop goes without what the one before had, too.

    A program may close all descriptors that it does not know (a daemon does), and open others by the same numbers:
    nothing is written to those.
    """

    def __init__(self, sock: socket.socket) -> None:
        super().__init__(_out_of_the_way(sock), Command)  # type: ignore[arg-type]
        self._sender = Sender()
        self._number = self.socket.fileno()
        self._known = _identity(self._number)

    def is_open(self) -> bool:
        """Whether our descriptor is still that of our connection."""
        return self._known is not None and _identity(self._number) == self._known

    def send(self, message: msgspec.Struct) -> None:
        """Send one message; raises OSError if the other side is gone, or our own end."""
        if not self.is_open():
            raise OSError("the program has closed the connection")
        if isinstance(message, Stopped):
            stop, kept = self._sender.shorten(message.stop)
            message = Shortened(stop, message.waiting, kept)
        super().send(message)

    def receive(self) -> Command | None:
        """The next message; None if either side has closed."""
        return super().receive() if self.is_open() else None

    def pending(self, seconds: float = 0) -> bool:
        """Whether `receive` would not block, now or before so many seconds are over."""
        return not self.is_open() or super().pending(seconds)

    def close(self) -> None:
        """Close this end, if it is still ours."""
        if self.is_open():
            super().close()
        else:
            self.socket.detach()
        self._known = None


def _out_of_the_way(sock: socket.socket) -> socket.socket:
    """The same connection by a high number: the program's own files get the numbers that they have without us."""
    for first in (_HIGH, _HIGH // 4):
        with contextlib.suppress(OSError):  # a lower limit of open files
            number = fcntl.fcntl(sock.fileno(), fcntl.F_DUPFD_CLOEXEC, first)
            if number < _SELECTABLE:
                sock.close()
                return socket.socket(fileno=number)
            os.close(number)
    return sock


def _identity(number: int) -> tuple[int, int] | None:
    """What a descriptor stands for."""
    try:
        found = os.fstat(number)
    except OSError:
        return None
    return found.st_dev, found.st_ino
