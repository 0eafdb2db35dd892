"""Every forward pass run again at its stop: bit for bit the same loss, and nothing of the program touched."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from running import PROGRAMS

TESTS = Path(__file__).parent.parent
MODELS = sorted((TESTS / "formulas" / "models").glob("*.py"))
WITHOUT = {
    "asks_input.py",
    "empty.py",
    "endless.py",
    "loader_local_class.py",
    "loader_workers.py",
    "never_trains.py",
    "os_exit.py",
    "segfault.py",
    "spawned_child.py",
    "start_method.py",
}
"""Programs that have no forward pass, never end, or need the real process around them."""
TARGETS = [*MODELS, *(path for path in sorted(PROGRAMS.glob("*.py")) if path.name not in WITHOUT)]
REASONS = {"gradient_penalty.py": {"scores is no scalar": 4}, "raises_in_backward.py": {"errors is no scalar": 1}}
"""Why passes of a program cannot be run again, and how many."""


def replayed(program: Path) -> list[dict[str, Any]]:
    """What came of each forward pass of a program."""
    command = [sys.executable, str(Path(__file__).parent / "replay_calls.py"), str(program)]
    done = subprocess.run(command, cwd=program.parent, capture_output=True, text=True, check=False, timeout=300)
    rows = [line for line in done.stdout.splitlines() if line.startswith('{"problem"')]
    return [json.loads(row) for row in rows]


@pytest.fixture(scope="module")
def outcomes() -> dict[Path, Future[list[dict[str, Any]]]]:
    pool = ThreadPoolExecutor(2)
    return {path: pool.submit(replayed, path) for path in TARGETS}


@pytest.mark.parametrize("path", TARGETS, ids=lambda path: path.name)
def test_passes_repeat_bit_for_bit(path: Path, outcomes: dict[Path, Future[list[dict[str, Any]]]]) -> None:
    found = outcomes[path].result()
    assert found or path.name in ("sys_exit.py", "raises.py")
    problems = Counter(row["problem"] for row in found if row["problem"])
    print(f"{path.name}: {len(found) - problems.total()} of {len(found)} passes repeat bit for bit", dict(problems))
    assert problems == REASONS.get(path.name, {})
    assert all(not row["touched"] for row in found)
