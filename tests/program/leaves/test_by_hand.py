"""Phases of small programs: no update by hand is lost, none is made up, each has the line that wrote."""

from __future__ import annotations

from pathlib import Path

import pytest
from running import Runner

HEAD = """
import torch
from torch import nn
torch.manual_seed(0)
w = torch.randn(5, 2, requires_grad=True)
x = torch.randn(2)
"""
AN_OPTIMIZER_IS_MADE_BEFORE_THE_NEXT_FORWARD = """
loss = (w @ x).square().sum()
loss.backward()
with torch.no_grad():
    w -= 0.1 * w.grad  # here
optimizer = torch.optim.SGD([w], lr=0.1)
optimizer.zero_grad()
(w @ x).square().sum().backward()
optimizer.step()
"""
THE_NEXT_FORWARD_INDEXES = """
for _ in range(3):
    rows = w[torch.tensor([0, 1])]
    loss = (1 - rows).square().mean()
    w.grad = None
    loss.backward()
    w.data += -0.1 * w.grad  # here
"""
EVALUATED_BETWEEN = """
for _ in range(3):
    loss = (w @ x).square().sum()
    loss.backward()
    w.data.mul_(0.9)  # here
    w.requires_grad = True
    with torch.no_grad():
        scaled = 2 * w
        print((scaled * 3).sum())
"""
INITIALISED_IN_THE_FIRST_FORWARD = """
optimizer = torch.optim.SGD([w], lr=0.1)
for step in range(2):
    if step == 0:
        w.data = (w / 2).detach()
    loss = (w @ x).square().sum()
    loss.backward()
    optimizer.step()
"""
A_NEW_MODEL_IS_INITIALISED = """
for _ in range(2):
    model = nn.Linear(2, 3)
    model.weight.data.uniform_(-0.5, 0.5)
    model.bias.data.zero_()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(2):
        optimizer.zero_grad()
        loss = model(x).square().mean()
        loss.backward()
        optimizer.step()
"""
DONE_LOSSES_ARE_AVERAGED = """
optimizer = torch.optim.SGD([w], lr=0.1)
for step in range(2):
    optimizer.zero_grad()
    first = (w @ x).square().sum()
    first.backward()
    second = (w @ x).abs().sum()
    second.backward()
    optimizer.step()
    mean = (first + second) / 2
    print((mean * 2).item())
"""
RAISES_AFTER_ITS_LAST_UPDATE = """
for _ in range(2):
    loss = (w @ x).square().sum()
    w.grad = None
    loss.backward()
    w.data -= 0.1 * w.grad  # here
(w @ x).sum() + torch.zeros(7, 7)[8]
"""
RAISES_WHILE_IT_STEPS = """
class Broken(torch.optim.SGD):
    def step(self):
        super().step()
        raise RuntimeError
loss = (w @ x).square().sum()
loss.backward()
Broken([w], lr=0.1).step()
"""


@pytest.mark.parametrize(
    ("body", "phases", "by_hand"),
    [
        (AN_OPTIMIZER_IS_MADE_BEFORE_THE_NEXT_FORWARD, "f b u f b u", 1),
        (THE_NEXT_FORWARD_INDEXES, "f b u f b u f b u", 3),
        (EVALUATED_BETWEEN, "f b u f b u f b u", 3),
        (INITIALISED_IN_THE_FIRST_FORWARD, "f b u f b u", 0),
        (A_NEW_MODEL_IS_INITIALISED, "f b u f b u f b u f b u", 0),
        (DONE_LOSSES_ARE_AVERAGED, "f b f b u f b f b u", 0),
        (RAISES_AFTER_ITS_LAST_UPDATE, "f b u f b u", 2),
        (RAISES_WHILE_IT_STEPS, "f b", 0),
    ],
)
def test_phases_and_lines(body: str, phases: str, by_hand: int, runner: Runner, tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(HEAD + body)
    watched = runner.watch(path, directory=tmp_path)
    assert watched.phases == phases
    here = [number for number, line in enumerate((HEAD + body).splitlines(), 1) if line.endswith("# here")]
    lines = [stop.place.line for stop in watched.of("update") if stop.reason == "by-hand"]
    assert lines == here * by_hand
    assert [stop.iteration for stop in watched.of("update")] == list(range(1, phases.count("u") + 1))
