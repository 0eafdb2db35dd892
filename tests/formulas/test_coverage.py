"""How much of five real models the table covers, under the real recorder."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
MODELS = sorted(path.stem for path in (HERE / "models").glob("*.py"))


def watched(model: str) -> list[dict[str, Any]]:
    """Each forward op of that model with its rules."""
    command = [sys.executable, str(HERE / "watch_calls.py"), str(HERE / "models" / f"{model}.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_there_are_five_models() -> None:
    assert MODELS == ["gpt", "lstm", "resnet", "unet", "vae"]


@pytest.mark.parametrize("model", MODELS)
def test_the_table_covers_real_models(model: str) -> None:
    calls = watched(model)
    ours = [call for call in calls if all(rule and own for rule, own in call["rules"])]
    share = len(ours) / len(calls)
    print(f"\n{model}: {len(ours)} of {len(calls)} op calls have a row, {share:.1%}")
    for call in calls:
        if call not in ours:
            print("  not ours:", call["op"], call["signature"], [rule for rule, own in call["rules"] if not own])
    assert len(calls) > 50
    assert share >= 0.95
