"""The inspector's questions to a program that waits, through the real processes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from asking import Asking, program
from gradstep.app.inspector.plane import positions
from gradstep.model.message import Clear, Event, Statistics
from running import Runner, Stage

PROGRAM = """
import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(100, 50), nn.ReLU(), nn.Linear(50, 20))
rows = nn.Embedding(500, 4, sparse=True)
x = torch.randn(30, 100)
z = torch.randn(12, 12, dtype=torch.complex64, requires_grad=True)
half = torch.randn(9, 9, dtype=torch.bfloat16, requires_grad=True)
ids = torch.tensor([1, 7, 7])
optimizer = torch.optim.SGD([*model.parameters(), *rows.parameters(), z, half], lr=0.1)
for step in range(2):
    optimizer.zero_grad()
    hidden = model(x)
    squared = hidden.square()
    loss = squared.mean() + rows(ids).sum() + z.abs().sum() + half.float().sum()
    loss.backward()
    optimizer.step()
print([parameter._version for parameter in model.parameters()], torch.rand(1).item(), torch.is_grad_enabled())
print([float(parameter.detach().double().sum()) for parameter in model.parameters()])
"""


@pytest.fixture
def asking(stage: Stage, tmp_path: Path) -> Iterator[Asking]:
    path = tmp_path / "program.py"
    path.write_text(PROGRAM, encoding="utf-8")
    with program(stage, path) as asking:
        yield asking


@contextmanager
def model() -> Iterator[dict[str, Any]]:
    """The same program, plain, up to its first backward."""
    names: dict[str, Any] = {}
    exec(PROGRAM.partition("    optimizer.step()")[0].replace("range(2)", "range(1)"), names)
    yield names


def whole(*shape: int) -> tuple[tuple[int, int, int], ...]:
    return tuple((0, size, 1) for size in shape)


def test_values_and_gradients_of_leaves(asking: Asking) -> None:
    asking.go()
    asking.go()
    with model() as names:
        for side in ("value", "gradient"):
            weight = names["model"][0].weight
            exact = weight.detach() if side == "value" else weight.grad
            assert exact is not None
            found = asking.ask("model.0.weight", side=side, window=((2, 3, 1), (0, 5, 20)))
            assert torch.equal(torch.tensor(found.values), exact[2:5, ::20].reshape(-1))
            survey = asking.ask("model.0.weight", side=side, want="survey").survey
            assert survey is not None
            assert survey.norm == pytest.approx(exact.double().norm().item(), rel=1e-6)
            assert survey.max_at == int(exact.argmax())
        sparse = names["rows"].weight.grad
        assert sparse is not None
        found = asking.ask("rows.weight", side="gradient", window=((0, 9, 1), (0, 4, 1)))
        assert found.layout == "sparse coo"
        assert torch.equal(torch.tensor(found.values), sparse.to_dense()[:9].reshape(-1))
        assert asking.ask("rows.weight", side="gradient", want="survey").survey.stored == 8  # type: ignore[union-attr]
        found = asking.ask("z", window=whole(12, 12))
        assert torch.equal(torch.tensor(found.values), torch.view_as_real(names["z"].detach()).reshape(-1, 2))
        found = asking.ask("half", window=whole(9, 9))
        assert torch.equal(torch.tensor(found.values).bfloat16(), names["half"].detach().reshape(-1))


def test_boxes_of_the_graph(asking: Asking) -> None:
    asking.go()
    with model() as names:
        for name in ("hidden", "squared", "x"):
            exact = names[name].detach()
            found = asking.ask(name, window=whole(*exact.shape))
            assert found.view is not None
            assert found.view.shape == tuple(exact.shape)
            assert torch.equal(torch.tensor(found.values), exact.reshape(-1))
            assert positions(found.of.window, found.view.shape) == list(range(exact.numel()))
    assert asking.ask("hidden", side="gradient", window=whole(30, 20)).problem == "its gradient was not kept"
    gone = [node for node in asking.stop.graph.nodes if node.view is not None and node.view.freed]
    assert gone
    assert asking.ask(gone[0].name, window=whole(30, 50)).problem == "it was freed before it could be read"


def test_what_cannot_be_answered_is_said(asking: Asking) -> None:
    assert asking.ask("w").problem == "torch is not imported yet" or "no tensor" in asking.ask("w").problem
    asking.go()
    assert asking.ask("model.0.weight", stop=0).problem == "the program has moved on from that stop"
    assert asking.ask("model.0.weight", side="gradient").problem == ".grad is None"
    assert asking.ask("nobody", node=-1).problem == "the program has no tensor of that name at this stop"
    assert asking.ask("squared", node=9999).problem == "nothing is kept of it any more"
    assert "no window" in asking.ask("model.0.weight", window=whole(3)).problem


def test_nan_is_found(asking: Asking) -> None:
    asking.go()
    assert asking.ask("model.0.weight", want="seek").at == -1


def is_about(event: Event | None, name: str) -> bool:
    return isinstance(event, Statistics) and name in event.tensors


def test_the_statistics_of_the_stop_come_all_the_same(asking: Asking) -> None:
    asking.go()
    asking.ask("model.0.weight", want="survey")
    asking.source.send(Clear(False))
    rest = next((event for event in asking.seen if is_about(event, "model.0.weight")), None)
    while not is_about(rest, "model.0.weight"):
        rest = asking._events.get(timeout=60)
    assert isinstance(rest, Statistics)
    assert math.isfinite(float(rest.tensors["model.0.weight"].norm or math.nan))


def test_looking_changes_nothing(asking: Asking, stage: Stage, tmp_path: Path) -> None:
    for _ in range(5):
        asking.go()
        for name in ("model.0.weight", "rows.weight", "z", "half", "x"):
            for side in ("value", "gradient"):
                asking.ask(name, side=side, want="survey")
                asking.ask(name, side=side, want="seek")
    looked = asking.output()
    with program(stage, tmp_path / "program.py") as other:
        assert other.output() == looked
    assert "True" in looked


def test_results_that_live_on_have_their_statistics(runner: Runner, tmp_path: Path) -> None:
    (tmp_path / "results.py").write_text(RESULTS)
    watched = runner.watch(tmp_path / "results.py", str(tmp_path / "norms.pt"), directory=tmp_path)
    first, second = watched.of("forward")
    norms = torch.load(tmp_path / "norms.pt")
    for stop, norm in zip((first, second), norms, strict=True):
        assert stop.tensors["h"].norm == pytest.approx(norm)
        assert stop.tensors["overwritten"].norm is None
        assert stop.tensors["relu"].freed
        assert {"overwritten", "relu"} <= set(stop.changed)
    assert "h" in first.changed
    assert "h" not in second.changed, "it is what it was"


RESULTS = """
import sys, torch

torch.manual_seed(0)
w, x, norms = torch.randn(50, 50, requires_grad=True), torch.randn(20, 50), []
for _ in range(2):
    h = x @ w
    overwritten = h.detach() + torch.zeros(20, 50, requires_grad=True)
    with torch.no_grad():
        overwritten.zero_()
    loss = (torch.relu(h) + overwritten).mean()
    norms.append(h.norm().item())
    loss.backward()
torch.save(norms, sys.argv[1])
"""
