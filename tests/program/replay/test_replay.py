"""Every forward pass run again at its stop: bit for bit the same loss, and nothing of the program touched."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from running import PROGRAMS, Once

TESTS = Path(__file__).parents[2]
MODELS = sorted((TESTS / "formulas" / "models").glob("*.py"))
WITHOUT = {
    "as_python_makes_it.py",
    "asks_input.py",
    "empty.py",
    "endless.py",
    "func_grad.py",
    "in_turn.py",
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
REASONS = {
    "gradient_penalty.py": {"scores is no scalar": 4},
    "raises_in_backward.py": {"errors is no scalar": 1},
    "vmap.py": {"mean: gradstep did not see what made one of its inputs (PowBackward0)": 3},
}
"""Why passes of a program cannot be run again, and how many."""


Outcomes = dict[Path, list[dict[str, Any]]]


def replayed(programs: Sequence[Path]) -> Outcomes:
    """What came of each forward pass of those programs."""
    command = [sys.executable, str(Path(__file__).parent / "replay_calls.py"), *map(str, programs)]
    done = subprocess.run(command, cwd=PROGRAMS, capture_output=True, text=True, check=True, timeout=300)
    rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"problem"')]
    return {path: [row for row in rows if row["program"] == str(path)] for path in programs}


@pytest.fixture(scope="module")
def outcomes(once: Once) -> Outcomes:
    def replay(file: Path) -> None:
        with ThreadPoolExecutor(2) as pool:
            parts = pool.map(replayed, (TARGETS[::2], TARGETS[1::2]))
            file.write_text(json.dumps({str(path): rows for part in parts for path, rows in part.items()}))

    return {Path(path): rows for path, rows in json.loads(once.file("replayed", replay).read_text()).items()}


@pytest.mark.parametrize("path", TARGETS, ids=lambda path: path.name)
def test_passes_repeat_bit_for_bit(path: Path, outcomes: Outcomes) -> None:
    found = outcomes[path]
    assert found or path.name in ("sys_exit.py", "raises.py")
    problems = Counter(row["problem"] for row in found if row["problem"])
    print(f"{path.name}: {len(found) - problems.total()} of {len(found)} passes repeat bit for bit", dict(problems))
    assert problems == REASONS.get(path.name, {})
    assert all(not row["touched"] for row in found)
