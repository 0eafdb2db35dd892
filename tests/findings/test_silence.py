"""What people do on purpose gives no warning and no error, in fifty iterations and at the end of the run."""

from __future__ import annotations

import pytest
from running import PROGRAMS, Runner

SILENT = PROGRAMS / "silent"

NOT_EVEN = {
    "noise_for_a_generator": "same-batch",
    "zeros_held_fixed": "all-zero-initialisation",
    "margin_kept": "all-gradients-zero",
    "group_at_rest": "step-too-small",
}
"""Kinds that are near, and of which there is no information either."""


@pytest.mark.parametrize("name", sorted(path.stem for path in SILENT.glob("*.py")))
def test_silence(name: str, runner: Runner) -> None:
    watched = runner.watch(SILENT / f"{name}.py", directory=SILENT, detail="findings")
    assert watched.code == 0
    assert len(watched.of("update")) >= 20
    assert NOT_EVEN.get(name) not in {item.kind for stop in watched.stops for item in stop.findings}
    alarms = [item for stop in watched.stops for item in stop.findings if item.severity != "info"]
    assert not [f"{item.kind}: {item.message}" for item in alarms]
