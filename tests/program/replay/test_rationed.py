"""Where nobody looks an ordinary rise on other data is proven a few times; one that is out of the ordinary always."""

from __future__ import annotations

from pathlib import Path

from gradstep.model.message import Detail
from gradstep.program.replay.prove import PROVEN
from running import Runner, Watched

PROGRAM = """
import torch
from torch import nn
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
for step in range(40):
    x, y = torch.randn(6, 4), torch.randn(6, 1)
    if step == 35:
        y = 30 * y
    loss = nn.functional.mse_loss(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""


def watched(runner: Runner, folder: Path, detail: Detail) -> Watched:
    path = folder / "batches.py"
    path.write_text(PROGRAM)
    return runner.watch(path, detail=detail)


def proven(run: Watched) -> list[int]:
    """The iterations whose rise was proven."""
    return [stop.iteration for stop in run.of("forward") if stop.proof is not None]


def rises(run: Watched) -> list[int]:
    """The iterations whose loss rose."""
    return [stop.iteration for stop in run.of("forward") if stop.finding("loss-rose")]


def test_on_the_screen_every_rise_is_proven(runner: Runner, tmp_path: Path) -> None:
    run = watched(runner, tmp_path, "screen")
    assert len(rises(run)) > 12
    assert proven(run) == rises(run)


def test_elsewhere_a_few_are_and_what_is_unusual(runner: Runner, tmp_path: Path) -> None:
    run = watched(runner, tmp_path, "record")
    found = proven(run)
    assert found[:PROVEN] == rises(run)[:PROVEN]
    assert 36 in found
    assert len(found) <= len(rises(run)) // 2
    for stop in run.of("forward"):
        rose = stop.finding("loss-rose")
        if rose is not None and stop.proof is None:
            assert "that alone may be why" in rose.message
            assert "No proof" not in rose.message
