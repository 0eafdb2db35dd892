"""Messages over a socket: a length, then msgpack."""

from __future__ import annotations

import select
import signal
import socket
import struct
from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")
_LENGTH = struct.Struct("<Q")

PAUSE = signal.SIGRTMIN + 5 if hasattr(signal, "SIGRTMIN") else signal.SIGUSR2
"""The private signal by which the screen asks for a pause: an exception could be swallowed by the program."""


class Channel(Generic[T]):
    """Sends any message and receives messages of type `T`. Blocking; used by one thread at a time."""

    def __init__(self, sock: socket.socket, receives: type[T]) -> None:
        self.socket = sock
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(receives)

    def send(self, message: msgspec.Struct) -> None:
        """Send one message; raises OSError if the other side is gone."""
        body = self._encoder.encode(message)
        self.socket.sendall(_LENGTH.pack(len(body)) + body)

    def receive(self) -> T | None:
        """The next message; None if the other side has closed."""
        head = self._exactly(_LENGTH.size)
        if head is None:
            return None
        body = self._exactly(_LENGTH.unpack(head)[0])
        return None if body is None else self._decoder.decode(body)

    def pending(self, seconds: float = 0) -> bool:
        """Whether `receive` would not block, now or before so many seconds are over."""
        return bool(select.select([self.socket], [], [], seconds)[0])

    def close(self) -> None:
        """Close this end."""
        self.socket.close()

    def _exactly(self, count: int) -> bytes | None:
        parts = bytearray()
        while len(parts) < count:
            try:
                part = self.socket.recv(min(count - len(parts), 1 << 20))
            except ConnectionResetError:
                return None
            if not part:
                return None
            parts += part
        return bytes(parts)
