"""The three lessons, run by the real processes, and their stops as pictures at three sizes; the README's pictures."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest
from gradstep.app.screens.lessons import FOLDER
from gradstep.model.message import Event, Exited, Go, Launch, Stopped
from gradstep.source.live import LiveSource
from hand import Replay
from screen import running
from syrupy.assertion import SnapshotAssertion

SIZES = [(80, 24), (120, 36), (200, 60)]
LESSONS = ("one_weight", "three_weights", "three_weights_cleared")
SCREENSHOTS = Path(__file__).parents[2] / "screenshots"
SEED = 1


def load(path: Path) -> ModuleType:
    """A script as a module."""
    spec = spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MAKE = load(SCREENSHOTS / "make.py")


def launch(lesson: str) -> Launch:
    path = str(FOLDER / f"{lesson}.py")
    return Launch("file", path, (path,), str(FOLDER), seed=SEED)


@pytest.fixture(scope="module")
def runs() -> Iterator[dict[str, list[Event]]]:
    """The events of each lesson, one key a phase."""
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    source = LiveSource(launch(LESSONS[0]))
    source.start(events.put)
    found: dict[str, list[Event]] = {}
    for lesson in LESSONS:
        if found:
            source.launch = launch(lesson)
            source.restart()
        found[lesson] = []
        while not found[lesson] or not isinstance(found[lesson][-1], Exited):
            found[lesson].append(event := events.get(timeout=120))
            if isinstance(event, Stopped) and event.waiting:
                source.send(Go("phase"))
    yield found
    source.close()


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize(("phase", "steps"), [("forward", 10), ("backward", 11), ("update", 12)])
@pytest.mark.parametrize("lesson", LESSONS)
async def test_pictures(
    svg: SnapshotAssertion, runs: dict[str, list[Event]], lesson: str, phase: str, steps: int, size: tuple[int, int]
) -> None:
    async with running(size=size, source=Replay(runs[lesson], FOLDER / f"{lesson}.py")) as run:
        await run.press(*["space"] * steps)
        assert run.screen.moment.stop.phase == phase
        assert run.app.export_screenshot() == svg(name=f"{lesson}-{phase}-{size[0]}x{size[1]}")


@pytest.mark.parametrize("name", MAKE.PICTURES)
async def test_the_pictures_of_the_readme_are_not_stale(runs: dict[str, list[Event]], name: str) -> None:
    """If this fails and the new screen is right: python screenshots/make.py."""
    lesson, keys, size = MAKE.PICTURES[name]
    columns, rows = map(int, size.split("x"))
    async with running(size=(columns, rows), source=Replay(runs[Path(lesson).stem], FOLDER / lesson)) as run:
        await run.press(*keys)
        now = MAKE.normalised(run.app.export_screenshot(title="gradstep"))
    assert now == (SCREENSHOTS / f"{name}.svg").read_text(encoding="utf-8"), f"{name}.svg is stale"
