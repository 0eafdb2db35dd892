"""Writes a recording: one commit a stop, so that whatever ends the process, the stops before are there."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import zlib
from collections import OrderedDict
from collections.abc import Iterable, Mapping

import msgspec

from gradstep.model.channel import encoded
from gradstep.model.message import Event
from gradstep.model.stop import Stop
from gradstep.recording.schema import APPLICATION, TABLES, VERSION, StopRecord, content_hash, record_hash

_WORTH = 200
"""Bytes from which on it is tried to compress."""
_REMEMBERED = 4096
"""Hashes of contents that need not be looked up."""


class RecordingError(ValueError):
    """Nothing can be kept in that file, or read from it: one line for people."""


class Writer:
    """The file that is written. Used by one thread at a time."""

    def __init__(self, path: str, about: Mapping[str, str]) -> None:
        """Begin a file; one that is a recording already is replaced, another is left alone."""
        self.path = path
        make_room(path)
        self._ids: OrderedDict[bytes, int] = OrderedDict()
        self._encoder = msgspec.msgpack.Encoder()
        self._files = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        run = self._files.execute
        run(f"PRAGMA application_id = {APPLICATION}")
        run(f"PRAGMA user_version = {VERSION}")
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = NORMAL")
        run("BEGIN")
        for statement in TABLES.split(";\n"):
            run(statement)
        self._files.executemany("INSERT INTO about VALUES (?, ?)", about.items())
        run("COMMIT")

    @property
    def size(self) -> int:
        """Bytes that the file takes by now, with what is beside it until it is closed."""
        files = (self.path, f"{self.path}-wal")
        return sum(os.path.getsize(path) for path in files if os.path.exists(path))

    def event(self, run: int, event: Event) -> None:
        """Keep what is no stop; it is committed with the next stop."""
        self._begin()
        number = self._files.execute("SELECT coalesce(max(number), 0) + 1 FROM events").fetchone()[0]
        record = encoded(event, self._encoder)
        row = (number, run, record, record_hash(run, number, record))
        self._files.execute("INSERT INTO events VALUES (?, ?, ?, ?)", row)

    def stop(self, run: int, record: StopRecord, parts: Iterable[Stop]) -> None:
        """Keep a stop, or another state of one that is kept, and commit it."""
        self._begin()
        ids = tuple(self._content(part) for part in parts)
        data = encoded(msgspec.structs.replace(record, parts=ids), self._encoder)
        row = (run, record.stop.index, data, record_hash(run, record.stop.index, data))
        self._files.execute("INSERT OR REPLACE INTO stops VALUES (?, ?, ?, ?)", row)
        self.commit()

    def commit(self) -> None:
        """Whatever comes now, what was kept up to here is there."""
        if self._files.in_transaction:
            self._files.execute("COMMIT")

    def close(self) -> None:
        """Make it one single file."""
        self.commit()
        self._files.execute("PRAGMA journal_mode = DELETE")
        self._files.close()

    def abandon(self) -> None:
        """Write no more; what was committed is there."""
        with contextlib.suppress(sqlite3.Error):
            self._files.close()

    def _begin(self) -> None:
        if not self._files.in_transaction:
            self._files.execute("BEGIN")

    def _content(self, part: Stop) -> int:
        data = encoded(part, self._encoder)
        digest = content_hash(data)
        known = self._ids.get(digest)
        if known is None:
            row = self._files.execute("SELECT id FROM contents WHERE hash = ?", (digest,)).fetchone()
            known = row[0] if row is not None else self._add(digest, data)
            self._ids[digest] = known
            if len(self._ids) > _REMEMBERED:
                self._ids.popitem(last=False)
        return known

    def _add(self, digest: bytes, data: bytes) -> int:
        packed = zlib.compress(data, 1) if len(data) > _WORTH else data
        worth = len(packed) < len(data) * 0.9
        row = (digest, worth, packed if worth else data)
        done = self._files.execute("INSERT INTO contents (hash, packed, data) VALUES (?, ?, ?)", row)
        assert done.lastrowid is not None
        return done.lastrowid


def make_room(path: str) -> None:
    """Take away an older recording; raises RecordingError where anything else is there."""
    folder = os.path.dirname(os.path.abspath(path))
    if not os.path.isdir(folder):
        raise RecordingError(f"{path}: no such folder")
    if os.path.lexists(path):
        if not is_recording(path):
            raise RecordingError(f"{path} exists and is no recording: name another file")
        for file in (path, f"{path}-wal", f"{path}-shm"):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(file)
    elif not os.access(folder, os.W_OK):
        raise RecordingError(f"{path}: nothing can be written in that folder")


def is_recording(path: str) -> bool:
    """Whether it looks like one; so does an empty file."""
    if not os.path.isfile(path):
        return False
    with open(path, "rb") as file:
        head = file.read(100)
    return not head or (head.startswith(b"SQLite format 3\0") and head[68:72] == APPLICATION.to_bytes(4, "big"))
