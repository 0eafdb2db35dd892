"""What gradstep says of a program, and whether that names a fault."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SEVERITIES = ("", "info", "warning", "error")
EXPLAINED = "explained"
"""Stands for an exception of which more is said than its type and its text."""
PLAIN = {"kind", "message", "traceback"}
"""What is known of every exception."""


@dataclass(frozen=True)
class Said:
    """The kinds of finding of a run, each with its highest severity."""

    kinds: Mapping[str, str]
    exit_code: int | None

    @property
    def alarms(self) -> tuple[str, ...]:
        """The kinds that are a warning or an error."""
        return tuple(kind for kind, severity in self.kinds.items() if severity != "info")

    def rank(self, kind: str) -> int:
        """How loud it was said: 0 if not at all."""
        return SEVERITIES.index(self.kinds.get(kind, ""))

    def names(self, kinds: Iterable[str], original: Said) -> bool:
        """Whether one of the kinds was said, and not as loud of the program that is right."""
        return any(self.rank(kind) > original.rank(kind) for kind in kinds)


def heard(stops: Sequence[Mapping[str, Any]]) -> Said:
    """From the stops of a run: of each its `findings`, of the last its `fault` and `exit_code`."""
    kinds: dict[str, str] = {}
    for item in (item for stop in stops for item in stop["findings"]):
        kinds[item["kind"]] = max(kinds.get(item["kind"], ""), item["severity"], key=SEVERITIES.index)
    end = stops[-1]
    if (fault := end["fault"]) is not None and (
        any(value for key, value in fault.items() if key not in PLAIN)
        or any(item["severity"] == "error" for item in end["findings"])
    ):
        kinds[EXPLAINED] = "error"
    return Said(kinds, end["exit_code"])


def traced(program: Path) -> Said:
    """What `gradstep trace --json` says of it."""
    command = [sys.executable, "-m", "gradstep.cli", "trace", "--json", "--seed", "7", str(program)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, cwd=program.parent, capture_output=True, text=True, check=False)
    stops = [json.loads(line) for line in done.stdout.splitlines()]
    if not stops or stops[-1]["phase"] != "end":
        raise RuntimeError(f"{program.name} has no end stop:\n{done.stderr}")
    return heard(stops)
