"""What people do on purpose gives no warning and no error, in fifty iterations and at the end of the run."""

from __future__ import annotations

import pytest
from running import PROGRAMS, Runner

SILENT = PROGRAMS / "silent"


@pytest.mark.parametrize("name", sorted(path.stem for path in SILENT.glob("*.py")))
def test_silence(name: str, runner: Runner) -> None:
    watched = runner.watch(SILENT / f"{name}.py", directory=SILENT, detail="findings")
    assert watched.code == 0
    assert len(watched.of("update")) >= 20
    alarms = [item for stop in watched.stops for item in stop.findings if item.severity != "info"]
    assert not [f"{item.kind}: {item.message}" for item in alarms]
