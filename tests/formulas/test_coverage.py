"""How much of five real models the table covers, under the real recorder."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from running import Once

HERE = Path(__file__).parent
MODELS = sorted(path.name for path in (HERE / "models").glob("*.py"))


@pytest.fixture(scope="module")
def watched(once: Once) -> list[dict[str, Any]]:
    """Each forward op of the models with its rules."""

    def watch(path: Path) -> None:
        command = [sys.executable, str(HERE / "watch_calls.py"), *MODELS]
        done = subprocess.run(command, cwd=HERE / "models", capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        path.write_text(done.stdout)

    return [json.loads(line) for line in once.file("calls", watch).read_text().splitlines()]


def test_there_are_five_models() -> None:
    assert MODELS == ["gpt.py", "lstm.py", "resnet.py", "unet.py", "vae.py"]


@pytest.mark.parametrize("model", MODELS)
def test_the_table_covers_real_models(model: str, watched: list[dict[str, Any]]) -> None:
    calls = [call for call in watched if call["program"] == model]
    ours = [call for call in calls if all(rule and own for rule, own in call["rules"])]
    share = len(ours) / len(calls)
    print(f"\n{model}: {len(ours)} of {len(calls)} op calls have a row, {share:.1%}")
    for call in calls:
        if call not in ours:
            print("  not ours:", call["op"], call["signature"], [rule for rule, own in call["rules"] if not own])
    assert len(calls) > 50
    assert share >= 0.95
