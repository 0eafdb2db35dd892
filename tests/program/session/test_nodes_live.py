"""Step into backward with autograd's nodes on the screen, in programs that really run."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from asking import program
from gradstep.app.app import GradstepApp
from gradstep.app.debugger.screen import DebuggerScreen
from gradstep.app.panes.graph.pane import GraphPane
from gradstep.app.shot import still
from gradstep.launch import launch
from gradstep.model.message import Evaluate, Evaluated, Probe, Probed, Stopped
from gradstep.source.live import LiveSource
from running import PROGRAMS, Once, Runner, Stage, same


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
        while not pane._pictures.shown.autograd:
            await press("v")
        ran = []
        for _ in range(6):
            await press("o")
            step, picture = screen.moment.stop.step, pane._pictures.shown
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


NESTED = """
import torch
w = torch.tensor([1.0, -2.0, 1.0], requires_grad=True)
x = torch.tensor([2.0, 3.0, 1.0])
loss = (w @ x - 1.0) ** 2
loss.backward()
print(w.grad.tolist())
"""


def test_what_is_computed_on_demand_inside_backward_is_not_stepped_through(stage: Stage, tmp_path: Path) -> None:
    path = tmp_path / "nested.py"
    path.write_text(NESTED)
    with program(stage, path) as asking:
        asking.go()
        first = asking.go("op")
        assert first.step is not None
        asking.source.send(Probe(first.index, "w"))
        while not isinstance(answer := asking._events.get(timeout=60), Probed):
            assert not isinstance(answer, Stopped)
        assert answer.check.differences == pytest.approx((-16.0, -24.0, -8.0), rel=1e-3)
        asking.source.send(Evaluate("(2 * w).sum().backward()"))
        while not isinstance(answer := asking._events.get(timeout=60), Evaluated):
            assert not isinstance(answer, Stopped)
        second = asking.go("op")
        assert second.step is not None
        assert (second.step.done, second.step.total) == (first.step.done + 1, first.step.total)
        assert "[-14.0, -22.0, -6.0]" in asking.output(), "what the prompt has deposited is there too"
