"""The three lessons, run by the real processes, and their stops as pictures at three sizes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from gradstep.app.screens.lessons import FOLDER
from gradstep.model.stop import Stop
from hand import HandSource
from running import Runner, settled
from screen import running
from syrupy.assertion import SnapshotAssertion

SIZES = [(80, 24), (120, 36), (200, 60)]
LESSONS = ("one_weight", "three_weights", "three_weights_cleared")


@pytest.fixture(scope="module")
def runs() -> Iterator[dict[str, list[Stop]]]:
    """The stops of each lesson, one key a phase."""
    runner = Runner()
    yield {
        name: [settled(stop) for stop in runner.watch(FOLDER / f"{name}.py", step=True, directory=FOLDER).stops]
        for name in LESSONS
    }
    runner.close()


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize(("phase", "steps"), [("forward", 10), ("backward", 11), ("update", 12)])
@pytest.mark.parametrize("lesson", LESSONS)
async def test_pictures(
    svg: SnapshotAssertion, runs: dict[str, list[Stop]], lesson: str, phase: str, steps: int, size: tuple[int, int]
) -> None:
    path = Path(FOLDER) / f"{lesson}.py"
    async with running(size=size, source=HandSource(runs[lesson], path.name, str(path))) as run:
        await run.press(*["space"] * steps)
        assert run.screen.moment.stop.phase == phase
        assert run.app.export_screenshot() == svg(name=f"{lesson}-{phase}-{size[0]}x{size[1]}")
