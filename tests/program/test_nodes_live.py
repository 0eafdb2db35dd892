"""Step into backward with autograd's nodes on the screen, in programs that really run."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from gradstep.app.app import GradstepApp
from gradstep.app.panes.graph import GraphPane
from gradstep.app.screens.debugger import DebuggerScreen
from gradstep.app.shot import still
from gradstep.launch import launch
from gradstep.source.live import LiveSource
from running import PROGRAMS, Once, Runner
from test_programs import same


@pytest.mark.parametrize("name", ["batchnorm_inplace.py", "deep_rnn.py"])
async def test_each_node_is_marked_and_the_program_does_not_notice(
    name: str, runner: Runner, once: Once, tmp_path: Path
) -> None:
    log = tmp_path / "watched.pt"
    app = GradstepApp(LiveSource(launch(str(PROGRAMS / name), (str(log),), None, None, 7, None)))
    async with app.run_test(size=(120, 36)) as pilot:

        async def press(*keys: str) -> None:
            for key in keys:
                await pilot.press(key)
                await still(app, pilot)

        await still(app, pilot)
        await press("space")
        screen = app.screen
        assert isinstance(screen, DebuggerScreen)
        pane = screen.query_one(GraphPane)
        while not pane._picture.autograd:
            await press("v")
        ran = []
        for _ in range(6):
            await press("o")
            step, picture = screen.moment.stop.step, pane._picture
            assert step is not None
            assert picture.autograd
            assert picture.graph.nodes[picture.current].op == step.name
            marked = [at for box in picture.drawing.touched for at in picture.drawing.nodes[box]]
            assert marked == [picture.current]
            ran.append(picture.current)
        assert len(set(ran)) == 6
        assert ran[0] == picture.graph.root
        for above, node in picture.graph.edges:
            assert above not in ran or node in ran[: ran.index(above)]
        await press("c")
        assert screen.moment.stop.phase == "end"
    code, plain = runner.plain_once(name, once)
    assert code == 0
    assert same(*(torch.load(path, weights_only=False) for path in (plain, log)))
