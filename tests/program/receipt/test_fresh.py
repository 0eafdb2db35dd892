"""What the fresh gradient added to a leaf: taken alone by a key, and the ground on which a cause is told.

The oracle is torch's own optimizer, its momentum buffers set to zero before the step.
"""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from gradstep.model.message import Go, Swap
from gradstep.model.proof import Proof
from gradstep.model.receipt import PartKind
from gradstep.model.stop import Stop
from gradstep.model.tensor import TensorView
from running import Runner
from torch import Tensor

START = [1.0, -2.0, 0.5]
LEAVES: dict[str, tuple[str, set[PartKind]]] = {
    "kept": ("SGD([kept], lr=0.01)", {"fresh"}),
    "clipped": ("SGD([clipped], lr=0.01, momentum=0.9)", {"fresh"}),
    "noisy": ("SGD([noisy], lr=0.01, momentum=0.9)", {"fresh", "by-hand"}),
    "heavy": ("SGD([heavy], lr=0.01, momentum=0.9)", {"fresh"}),
    "nesterov": ("SGD([nesterov], lr=0.01, momentum=0.9, nesterov=True, weight_decay=0.1)", {"fresh", "weight-decay"}),
    "adam": ("Adam([adam], lr=0.01)", {"fresh"}),
    "adamw": ("AdamW([adamw], lr=0.01, weight_decay=0.1)", {"fresh", "weight-decay"}),
    "rms": ("RMSprop([rms], lr=0.01, momentum=0.5, centered=True)", {"fresh"}),
    "plain": ("Adagrad([plain], lr=0.01)", {"fresh"}),
    "nadam": ("NAdam([nadam], lr=0.01)", set()),
}
"""Leaves, each with its optimizer, and what is left of the third step without old gradients."""

PROGRAM = f"""
import torch
{"".join(f"{name} = torch.tensor({START}, requires_grad=True){chr(10)}" for name in LEAVES)}
leaves = [{", ".join(LEAVES)}]
optimizers = [{", ".join(f"torch.optim.{made}" for made, _ in LEAVES.values())}]
for step in range(3):
    for optimizer in optimizers[1:]:
        optimizer.zero_grad()
    loss = sum((w ** 4).sum() + (w.sum() - 1.5) ** 2 for w in leaves)
    loss.backward()
    clipped.grad.mul_(0.5)
    noisy.grad[0] += 3.0
    for optimizer in optimizers:
        optimizer.step()
"""
NOISE = torch.tensor([3.0, 0.0, 0.0])


def without_momentum(optimizer: torch.optim.Optimizer) -> None:
    """Set what earlier gradients have left to zero."""
    for state in optimizer.state.values():
        for name in ("momentum_buffer", "exp_avg"):
            if isinstance(state.get(name), Tensor):
                state[name].zero_()


def fresh_alone(name: str) -> list[float]:
    """The weights after a third step without old gradients."""
    w = torch.tensor(START, requires_grad=True)
    optimizer: torch.optim.Optimizer = eval(f"torch.optim.{LEAVES[name][0]}", {"torch": torch, name: w})
    held = torch.zeros(3)
    for step in range(3):
        (grad,) = torch.autograd.grad((w**4).sum() + (w.sum() - 1.5) ** 2, w)
        grad = grad * 0.5 if name == "clipped" else grad + NOISE if name == "noisy" else grad
        w.grad = grad + held if step < 2 else grad
        held = w.grad if name == "kept" else held
        if step == 2:
            without_momentum(optimizer)
        optimizer.step()
    value: list[float] = w.tolist()
    return value


def flat(view: TensorView) -> Tensor:
    return torch.tensor(view.flat(), dtype=torch.float64)


def check_receipt(stop: Stop, name: str) -> None:
    """It is that of the leaf as it is now."""
    receipt = stop.receipts[name]
    change = flat(receipt.change)
    assert {part.kind for part in receipt.parts} == LEAVES[name][1]
    assert receipt.after.value == stop.tensors[name].value
    assert torch.allclose(flat(receipt.before) + change, flat(receipt.after), rtol=1e-6)
    assert torch.allclose(torch.stack([flat(part.change) for part in receipt.parts]).sum(0), change, rtol=1e-3)
    assert math.fsum(part.share for part in receipt.parts) == pytest.approx(1, abs=1e-3)
    assert (receipt.unexplained, receipt.rule) == (0.0, "")


