"""Receipts: what each update is made of, against plain arithmetic on plain torch's own numbers."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from gradstep.draw.receipt import receipt_lines, step_shares
from gradstep.model.receipt import Receipt
from gradstep.model.stop import Stop
from gradstep.model.tensor import TensorView
from running import PROGRAMS, Runner

PROGRAM = """
import sys
import torch
w = torch.tensor([1.0, -2.0, 0.5], requires_grad=True)
x = torch.tensor([0.3, 0.7, -1.1])
optimizer = torch.optim.{optimizer}
for step in range(3):
    loss = ((w * x).sum() - 1.5) ** 2 + (w ** 4).sum()
    {clear}
    loss.backward()
    {between}
    optimizer.step()
"""
EXACT = {
    "SGD([w], lr=0.01)": ("fresh",),
    "SGD([w], lr=0.01, momentum=0.9, weight_decay=0.1)": ("fresh", "momentum", "weight-decay"),
    "SGD([w], lr=0.01, momentum=0.9, dampening=0.5)": ("fresh", "momentum"),
    "SGD([w], lr=0.01, momentum=0.9, nesterov=True, weight_decay=0.1)": ("fresh", "momentum", "weight-decay"),
    "SGD([w], lr=0.01, maximize=True)": ("fresh",),
    "Adam([w], lr=0.01, weight_decay=0.1)": ("fresh", "momentum", "weight-decay"),
    "Adam([w], lr=0.01, amsgrad=True)": ("fresh", "momentum"),
    "AdamW([w], lr=0.01)": ("fresh", "momentum", "weight-decay"),
    "RMSprop([w], lr=0.01, centered=True, momentum=0.5)": ("fresh", "momentum"),
    "Adagrad([w], lr=0.01, lr_decay=0.1, weight_decay=0.1)": ("fresh", "weight-decay"),
}


def updates(
    runner: Runner, folder: Path, optimizer: str, clear: str = "optimizer.zero_grad()", between: str = ""
) -> list[Stop]:
    path = folder / "program.py"
    path.write_text(PROGRAM.format(optimizer=optimizer, clear=clear, between=between))
    return runner.watch(path).of("update")


def tensor(view: TensorView | None) -> torch.Tensor:
    assert view is not None
    return torch.tensor(view.flat(), dtype=torch.float64)


def part(receipt: Receipt, kind: str) -> torch.Tensor:
    return sum(
        (tensor(item.change) for item in receipt.parts if item.kind == kind), torch.zeros(3, dtype=torch.float64)
    )


@pytest.mark.parametrize("optimizer", EXACT)
def test_the_parts_are_known_and_add_up(optimizer: str, runner: Runner, tmp_path: Path) -> None:
    stops = updates(runner, tmp_path, optimizer)
    assert len(stops) == 3
    for number, stop in enumerate(stops):
        receipt = stop.receipts["w"]
        moved = tensor(receipt.after) - tensor(receipt.before)
        parts = torch.stack([part(receipt, kind) for kind in EXACT[optimizer]]).sum(0)
        assert torch.allclose(parts, moved, rtol=1e-4, atol=1e-7)
        assert receipt.unexplained < 1e-5
        assert sum(item.share for item in receipt.parts) == pytest.approx(1, abs=1e-4)
        assert receipt.lr == pytest.approx(0.01 / (1 + 0.1 * number) if "lr_decay" in optimizer else 0.01)
    assert {item.kind for item in stops[-1].receipts["w"].parts} == set(EXACT[optimizer])


def gradient_of(w: torch.Tensor) -> torch.Tensor:
    leaf = w.clone().requires_grad_()
    x = torch.tensor([0.3, 0.7, -1.1], dtype=torch.float64)
    return torch.autograd.grad(((leaf * x).sum() - 1.5) ** 2 + (leaf**4).sum(), leaf)[0]


def test_momentum_and_decay_of_sgd(runner: Runner, tmp_path: Path) -> None:
    stops = updates(runner, tmp_path, "SGD([w], lr=0.01, momentum=0.9, weight_decay=0.1)")
    buffer = torch.zeros(3, dtype=torch.float64)
    for stop in stops:
        receipt = stop.receipts["w"]
        before = tensor(receipt.before)
        grad = gradient_of(before)
        assert torch.allclose(part(receipt, "fresh"), -0.01 * grad, rtol=1e-5)
        assert torch.allclose(part(receipt, "momentum"), -0.01 * 0.9 * buffer, rtol=1e-5)
        assert torch.allclose(part(receipt, "weight-decay"), -0.01 * 0.1 * before, rtol=1e-5)
        assert receipt.uphill == pytest.approx(-1)
        buffer = 0.9 * buffer + grad + 0.1 * before
        assert torch.allclose(tensor(receipt.state["momentum_buffer"].after), buffer, rtol=1e-5)


def test_scaling_and_decay_of_adamw(runner: Runner, tmp_path: Path) -> None:
    stops = updates(runner, tmp_path, "AdamW([w], lr=0.01)")
    first, second = torch.zeros(3, dtype=torch.float64), torch.zeros(3, dtype=torch.float64)
    for number, stop in enumerate(stops, 1):
        receipt = stop.receipts["w"]
        before = tensor(receipt.before)
        grad = gradient_of(before)
        second = 0.999 * second + 0.001 * grad**2
        scaling = (second / (1 - 0.999**number)).sqrt() + 1e-8
        rate = 0.01 / (1 - 0.9**number)
        assert torch.allclose(tensor(receipt.scaling), scaling, rtol=1e-4)
        assert torch.allclose(part(receipt, "fresh"), -rate * 0.1 * grad / scaling, rtol=1e-4)
        assert torch.allclose(part(receipt, "momentum"), -rate * 0.9 * first / scaling, rtol=1e-4)
        assert torch.allclose(part(receipt, "weight-decay"), -0.01 * 0.01 * before, rtol=1e-4)
        first = 0.9 * first + 0.1 * grad


def test_clipping_scales_and_stale_is_told(runner: Runner, tmp_path: Path) -> None:
    clip = "torch.nn.utils.clip_grad_norm_([w], 0.5)"
    stops = updates(runner, tmp_path, "SGD([w], lr=0.01)", between=clip)
    receipt = stops[0].receipts["w"]
    grad = gradient_of(tensor(receipt.before))
    assert receipt.scaled == pytest.approx(0.5 / float(grad.norm()), rel=1e-4)
    assert [item.kind for item in receipt.parts] == ["fresh"]
    stops = updates(runner, tmp_path, "SGD([w], lr=0.01)", clear="")
    assert [item.kind for item in stops[1].receipts["w"].parts] == ["fresh", "stale"]
    stops = updates(runner, tmp_path, "SGD([w], lr=0.01)", between="w.grad[0] += 3.0")
    by_hand = part(stops[0].receipts["w"], "by-hand")
    assert by_hand.tolist() == pytest.approx([-0.03, 0, 0], abs=1e-6)


def test_the_course_notebook(runner: Runner) -> None:
    """w[0] moved by 0.01 × (27.52 stale + 3.8144 fresh) at the third update."""
    stop = runner.watch(PROGRAMS / "seed.ipynb", kind="notebook").of("update")[2]
    parts = {item.kind: item for item in stop.receipts["w"].parts}
    assert {kind: item.factor for kind, item in parts.items()} == {"fresh": -0.01, "stale": -0.01}
    assert tensor(parts["stale"].of)[0] == pytest.approx(27.52)
    assert tensor(parts["fresh"].of)[0] == pytest.approx(3.8144)
    assert round(step_shares(stop)["stale"], 2) == 0.88
    shown = "\n".join(row.plain for row in receipt_lines(stop, 60))
    assert "w[0]: -0.3133 = -0.01 · (3.8144 fresh + 27.5200 stale)" in shown
    assert "12 %" in shown
    assert "88 %" in shown


def test_other_optimizers_say_so(runner: Runner, tmp_path: Path) -> None:
    stop = updates(runner, tmp_path, "NAdam([w], lr=0.01)")[1]
    receipt = stop.receipts["w"]
    assert [item.kind for item in receipt.parts] == ["other"]
    assert {"exp_avg", "exp_avg_sq"} <= receipt.state.keys()


def test_the_change_of_a_narrow_weight_is_told_in_full(tmp_path: Path, runner: Runner) -> None:
    path = tmp_path / "narrow.py"
    path.write_text(
        """
import torch
w = torch.tensor([0.7, 0.093, 50.2], dtype=torch.bfloat16, requires_grad=True)
x = torch.tensor([1.4, 0.3, 0.01], dtype=torch.bfloat16)
(w * x).sum().backward()
torch.optim.SGD([w], lr=0.01).step()
"""
    )
    w, x = (torch.tensor(row).bfloat16() for row in ([0.7, 0.093, 50.2], [1.4, 0.3, 0.01]))
    after = w - (0.01 * x.float()).bfloat16()
    (update,) = runner.watch(path).of("update")
    receipt = update.receipts["w"]
    assert torch.equal(tensor(receipt.before), w.double())
    assert torch.equal(tensor(receipt.after), after.double())
    assert torch.equal(tensor(receipt.change), after.double() - w.double())
    assert torch.equal(tensor(receipt.parts[0].change), (-0.01 * x.double()).float().double().apply_(shortest))


def shortest(value: float) -> float:
    """Of a float32, as it is sent."""
    return float(str(torch.tensor(value).numpy()))
