"""Proofs through the real process: the seed's numbers, other causes, other data, and why there is none."""

from __future__ import annotations

from pathlib import Path

import gradstep
import pytest
import torch
from gradstep.model.proof import Proof
from gradstep.model.stop import Stop
from running import Runner, Watched

LESSON = Path(gradstep.__file__).parent / "lessons" / "three_weights.py"

HEAD = """
import sys, torch
from torch import nn
torch.manual_seed(0)
"""
END = """
if len(sys.argv) > 1:
    torch.save([p.detach() for p in leaves], sys.argv[1])
"""
RATE = """
w = torch.ones(3, requires_grad=True)
x, y = torch.tensor([2.0, 3.0, 1.0]), torch.tensor(3.0)
optimizer = torch.optim.SGD([w], lr=0.08)
leaves = [w]
for _ in range(3):
    loss = (w @ x - y) ** 2
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""
BATCHES = """
X, Y = torch.randn(64, 4), torch.randn(64, 1)
model = nn.Linear(4, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=LR)
leaves = list(model.parameters())
for step in range(12):
    at = torch.randint(64, (8,))
    loss = ((model(X[at]) - Y[at]) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""
DROPOUT = """
X, Y = torch.randn(64, 8), torch.randn(64, 1)
model = nn.Sequential(nn.Linear(8, 32), nn.Dropout(0.5), nn.Linear(32, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
leaves = list(model.parameters())
for step in range(8):
    loss = ((model(X) - Y) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""
MASKED = """
x, y = torch.randn(32, 4), torch.randn(32)
w = torch.randn(4, 8, requires_grad=True)
v = torch.randn(8, requires_grad=True)
leaves = [w, v]
for step in range(4):
    h = x @ w
    loss = (((h * (h > 0).float()) @ v - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        for p in leaves:
            p -= 0.5 * p.grad
            p.grad = None
"""
ATTRIBUTES = """
x, y = torch.randn(32, 4), torch.randn(32, 6)
kept = torch.rand(32) < 0.7
w = torch.randn(6, 4, requires_grad=True)
leaves = [w]
for step in range(6):
    loss = ((x @ w.T)[kept] - y[kept]).mT.pow(2).mean()
    loss.backward()
    with torch.no_grad():
        w -= 20.0 * w.grad
        w.grad = None
"""
ADDED_UP = """
x, y = torch.randn(3, 16, 4), torch.randn(3, 16)
w = torch.randn(4, requires_grad=True)
leaves = [w]
for step in range(4):
    loss = 0
    for at in range(3):
        loss += (x[at] @ w - y[at]).pow(2).mean()
    loss /= 3
    loss.backward()
    with torch.no_grad():
        w -= 3.0 * w.grad
        w.grad = None
"""
DETACHED = """
w = torch.ones(3, requires_grad=True)
leaves = [w]
for step in range(3):
    loss = ((w * 3 - (w * 2).detach()) ** 2).sum() + 9 * (1 - w.detach() ** 2).sum()
    loss.backward()
    with torch.no_grad():
        w -= 0.02 * w.grad
        w.grad = None
"""


def watch(runner: Runner, folder: Path, text: str, **ways: bool) -> Watched:
    """Run that program; its weights are those of plain torch, bit for bit."""
    program = folder / "program.py"
    program.write_text(HEAD + text + END)
    watched = runner.watch(program, str(folder / "watched.pt"), directory=folder, **ways)  # type: ignore[arg-type]
    assert watched.code == runner.plain(program, str(folder / "plain.pt"), directory=folder) == 0
    for mine, theirs in zip(torch.load(folder / "watched.pt"), torch.load(folder / "plain.pt"), strict=True):
        assert torch.equal(mine, theirs)
    return watched


def proofs(watched: Watched) -> list[tuple[Stop, Proof]]:
    return [(stop, stop.proof) for stop in watched.stops if stop.proof is not None]


def test_the_seed(runner: Runner) -> None:
    stop, proof = proofs(runner.watch(LESSON))[0]
    assert (stop.index, proof.since, proof.cause) == (10, 7, "stale")
    assert (proof.before, proof.after) == (0.90935284, 1.5371238)
    assert proof.lowest == pytest.approx(0.4348, abs=1e-4)
    assert dict(proof.fresh)[1.0] == pytest.approx(0.4714, abs=1e-4)
    assert dict(proof.along)[2.0] == pytest.approx((3.9536 - 2 * 2.1934 - 3) ** 2, rel=1e-3)
    finding = stop.finding("overshoot")
    assert finding is not None
    assert "88 %" in finding.message
    assert "2.3 times too long" in finding.message
    assert "0.4714" in finding.message
    assert finding.evidence["lowest"] == proof.lowest
    assert finding.evidence["cause"] == "stale"
    assert finding.evidence["new_on_old"] == proof.after


def test_stepped_by_key_the_proof_is_the_same_or_dropped(runner: Runner) -> None:
    stops = runner.watch(LESSON, step=True).of("forward")
    assert stops[-1].proof is None
    assert stops[-1].finding("overshoot") is not None


def test_too_high_a_rate(runner: Runner, tmp_path: Path) -> None:
    found = proofs(watch(runner, tmp_path, RATE))
    assert [proof.cause for _, proof in found] == ["rate", "rate"]
    for stop, proof in found:
        # (w·x - y)² has curvature 2||x||² along the gradient: above 1/||x||² = 1/14 the loss rises
        assert proof.stable_rate == pytest.approx(1 / 14, rel=2e-3)
        assert proof.lowest == pytest.approx(1 / 28 / 0.08, rel=2e-3)
        assert "0.071" in stop.findings[0].remedy


def test_healthy_batches_are_the_batch(runner: Runner, tmp_path: Path) -> None:
    watched = watch(runner, tmp_path, BATCHES.replace("LR", "0.02"))
    found = proofs(watched)
    assert found
    for stop, proof in found:
        assert (proof.cause, proof.problem) == ("data", "")
        assert proof.after < proof.before
        assert proof.old_on_new is not None
        assert [item.kind for item in stop.findings] == ["loss-rose"]
        assert "the rise is the batch's" in stop.findings[0].message


def test_too_high_a_rate_on_batches(runner: Runner, tmp_path: Path) -> None:
    found = proofs(watch(runner, tmp_path, BATCHES.replace("LR", "1.5")))
    told = [stop for stop, proof in found if stop.finding("overshoot")]
    assert told
    assert all(proof.cause == "rate" for stop, proof in found if stop in told)
    assert all("not because of it" in stop.findings[0].message for stop in told)


def test_noise(runner: Runner, tmp_path: Path) -> None:
    found = proofs(watch(runner, tmp_path, DROPOUT))
    assert found
    assert {proof.cause for _, proof in found} == {"noise"}
    assert all("the rest is noise" in stop.findings[0].message for stop, _ in found)


def test_a_mask_by_comparison_moves_with_the_weights(runner: Runner, tmp_path: Path) -> None:
    found = proofs(watch(runner, tmp_path, MASKED))
    assert found
    for stop, proof in found:
        assert proof.problem == ""
        assert stop.loss is not None
        assert proof.after == stop.loss.value


def test_views_by_attribute_and_masks_from_long_ago(runner: Runner, tmp_path: Path) -> None:
    found = proofs(watch(runner, tmp_path, ATTRIBUTES))
    assert len(found) == 5
    assert {(proof.problem, proof.cause) for _, proof in found} == {("", "rate")}
    assert {"T", "mT"} <= {node.op for node in found[0][0].graph.nodes}


def test_a_loss_that_is_added_up_in_place(runner: Runner, tmp_path: Path) -> None:
    found = proofs(watch(runner, tmp_path, ADDED_UP))
    assert [(proof.problem, proof.cause) for _, proof in found] == [("", "rate")] * 3


def test_detached_results_are_held_and_that_is_said(runner: Runner, tmp_path: Path) -> None:
    found = proofs(watch(runner, tmp_path, DETACHED))
    assert found
    for stop, proof in found:
        assert (proof.cause, proof.detached) == ("data", True)
        assert "values which the program detaches" in stop.findings[0].message
