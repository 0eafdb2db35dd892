"""The conditions of each program, kept from one session to the next."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import msgspec


class KeptCondition(msgspec.Struct, frozen=True, omit_defaults=True):
    """One condition, as it stands in the file."""

    text: str
    on: bool = True
    once: bool = False


def state_folder() -> Path:
    """Where a user's programs keep what is no setting: the XDG base directory specification's `XDG_STATE_HOME`."""
    return Path(os.environ.get("XDG_STATE_HOME") or "~/.local/state").expanduser() / "gradstep"


class ConditionsFile:
    """The file of one program: JSON, named by a digest of its path."""

    def __init__(self, program: str) -> None:
        digest = hashlib.blake2b(os.fsencode(program), digest_size=16).hexdigest()
        self._path = state_folder() / "conditions" / f"{digest}.json"

    def load(self) -> list[KeptCondition]:
        """What was kept; nothing where there is none, or none that can be read."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=list[KeptCondition])
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return []

    def save(self, conditions: list[KeptCondition]) -> None:
        """Keep those instead. Raises OSError."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        part = self._path.with_suffix(f".{os.getpid()}.part")
        part.write_bytes(msgspec.json.encode(conditions))
        part.replace(self._path)
