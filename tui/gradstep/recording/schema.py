"""What a recording is: one SQLite file, whose every record is msgpack of the messages of `gradstep.model`.

| table | a row is |
|---|---|
| about | a name and a text: `gradstep` (version that wrote it), `title`, `path` of the program, `keep`, `every` |
| events | what is no stop, in its order: an `Event` (`Ready`, `FileText`, `Output`, `Exited` …) of a run |
| stops | a stop of a run: a `StopRecord`, which names the contents that it is made of |
| contents | a part of a stop: a `Stop` in which only that part is set; one that comes again is there once |

`application_id` is `APPLICATION`, `user_version` is `VERSION`: raised by one when an older gradstep could no longer
read it; what is new and can be passed over does not raise it. A run begins with each start of the program.

`hash` is BLAKE2b (16 bytes): of a content what it holds before it is packed; of the others `run,number,` and the
record. `packed` is 1 where `data` is compressed by zlib. While it is written the file is in WAL mode, one commit a
stop; when it is closed in good order it is a single file again.
"""

from __future__ import annotations

from hashlib import blake2b

from msgspec import Struct, field

from gradstep.model.stop import Stop

APPLICATION = 0x67726164
VERSION = 1

TABLES = """
CREATE TABLE about (name TEXT PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE events (number INTEGER PRIMARY KEY, run INTEGER NOT NULL, record BLOB NOT NULL, hash BLOB NOT NULL);
CREATE TABLE stops (run INTEGER NOT NULL, number INTEGER NOT NULL, record BLOB NOT NULL, hash BLOB NOT NULL,
    PRIMARY KEY (run, number)) WITHOUT ROWID;
CREATE TABLE contents (id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, packed INTEGER NOT NULL, data BLOB NOT NULL);
"""
NAMES = {"about", "events", "stops", "contents"}


class StopRecord(Struct, frozen=True, omit_defaults=True):
    """A stop in the table of stops."""

    stop: Stop
    """What is known of each stop at once, findings included."""
    parts: tuple[int, ...] = ()
    """Ids of the contents that hold the rest."""
    before: int = -1
    """Index of the latest earlier stop that was kept in full; -1 for none."""
    older: dict[str, int] = field(default_factory=dict)
    """Tensors that were known by then and are not in the stop before -> index of the latest stop that has them."""
    printed: int = 0
    """Lines that had been printed."""


def content_hash(data: bytes) -> bytes:
    """Of a part of a stop."""
    return blake2b(data, digest_size=16).digest()


def record_hash(run: int, number: int, record: bytes) -> bytes:
    """Of a record in its place."""
    return blake2b(b"%d,%d," % (run, number) + record, digest_size=16).digest()
