"""The list of lessons, and the way into the debugger and back."""

from pathlib import Path

import pytest
from gradstep.app.app import GradstepApp
from gradstep.app.debugger.screen import DebuggerScreen
from gradstep.app.lessons import FOLDER, ORDER, LessonsScreen, all_lessons
from hand import HandSource, seed_run
from syrupy.assertion import SnapshotAssertion


def test_every_lesson_has_a_title_and_a_text() -> None:
    lessons = all_lessons()
    assert lessons
    for lesson in lessons:
        assert lesson.title
        assert lesson.text
        assert lesson.title not in lesson.code


def test_every_lesson_has_its_place_in_the_order() -> None:
    assert sorted(ORDER) == sorted(path.stem for path in FOLDER.glob("*.py"))
    assert [lesson.path.stem for lesson in all_lessons()] == list(ORDER)


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_pictures(svg: SnapshotAssertion, size: tuple[int, int]) -> None:
    app = GradstepApp(open_lesson=lambda path: HandSource(seed_run()))
    async with app.run_test(size=size) as pilot:
        await pilot.press("down", "down", "down")
        await pilot.pause()
        assert app.export_screenshot() == svg(name=f"lessons-{size[0]}x{size[1]}")


async def test_into_a_lesson_and_back() -> None:
    opened: list[Path] = []
    source = HandSource(seed_run())

    def open_lesson(path: Path) -> HandSource:
        opened.append(path)
        return source

    app = GradstepApp(open_lesson=open_lesson)
    async with app.run_test(size=(120, 36)) as pilot:
        assert isinstance(app.screen, LessonsScreen)
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, DebuggerScreen)
        assert opened[0].suffix == ".py"
        await app.workers.wait_for_complete()
        await pilot.press("space")
        await pilot.press("q")
        await pilot.pause()
        assert isinstance(app.screen, LessonsScreen)
        assert source.calls[-1] == "close"
        await pilot.press("q")
    assert app.return_code == 0
