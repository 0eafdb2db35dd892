"""The screen on a recording: every pane, time, inspector and findings; nothing runs, and torch is not there."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from gradstep.app.commands import COMMANDS, STEERING
from gradstep.app.conversation.link import RECORDED
from gradstep.app.inspector.screen import InspectorScreen
from gradstep.app.panes.graph.instead import instead
from gradstep.model.tensor import TensorView
from hand import seed_run
from msgspec.structs import replace
from recorded import events, replayed, seed_recording, write
from screen import running

SIZES = [(120, 36), (80, 24)]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_time_inspector_and_findings_work(size: tuple[int, int], tmp_path: Path) -> None:
    async with running(size=size, source=replayed(seed_recording(tmp_path / "run.gradstep"))) as run:
        assert run.screen.moment.stop.index == 13
        assert "recorded" in run.row(0)
        await run.press("s")
        assert "w @ x" in run.pane("source")
        await run.press("k")
        assert any("stop 13" in run.row(row) for row in range(size[1]))
        await run.press("j", *"10", "enter")
        assert run.screen.moment.stop.index == 10
        await run.press("y")
        assert "The loss rose from 0.9094 to 1.5371" in " ".join(run.pane("why").split())
        await run.press("left", "left")
        assert run.screen.moment.stop.index == 8
        await run.press("space")
        assert run.screen.moment.stop.index == 9
        await run.press("i")
        assert run.screen.moment.stop.index == 10
        await run.press("home", "end")
        assert run.screen.moment.stop.index == 13
        await run.press("left")
        run.screen.query_one("#tensors").focus()
        await run.press("down", "enter")
        assert isinstance(run.app.screen, InspectorScreen)
        assert "w" in run.row(0)


@pytest.mark.parametrize("key", "space o f b u i c w z plus minus t colon d r G".split())
async def test_a_key_that_needs_a_program_says_so(key: str, tmp_path: Path) -> None:
    async with running(source=replayed(seed_recording(tmp_path / "run.gradstep"))) as run:
        before = run.screen.moment
        await run.press(key)
        assert run.screen.state.hint == RECORDED
        assert run.screen.moment.stop == before.stop


async def test_the_footer_has_no_key_that_is_off(tmp_path: Path) -> None:
    assert {command.action for command in COMMANDS} > STEERING
    async with running(source=replayed(seed_recording(tmp_path / "run.gradstep"))) as run:
        footer = run.row(35)
    assert "space next phase" in footer
    assert all(word not in footer for word in ("restart", "device", "clear"))
    async with running() as run:
        assert all(word in run.row(35) for word in ("restart", "device"))


async def test_of_what_was_not_kept_it_is_said(tmp_path: Path) -> None:
    path = tmp_path / "run.gradstep"
    write(path, events(seed_run()), "losses")
    async with running(source=replayed(path)) as run:
        await run.press("j", "4", "enter")
        assert "Of this stop the recording has the loss and the findings alone." in " ".join(
            run.pane("tensors").split()
        )
        assert "--keep and --every of gradstep record" in " ".join(run.pane("tensors").split())
        await run.press("end")
        assert "the loss and the findings alone" in " ".join(run.pane("gradients").split())
        assert instead(run.screen.moment)[-1] == "← goes back."


async def test_no_pane_names_a_key_that_is_off(tmp_path: Path) -> None:
    stops = seed_run(1)
    write(tmp_path / "run.gradstep", events([*stops[:-1], replace(stops[-1], tensors={}, gradients={}, leaves=())]))
    async with running(source=replayed(tmp_path / "run.gradstep")) as run:
        assert "At its end the program held no leaf." in run.pane("tensors")
        assert "r runs it again" not in "".join(run.row(row) for row in range(36))


async def test_of_large_tensors_there_are_statistics(tmp_path: Path) -> None:
    path = tmp_path / "run.gradstep"
    large = TensorView((30, 10), "float32", "cpu", min=-2.0, max=4.0, mean=0.5, norm=9.0, nan=0, inf=0)
    stops = seed_run(1)
    write(path, events([stops[0], replace(stops[1], leaves=("w",), tensors={"w": large}), *stops[2:]]))
    async with running(source=replayed(path)) as run:
        await run.press("j", "1", "enter")
        run.screen.query_one("#tensors").focus()
        await run.press("down", "enter")
        assert isinstance(run.app.screen, InspectorScreen)
        rows = [run.row(row) for row in range(36)]
        assert any("A recording has no more of it." in row for row in rows)
        assert any("9.0" in row for row in rows)


async def test_two_runs_are_compared(tmp_path: Path) -> None:
    write(tmp_path / "run.gradstep", [*events(seed_run(4)), *events(seed_run(4, cleared=True))])
    async with running(source=replayed(tmp_path / "run.gradstep")) as run:
        assert [line.name for line in run.screen.moment.others] == ["run 1"]
        await run.press("m", "up", "enter")
        assert run.screen.moment.name == "run 1"


async def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    path = seed_recording(tmp_path / "run.gradstep")
    with sqlite3.connect(path) as file:
        file.execute("UPDATE stops SET hash = zeroblob(16) WHERE number = 5")
    async with running(source=replayed(path)) as run:
        assert run.screen.state.hint == "the recording is damaged: 1 record cannot be read"
        await run.press("j", "5", "enter")
        assert run.screen.moment.stop.index != 5


WITHOUT_TORCH = """
import sys
sys.modules["torch"] = sys.modules["numpy"] = None
import asyncio
from gradstep.app.app import GradstepApp
from gradstep.app.panes.graph.instead import instead
from gradstep.model.tensor import TensorView
from gradstep.recording.replay import ReplaySource

async def main():
    app = GradstepApp(ReplaySource(sys.argv[1]))
    async with app.run_test(size=(120, 36)) as pilot:
        for key in ["j", "1", "0", "enter", "x", "s", "left", "y"]:
            await pilot.press(key)
        print(app.screen.moment.stop.index)

asyncio.run(main())
assert not any(name.startswith("gradstep.program") for name in sys.modules)
"""


def test_torch_is_not_needed(tmp_path: Path) -> None:
    path = seed_recording(tmp_path / "run.gradstep")
    command = [sys.executable, "-c", WITHOUT_TORCH, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "9\n", "")


@pytest.mark.parametrize("short", [500, 0])
async def test_back_to_where_something_was_wrong(short: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradstep.recording.history._SHORT", short)
    async with running(source=replayed(seed_recording(tmp_path / "run.gradstep"))) as run:
        await run.press("C")
        assert run.screen.moment.stop.finding("overshoot") is not None
        await run.press("C")
        assert run.screen.moment.stop.finding("stale-gradient") is not None
        await run.press("c")
        assert run.screen.moment.stop.finding("overshoot") is not None
