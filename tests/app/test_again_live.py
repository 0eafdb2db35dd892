"""Again from here, with real programs in their own processes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from gradstep.app.app import GradstepApp
from gradstep.app.debugger.screen import DebuggerScreen
from gradstep.app.lessons import FOLDER
from gradstep.app.shot import still
from gradstep.launch import launch
from gradstep.source.live import LiveSource
from textual.pilot import Pilot

LESSON = FOLDER / "three_weights.py"


class Live:
    """The debugger on a program that really runs."""

    def __init__(self, app: GradstepApp, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot

    @property
    def screen(self) -> DebuggerScreen:
        screen = self.app.screen
        assert isinstance(screen, DebuggerScreen)
        return screen

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.pilot.press(key)
            await still(self.app, self.pilot)

    def losses(self, name: str) -> list[float]:
        run = next(run for run in self.screen.conversation.link.runs.all if run.name == name)
        return [round(point.value, 4) for point in run.history.curve("loss")]


@asynccontextmanager
async def live(path: Path) -> AsyncIterator[Live]:
    app = GradstepApp(LiveSource(launch(str(path), (), None, None, 7, None)))
    async with app.run_test(size=(160, 40)) as pilot:
        await still(app, pilot)
        yield Live(app, pilot)


async def test_the_seed_goes_on_from_a_past_stop_with_another_rate() -> None:
    async with live(LESSON) as run:
        await run.press("o", *["space"] * 9, *["left"] * 4, "plus")
        assert run.screen.conversation.link.runs.live.name == "lr ×2 at stop 6"
        assert run.screen.conversation.link.runs.live.offset > 0
        assert run.losses("run 1") == [16.0, 8.2944, 0.9094]
        await run.press("f", "f")
        assert run.losses("lr ×2 at stop 6")[:2] == [16.0, 8.2944]
        assert run.screen.moment.stop.loss is not None
        indexes = [stop.index for stop in run.screen.conversation.link.runs.live.history.stops]
        assert indexes == list(range(len(indexes)))


async def test_an_edit_in_the_past_that_changes_nothing_gives_the_run_no_name() -> None:
    async with live(LESSON) as run:
        await run.press(*["space"] * 4, "left", "t")
        assert "the fresh gradient alone already" in run.screen.state.hint
        assert run.screen.conversation.link.runs.live.name == "run 1 again"
        await run.press("left", "left", "left", "plus")
        assert "no optimizer, and no variable" in run.screen.state.hint
        assert run.screen.conversation.link.runs.live.name == "run 1 again (2)"


async def test_both_worlds_of_the_seed() -> None:
    async with live(LESSON) as run:
        await run.press("e", "w")
        assert run.losses("run 1") == [16.0, 8.2944, 0.9094, 1.5371, 9.5238, 16.5505]
        assert run.losses("cleared")[:5] == [16.0, 8.2944, 4.2998, 2.229, 1.1555]
        assert not any(stop.light for stop in run.screen.conversation.link.runs.live.history.stops)


async def test_random_numbers_are_the_same_again_and_what_is_not_seeded_is_found(tmp_path: Path) -> None:
    code = (
        "import os\nimport torch\n"
        "w = torch.randn(3, requires_grad=True)\n"
        "noise = {noise}\n"
        "opt = torch.optim.Adam([w], lr=0.1)\n"
        "for _ in range(4):\n"
        "    opt.zero_grad()\n"
        "    loss = ((w * torch.randn(3)) ** 2).sum() + noise\n"
        "    loss.backward()\n"
        "    opt.step()\n"
    )
    same, other = tmp_path / "same.py", tmp_path / "other.py"
    same.write_text(code.format(noise="0.0"))
    other.write_text(code.format(noise="int.from_bytes(os.urandom(4), 'big') / 1e9"))
    async with live(same) as run:
        await run.press(*["space"] * 7, "left", "left", "minus", "space")
        assert run.screen.conversation.link.runs.live.name == "lr ×0.5 at stop 5"
        assert run.screen.conversation.link.runs.live.history.last.index == 6
    async with live(other) as run:
        await run.press(*["space"] * 7, "left", "left", "minus")
        assert run.screen.conversation.link.runs.live.name == "run 1 again"
        printed = "\n".join(text for text, _ in run.screen.conversation.link.runs.live.terminal.lines)
        assert "the second run differs: stop 1: loss" in printed


async def test_a_program_that_is_gone_goes_on() -> None:
    async with live(LESSON) as run:
        await run.press("u", "u", "r", "space", "m", "up", "enter", "f")
        assert run.screen.moment.name == "run 1"
        assert not run.screen.moment.past
        assert run.losses("run 1") == [16.0, 8.2944, 0.9094]


STUCK = """
import torch
model = torch.nn.Sequential(torch.nn.Linear(20, 30), torch.nn.ReLU(), torch.nn.Linear(30, 1))
torch.nn.init.constant_(model[0].bias, -50.0)
optimizer = torch.optim.Adam(model.parameters())
for _ in range(3):
    optimizer.zero_grad()
    loss = (model(torch.randn(8, 20)) - 1).square().mean()
    loss.backward()
    optimizer.step()
"""


async def test_what_is_passed_by_a_short_way_is_kept_in_full_and_a_step_of_zero_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "stuck.py"
    path.write_text(STUCK)
    async with live(path) as run:
        await run.press("u", "u")
        history = run.screen.conversation.link.runs.live.history
        assert [stop.phase for stop in history.stops] == ["start", *["forward", "backward", "update"] * 2]
        assert not any(stop.light for stop in history.stops)
        for stop in history.stops[1:]:
            assert stop.graph.nodes
            assert stop.tensors["model.0.weight"].norm
        update = run.screen.moment.stop
        assert "model.0.weight" not in update.changed
        assert update.update is not None
        assert update.update.leaves == ("model.2.bias",)


async def test_what_was_never_trained_is_told_at_the_end_of_a_run_that_nobody_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "left_out.py"
    path.write_text(STUCK.replace("optimizer.step()", "pass"))
    async with live(path) as run:
        await run.press("e")
        finding = run.screen.moment.stop.finding("weight-not-changed")
        assert finding is not None
        assert finding.evidence["passes"] == 3
