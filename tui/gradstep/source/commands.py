"""The way of the commands to a program, which may not be reading any."""

from __future__ import annotations

import contextlib
import queue
import socket
import threading
from typing import Any

from gradstep.model.channel import Channel
from gradstep.model.message import Command


class CommandQueue:
    """Sends in a thread of its own: a program that computes takes no command, and nobody is to wait for it."""

    def __init__(self, channel: Channel[Any]) -> None:
        self._channel = channel
        self._commands: queue.SimpleQueue[Command | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._send, name="gradstep-commands", daemon=True)
        self._thread.start()

    def put(self, command: Command) -> None:
        """Send it, in its turn; nothing happens once the program is gone."""
        self._commands.put(command)

    def close(self) -> None:
        """Stop sending, and close the channel."""
        self._commands.put(None)
        with contextlib.suppress(OSError):
            self._channel.socket.shutdown(socket.SHUT_RDWR)
        if threading.current_thread() is not self._thread:
            self._thread.join()
        self._channel.close()

    def _send(self) -> None:
        with contextlib.suppress(OSError):
            while (command := self._commands.get()) is not None:
                self._channel.send(command)
