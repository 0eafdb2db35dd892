"""Messages over a socket: a length, then msgpack."""

from __future__ import annotations

import select
import signal
import socket
import struct
from typing import Any, Generic, TypeVar

import msgspec

T = TypeVar("T")
_LENGTH = struct.Struct("<Q")

PAUSE = signal.SIGURG
"""The private signal by which the screen asks for a pause: an exception could be swallowed by the program.

A process that does not handle it ignores it: one that has just been forked, or that has replaced itself by `os.exec…`.
"""


def encoded(message: msgspec.Struct, encoder: msgspec.msgpack.Encoder) -> bytes:
    """The message as msgpack: text that is no Unicode as `\\udcff`, numbers of more than 64 bits as the largest."""
    try:
        return encoder.encode(message)
    except (UnicodeEncodeError, OverflowError):
        return encoder.encode(_sayable(msgspec.to_builtins(message, str_keys=False)))


def _sayable(value: Any) -> Any:
    """The same with text and numbers that can be encoded."""
    if isinstance(value, str):
        return value.encode(errors="backslashreplace").decode()
    if type(value) is int:
        return min(max(value, -(1 << 63)), (1 << 64) - 1)
    if isinstance(value, dict):
        return {_sayable(key): _sayable(item) for key, item in value.items()}
    return [_sayable(item) for item in value] if isinstance(value, (list, tuple)) else value


class Channel(Generic[T]):
    """Sends any message and receives messages of type `T`. Blocking; used by one thread at a time."""

    def __init__(self, sock: socket.socket, receives: type[T]) -> None:
        self.socket = sock
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(receives)

    def send(self, message: msgspec.Struct) -> None:
        """Send one message, whatever text is in it; raises OSError if the other side is gone."""
        body = encoded(message, self._encoder)
        self.socket.sendall(_LENGTH.pack(len(body)) + body)

    def receive(self) -> T | None:
        """The next message; None if the other side has closed."""
        head = self._exactly(_LENGTH.size)
        if head is None:
            return None
        body = self._exactly(_LENGTH.unpack(head)[0])
        return None if body is None else self._decoder.decode(body)

    def is_open(self) -> bool:
        """Whether nobody on our side has closed it."""
        return True

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
