"""Keys in the same instant never end the app, and leave it whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from gradstep.app.app import GradstepApp
from gradstep.app.dialogs.dialog import Choices
from gradstep.app.dialogs.palette import Palette
from gradstep.app.dialogs.runs import RunsScreen
from gradstep.app.inspector.screen import InspectorScreen
from gradstep.app.lessons import FOLDER, LessonsScreen
from gradstep.launch import launch
from gradstep.source.live import LiveSource
from running import PROGRAMS
from simulated import SimulatedSource
from typing_keys import KEYS, PALETTE, StayingApp, Typist, pairs, storm, typing

LESSON, GPT = FOLDER / "three_weights.py", PROGRAMS / "healthy" / "gpt.py"
OPENING = ("m", "enter", "colon", "slash", "j", "d", "question_mark", "equals_sign", PALETTE)
"""Keys that open something."""
SEEDS = (1, 2, 3)


@contextmanager
def source(program: Path) -> Iterator[LiveSource]:
    """A program that really runs."""
    live = LiveSource(launch(str(program), (), None, None, 7, None))
    yield live
    live.close()


@pytest.mark.parametrize("first", OPENING)
async def test_a_key_right_behind_one_that_opens_something(first: str) -> None:
    async with typing(SimulatedSource(40)) as typist:
        typist.type("space", "space", "tab")
        await typist.settle()
        await pairs(typist, first, KEYS)
        await typist.steps()


@pytest.mark.parametrize("second", ["q", "escape", "enter", "r", "m", "pagedown", "shift+tab", "space"])
async def test_a_key_right_behind_any_other(second: str) -> None:
    async with typing(SimulatedSource(40)) as typist:
        for first in KEYS:
            await pairs(typist, first, [second])
        await typist.steps()


async def test_pages_are_turned_once_the_runs_are_laid_out() -> None:
    async with typing(SimulatedSource(4)) as typist:
        for _ in range(40):
            typist.type("r", "space")
            await typist.settle()
        typist.type("m", "pageup")
        await typist.settle()
        assert isinstance(typist.app.screen, RunsScreen)
        highlighted = typist.app.screen.query_one(Choices).highlighted
        assert highlighted is not None
        assert highlighted < 40
        typist.type("d", "pagedown")
        await typist.settle()
        assert isinstance(typist.app.screen, RunsScreen)


async def test_the_palette_takes_keys_before_it_is_laid_out() -> None:
    async with typing(SimulatedSource(4)) as typist:
        typist.type(PALETTE, "pagedown", "pageup", "down", PALETTE)
        await typist.settle()
        assert isinstance(typist.app.screen, Palette)
        await typist.to_the_panes()


async def test_each_key_waits_for_what_the_one_before_has_opened() -> None:
    async with typing(SimulatedSource(4)) as typist:
        typist.type("space", "tab", "tab", "tab", "down", "enter", "s", "0", "enter", "e", "v")
        await typist.settle()
        assert isinstance(typist.app.screen, InspectorScreen)
        typist.type("q", "j", "1", "enter", "m", "escape", "shift+tab")
        await typist.settle()
        assert typist.screen.moment.stop.index == 1


@pytest.mark.parametrize("second", ["q", "escape", "enter", "space", "r", "shift+tab", "pagedown", PALETTE])
async def test_a_lesson_is_left_and_opened_without_a_pause(second: str) -> None:
    app = StayingApp(open_lesson=lambda path: SimulatedSource(4))
    async with app.run_test(size=(120, 36)) as pilot:
        typist = Typist(app, pilot)
        for keys in (
            ("enter", second),
            ("enter", "q", second),
            ("enter", "escape", second),
            ("enter", "space", "q", second),
        ):
            typist.type(*keys)
            await typist.settle()
            for _ in range(9):
                if isinstance(app.screen, LessonsScreen):
                    break
                typist.type("escape")
                await typist.settle()
            assert isinstance(app.screen, LessonsScreen), keys


@pytest.mark.parametrize(
    "keys", [("q", "space"), ("q", "m"), ("m", "q", "q"), ("r", "q"), ("space", "q", "r"), ("enter", "q", "q", "q")]
)
async def test_leaving_with_a_key_behind_it(keys: tuple[str, ...]) -> None:
    app = GradstepApp(SimulatedSource(4))
    async with app.run_test(size=(120, 36)) as pilot:
        typist = Typist(app, pilot)
        typist.type(*keys)
        while not app._exit:
            await pilot.pause()
    assert app.return_code == 0


async def test_a_storm_of_keys_on_a_lesson() -> None:
    with source(LESSON) as live:
        async with typing(live) as typist:
            await storm(typist, 0, 300)
            await typist.steps()


@pytest.mark.whole
@pytest.mark.parametrize("program", [LESSON, GPT], ids=["lesson", "gpt"])
@pytest.mark.parametrize("first", [*KEYS, PALETTE])
async def test_every_pair_of_keys(program: Path, first: str) -> None:
    with source(program) as live:
        async with typing(live) as typist:
            typist.type("space", "space", "space", "space")
            await typist.settle()
            await pairs(typist, first, [*KEYS, PALETTE])
            await typist.steps()


@pytest.mark.whole
@pytest.mark.parametrize("program", [LESSON, GPT], ids=["lesson", "gpt"])
@pytest.mark.parametrize("seed", SEEDS)
async def test_a_storm_of_two_thousand_keys(program: Path, seed: int) -> None:
    with source(program) as live:
        async with typing(live) as typist:
            await storm(typist, seed, 2000)
            await typist.steps()
