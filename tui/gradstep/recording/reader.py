"""Reads a recording, also a damaged one: what is not as it was written is left out, and counted."""

from __future__ import annotations

import os
import sqlite3
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from gradstep.model.message import Event
from gradstep.model.stop import Stop
from gradstep.recording.parts import joined
from gradstep.recording.schema import APPLICATION, NAMES, VERSION, StopRecord, content_hash, record_hash
from gradstep.recording.writer import RecordingError, is_recording

_MOST = 1 << 27
"""Bytes of one record, unpacked."""
_PATIENCE = 4.0
"""Seconds that one question to a file may take: in a damaged one pages can lead in a circle."""
_UNREADABLE = (sqlite3.Error, zlib.error, msgspec.MsgspecError, OverflowError, TypeError, ValueError)
"""What a damaged record raises."""


class Reader:
    """A file that is looked at. Nothing in it is executed, and nothing is written to it."""

    def __init__(self, path: str) -> None:
        """Raises RecordingError where there is nothing that can be read."""
        self.path = path
        self.lost = 0
        """Records that could not be read so far."""
        self._events = msgspec.msgpack.Decoder(Event)
        self._records = msgspec.msgpack.Decoder(StopRecord)
        self._stops = msgspec.msgpack.Decoder(Stop)
        self._late = 0.0
        try:
            self._file = _opened(path)
            self._file.set_progress_handler(lambda: time.monotonic() > self._late, 10_000)
            self._check()
        except (sqlite3.Error, UnicodeDecodeError, OverflowError) as error:
            raise RecordingError(f"{path} is damaged: nothing in it can be read") from error

    def _check(self) -> None:
        application, version = (self._ask(f"PRAGMA {name}")[0][0] for name in ("application_id", "user_version"))
        if application != APPLICATION:
            raise RecordingError(f"{self.path} is no recording of gradstep's")
        if version > VERSION:
            raise RecordingError(f"{self.path} was recorded by a newer gradstep (format {version}): update this one")
        found = {(kind, name) for kind, name in self._ask("SELECT type, name FROM sqlite_master") if kind != "index"}
        if found != {("table", name) for name in NAMES}:
            raise RecordingError(f"{self.path} is no recording of gradstep's, or damaged: its tables are others")

    def about(self) -> dict[str, str]:
        """What was written down of the run: `title`, `path`, `keep`, `every`, `gradstep`."""
        try:
            return {str(name): str(text) for name, text in self._ask("SELECT name, text FROM about")}
        except _UNREADABLE:
            self.lost += 1
            return {}

    def events(self) -> Iterator[tuple[int, Event]]:
        """What is no stop, with the number of its run."""
        for number, run, record, digest in self._rows("SELECT number, run, record, hash FROM events ORDER BY number"):
            try:
                event = self._events.decode(_whole(record, digest, record_hash(run, number, record)))
            except _UNREADABLE:
                self.lost += 1
            else:
                yield run, event

    def stops(self) -> dict[int, list[StopRecord]]:
        """What is known of each stop at once, by run; of a damaged file from both ends as far as it goes."""
        found: dict[tuple[int, int], StopRecord] = {}
        wrong: set[tuple[Any, Any]] = set()
        for order in ("", " DESC"):
            before = self.lost
            ask = f"SELECT run, number, record, hash FROM stops ORDER BY run{order}, number{order}"
            for run, number, record, digest in self._rows(ask):
                try:
                    known = self._records.decode(_whole(record, digest, record_hash(run, number, record)))
                    if known.stop.index != number:
                        raise ValueError(number)
                    found[run, number] = known
                except _UNREADABLE:
                    wrong.add((run, number))
            if self.lost == before:
                break
        self.lost += len(wrong)
        runs: dict[int, list[StopRecord]] = {}
        for (run, _), known in sorted(found.items()):
            runs.setdefault(run, []).append(known)
        return runs

    def stop(self, record: StopRecord) -> Stop:
        """All of a stop; where a part cannot be read, what is known of it at once."""
        try:
            return joined(record.stop, [self._part(content) for content in record.parts])
        except _UNREADABLE:
            self.lost += 1
            return msgspec.structs.replace(record.stop, light=True)

    def close(self) -> None:
        """Let the file go."""
        self._file.close()

    def _part(self, content: int) -> Stop:
        rows = self._ask("SELECT hash, packed, data FROM contents WHERE id = ?", content)
        if not rows:
            raise ValueError(content)
        digest, packed, data = rows[0]
        if packed:
            data = zlib.decompressobj().decompress(data, _MOST)
        return self._stops.decode(_whole(data, digest, content_hash(data)))

    def _ask(self, text: str, *values: int) -> list[Any]:
        self._late = time.monotonic() + _PATIENCE
        return self._file.execute(text, values).fetchall()

    def _rows(self, text: str) -> Iterator[Any]:
        """Rows, as far as they can be read."""
        self._late = time.monotonic() + _PATIENCE
        try:
            yield from self._file.execute(text)
        except (sqlite3.Error, UnicodeDecodeError, OverflowError):
            self.lost += 1


def _whole(data: Any, digest: Any, expected: bytes) -> bytes:
    if not isinstance(data, bytes) or digest != expected:
        raise ValueError("not as it was written")
    return data


def _opened(path: str) -> sqlite3.Connection:
    """A connection that can only read; in a folder that cannot be written the file alone is read."""
    if not os.path.exists(path):
        raise RecordingError(f"{path}: no such file")
    if os.path.isdir(path):
        raise RecordingError(f"{path} is a folder; name the file of a recording")
    try:
        if not is_recording(path) or not os.path.getsize(path):
            raise RecordingError(f"{path} is no recording of gradstep's")
    except OSError as error:
        raise RecordingError(f"{path}: {error.strerror}") from error
    where = Path(path).absolute().as_uri()
    alone = not os.path.exists(f"{path}-wal") or not os.access(os.path.dirname(os.path.abspath(path)), os.W_OK)
    file = sqlite3.connect(
        f"{where}?mode=ro{'&immutable=1' if alone else ''}", uri=True, isolation_level=None, check_same_thread=False
    )
    file.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MOST)
    file.text_factory = lambda data: data.decode(errors="replace")
    for pragma in ("query_only = ON", "trusted_schema = OFF", "cell_size_check = ON"):
        file.execute(f"PRAGMA {pragma}")
    return file
