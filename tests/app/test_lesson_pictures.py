"""The three lessons, run by the real processes, and their stops as pictures at three sizes; the README's pictures."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest
from gradstep.app.app import GradstepApp
from gradstep.app.lessons import FOLDER
from gradstep.app.shot import shoot
from gradstep.model.message import Event, Exited, Go, Launch, Statistics, Stopped, Until
from gradstep.source.live import LiveSource
from hand import Replay
from screen import running
from syrupy.assertion import SnapshotAssertion

SIZES = [(80, 24), (120, 36), (200, 60)]
LESSONS = ("one_weight", "three_weights", "three_weights_cleared")
SCREENSHOTS = Path(__file__).parents[2] / "screenshots"
SEED = 1
OPS = ", op by op"
WAYS: tuple[tuple[str, Until], ...] = (("", "phase"), (OPS, "op"))


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


def is_whole(event: Event) -> bool:
    """Whether the program waits, and nothing more comes for the stop at which it does."""
    if isinstance(event, Stopped):
        return event.waiting and not event.stop.ran
    return isinstance(event, Statistics) and event.last


@pytest.fixture(scope="module")
def runs() -> Iterator[dict[str, list[Event]]]:
    """The events of each lesson, one key a phase; under `lesson, op by op` one key an op or node."""
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    source = LiveSource(launch(LESSONS[0]))
    source.start(events.put)
    found: dict[str, list[Event]] = {}
    for lesson, ending, until in [(lesson, *way) for way in WAYS for lesson in LESSONS]:
        if found:
            source.launch = launch(lesson)
            source.restart()
        taken = found[lesson + ending] = []
        while not taken or not isinstance(taken[-1], Exited):
            taken.append(event := events.get(timeout=120))
            if is_whole(event):
                source.send(Go(until))
    yield found
    source.close()


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("lesson", LESSONS)
async def test_pictures(
    svg: SnapshotAssertion, runs: dict[str, list[Event]], lesson: str, size: tuple[int, int]
) -> None:
    async with running(size=size, source=Replay(runs[lesson], FOLDER / f"{lesson}.py")) as run:
        await run.press(*["space"] * 9)
        for phase in ("forward", "backward", "update"):
            await run.press("space")
            assert run.screen.moment.stop.phase == phase
            assert run.app.export_screenshot() == svg(name=f"{lesson}-{phase}-{size[0]}x{size[1]}")


@pytest.mark.parametrize("lesson", ["one_weight", "three_weights"])
async def test_pictures_of_each_op_and_node(svg: SnapshotAssertion, runs: dict[str, list[Event]], lesson: str) -> None:
    async with running(size=(120, 36), source=Replay(runs[lesson + OPS], FOLDER / f"{lesson}.py")) as run:
        for step in range(1, 9):
            await run.press("o")
            assert (run.screen.moment.stop.step is None) == (step == 4)
            assert run.app.export_screenshot() == svg(name=f"{lesson}-o-{step}")


@pytest.mark.parametrize("lesson", ["one_weight", "three_weights"])
async def test_pictures_of_the_chain_rule(svg: SnapshotAssertion, runs: dict[str, list[Event]], lesson: str) -> None:
    for size in SIZES:
        async with running(size=size, source=Replay(runs[lesson], FOLDER / f"{lesson}.py")) as run:
            await run.press("space", "space", "x")
            assert run.app.export_screenshot() == svg(name=f"{lesson}-chain-{size[0]}x{size[1]}")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_pictures_of_autograds_nodes(
    svg: SnapshotAssertion, runs: dict[str, list[Event]], size: tuple[int, int]
) -> None:
    lesson = "three_weights"
    async with running(size=size, source=Replay(runs[lesson + OPS], FOLDER / f"{lesson}.py")) as run:
        await run.press(*["o"] * 4, "v")
        assert run.app.export_screenshot() == svg(name=f"{lesson}-nodes-forward-{size[0]}x{size[1]}")
        await run.press("o", "o")
        assert run.app.export_screenshot() == svg(name=f"{lesson}-nodes-inside-{size[0]}x{size[1]}")
        await run.press("o", "o", "o")
        assert run.screen.moment.stop.phase == "backward"
        assert run.app.export_screenshot() == svg(name=f"{lesson}-nodes-backward-{size[0]}x{size[1]}")


@pytest.mark.parametrize("name", MAKE.PICTURES)
async def test_the_pictures_of_the_readme_are_not_stale(runs: dict[str, list[Event]], name: str) -> None:
    """If this fails and the new screen is right: python screenshots/make.py."""
    lesson, keys, size = MAKE.PICTURES[name]
    columns, rows = map(int, size.split("x"))
    if "w" in keys:
        now = await shoot(GradstepApp(LiveSource(launch(Path(lesson).stem))), keys, (columns, rows))
        assert MAKE.normalised(now) == (SCREENSHOTS / f"{name}.svg").read_text(encoding="utf-8"), f"{name} is stale"
        return
    events = runs[Path(lesson).stem + (OPS if "o" in keys else "")]
    async with running(size=(columns, rows), source=Replay(events, FOLDER / lesson)) as run:
        await run.press(*keys)
        now = MAKE.normalised(run.app.export_screenshot(title="gradstep"))
    assert now == (SCREENSHOTS / f"{name}.svg").read_text(encoding="utf-8"), f"{name}.svg is stale"