def test_the_fresh_step_of_every_optimizer_whose_rule_is_known(runner: Runner, tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    third = 2 * (2 + len(LEAVES)) + 3
    watched, answers = runner.drive(path, *(command for at in range(len(LEAVES)) for command in
                                            (Go("stop", to=third + at), Swap())))  # fmt: skip
    assert watched.code == 0
    said = {
        "nesterov": ", with weight decay",
        "adamw": ", with weight decay",
        "noisy": ", with what was added by hand",
    }
    for name, answer in zip(LEAVES, answers, strict=True):
        if name == "nadam":
            assert (answer.text, answer.error) == ("nadam: it is not known what this step was made of", True)
        elif name == "plain":
            assert answer.text == "this step came from the fresh gradient alone already: nothing stale, no momentum"
        else:
            assert answer.text == f"{name}: now only the step of the fresh gradient is taken{said.get(name, '')}"
            assert answer.stop is not None
            assert answer.stop.tensors[name].value == pytest.approx(fresh_alone(name), rel=1e-6), name
            check_receipt(answer.stop, name)


HAND = """
import torch
w, buffer, x = torch.tensor([1.0, 1.0, 2.0], requires_grad=True), torch.zeros(3), torch.tensor([2.0, 3.0, 1.0])
for step in range(4):
    loss = (w @ x - 3) ** 2 + (w ** 4).sum()
    loss.backward()
    with torch.no_grad():
        buffer = 0.9 * buffer + w.grad
        w -= 0.01 * buffer
    w.grad = None
"""


def test_momentum_by_hand_is_taken_back_and_the_next_proof_knows(runner: Runner, tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(HAND)
    watched, (answer,) = runner.drive(path, *[Go()] * 9, Swap(), *[Go()] * 9)
    assert answer.stop is not None
    w, x = torch.tensor(watched.stops[8].tensors["w"].value), torch.tensor([2.0, 3.0, 1.0])
    fresh = 2 * (w @ x - 3) * x + 4 * w**3
    assert answer.stop.tensors["w"].value == pytest.approx((w - 0.01 * fresh).tolist(), rel=1e-6)
    assert [part.kind for part in answer.stop.receipts["w"].parts] == ["fresh"]


CASES = {
    "momentum": "SGD([w], lr=0.01, momentum=0.98)",
    "rate": "SGD([w], lr=0.08, momentum=0.1)",
    "decay": "SGD([w], lr=0.08, weight_decay=0.01)",
    "adam_rate": "Adam([w], lr=2.0)",
    "adam_momentum": "AdamW([w], lr=0.3)",
}
CAUSES = {
    "momentum": {4: "momentum", 5: "momentum"},
    "rate": {2: "rate", 3: "rate", 4: "rate", 5: "rate"},
    "decay": {2: "rate", 3: "rate", 4: "rate", 5: "rate"},
    "adam_rate": {2: "rate", 5: "momentum"},
    "adam_momentum": {4: "momentum", 5: "momentum"},
    "stale": {4: "stale", 5: "stale"},
    "noise": {5: "by-hand"},
    "several": {4: "momentum"},
    "clipped": {2: "rate", 4: "momentum", 5: "momentum"},
}
"""By case and iteration."""

LOOP = """
def {name}():
    w = torch.tensor([1.0, 1.0, 2.0], requires_grad=True)
    optimizer = torch.optim.{optimizer}
    for step in range(5):
        {name}_loss = (w @ x - 3) ** 2
        {before}
        {name}_loss.backward()
        {between}
        optimizer.step()
    leaves.append(w)
{name}()
"""
CLEAR = "optimizer.zero_grad()"
PROVEN = "".join([
    "import sys, torch\ntorch.manual_seed(0)\nleaves, x = [], torch.tensor([2.0, 3.0, 1.0])\n",
    *(LOOP.format(name=name, optimizer=made, before=CLEAR, between="pass") for name, made in CASES.items()),
    LOOP.format(name="stale", optimizer="SGD([w], lr=0.01)", before="pass", between="pass"),
    LOOP.format(name="noise", optimizer="SGD([w], lr=0.01)", before=CLEAR, between="w.grad += 90.0 * (step == 3)"),
    """
def several():
    torch.manual_seed(0)
    a, b = torch.nn.Linear(4, 8), torch.nn.Linear(8, 1)
    X, Y = torch.randn(16, 4), torch.randn(16, 1)
    one = torch.optim.SGD(a.parameters(), lr=0.3, momentum=0.95)
    two = torch.optim.SGD(b.parameters(), lr=0.3, momentum=0.95, weight_decay=0.01)
    for step in range(5):
        several_loss = ((b(torch.tanh(a(X))) - Y) ** 2).mean()
        several_loss.backward()
        one.step(), two.step()
        one.zero_grad(), two.zero_grad()
    leaves.extend([*a.parameters(), *b.parameters()])
several()

def clipped():
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1))
    X, Y = torch.randn(16, 4), torch.randn(16, 1)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.3)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9)
    for step in range(5):
        clipped_loss = ((model(X) - Y) ** 2).mean()
        clipped_loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 0.1)
        optimizer.step()
        scheduler.step()
        optimizer.zero_grad()
    leaves.extend(model.parameters())
clipped()

if len(sys.argv) > 1:
    torch.save([leaf.detach() for leaf in leaves], sys.argv[1])
""",
])  # fmt: skip


def fresh_losses(optimizer: str) -> list[float]:
    """The loss that each step of the loop would have given without old gradients."""
    w, x = torch.tensor([1.0, 1.0, 2.0], requires_grad=True), torch.tensor([2.0, 3.0, 1.0])
    made: torch.optim.Optimizer = eval(f"torch.optim.{optimizer}", {"torch": torch, "w": w})
    found = []
    for _ in range(5):
        (w.grad,) = torch.autograd.grad((w @ x - 3) ** 2, w)
        before, states = w.detach().clone(), [{k: v.clone() for k, v in made.state.get(w, {}).items()}]
        without_momentum(made)
        made.step()
        found.append(float((w.detach() @ x - 3) ** 2))
        w.data.copy_(before)
        made.state[w] = states[0]
        made.step()
    return found


def proofs_of(stops: list[Stop]) -> dict[str, dict[int, Proof]]:
    """By case and iteration of it."""
    found: dict[str, dict[int, Proof]] = {}
    seen: dict[str, int] = {}
    for stop in stops:
        if stop.phase == "forward" and stop.whole and stop.loss is not None:
            name = stop.loss.name.removesuffix("_loss")
            seen[name] = seen.get(name, 0) + 1
            if stop.proof is not None:
                found.setdefault(name, {})[seen[name]] = stop.proof
    return found


def test_causes_on_computed_ground_and_the_run_bit_for_bit(runner: Runner, tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(PROVEN)
    watched = runner.watch(path, str(tmp_path / "watched.pt"), directory=tmp_path)
    proofs = proofs_of(watched.stops)
    assert {name: {at: proof.cause for at, proof in found.items()} for name, found in proofs.items()} == CAUSES
    for name, optimizer in CASES.items():
        expected = fresh_losses(optimizer)
        for at, proof in proofs[name].items():
            if proof.fresh:
                assert dict(proof.fresh)[1.0] == pytest.approx(expected[at - 2], rel=1e-4), (name, at)
    assert all(proof.fresh for name in ("momentum", "stale", "several") for proof in proofs[name].values())
    assert not any(proof.fresh for proof in proofs["decay"].values())
    assert runner.plain(path, str(tmp_path / "plain.pt"), directory=tmp_path) == watched.code == 0
    for mine, theirs in zip(torch.load(tmp_path / "watched.pt"), torch.load(tmp_path / "plain.pt"), strict=True):
        assert torch.equal(mine, theirs)


def test_from_forward_to_forward_the_causes_are_the_same(runner: Runner, tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(PROVEN)
    watched, _ = runner.drive(path, *[Go("forward")] * 5 * len(CAUSES))
    proofs = proofs_of(watched.stops)
    told = {name: {at: proof.cause for at, proof in found.items()} for name, found in proofs.items()}
    assert told == CAUSES
