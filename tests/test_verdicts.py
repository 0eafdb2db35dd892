"""`trace --check`: what running the first forward pass again says of samples, the first loss, one batch, Functions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from running import gradstep

FINE, LOOK, UNKNOWN = "as it should be", "look here", "not known"
HEAD = """\
import torch
from torch import nn
torch.manual_seed(0)
x, y = torch.randn(8, 6), torch.randint(0, 3, (8,))
"""
LOOP = """
parameters = [item for value in list(globals().values()) if isinstance(value, nn.Module) for item in value.parameters()]
optimizer = torch.optim.SGD(parameters, lr=0.1)
for step in range(3):
    loss = forward()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print("\\x1b[31mnever reached")
"""
ENTROPY = "nn.functional.cross_entropy"
PLAIN = "a = nn.Linear(6, 3)\ndef forward():\n    return CE(a(x), y)\n"
DEEP = "a, b = nn.Linear(6, 32), nn.Linear(32, 3)\ndef forward():\n    return CE(b(a(x).tanh()), y)\n"


def checks(text: str, folder: Path) -> tuple[int, dict[str, Any]]:
    """The exit code, and the verdicts by what was asked."""
    path = folder / "program.py"
    path.write_text(HEAD + text + LOOP)
    done = gradstep("trace", "--check", "--json", "--seed", "1", str(path))
    said = json.loads(done.stdout)["checks"]
    return done.returncode, {item["check"]: item for item in said}


SAMPLES = {
    "plain": (PLAIN, FINE, "among 8 the outputs of all others"),
    "batch-norm": (
        "a, n, b = nn.Linear(6, 5), nn.BatchNorm1d(5), nn.Linear(5, 3)\n"
        "def forward():\n    return CE(b(torch.relu(n(a(x)))), y)\n",
        FINE, "; 1 batch norm aside",
    ),
    "behind-batch-norm": (
        "a, n, b = nn.Linear(6, 5), nn.BatchNorm1d(5), nn.Linear(5, 3)\n"
        "def forward():\n    h = n(a(x))\n    return CE(b(h - h.mean(0)), y)\n",
        LOOK, "sub (line 8) mixes them",
    ),
    "view": (
        "a, b = nn.Linear(6, 16), nn.Linear(16, 3)\n"
        "def forward():\n    return CE(b(a(x).t().reshape(8, 16)), y)\n",
        LOOK, "reshape (line 7)",
    ),
    "softmax": (
        "a, b = nn.Linear(6, 5), nn.Linear(5, 3)\ndef forward():\n    h = torch.softmax(a(x), dim=0)\n"
        "    return CE(b(h), y)\n",
        LOOK, "softmax (line 7)",
    ),
    "recurrent": (
        "a, b = nn.LSTM(2, 5), nn.Linear(5, 3)\ndef forward():\n    h, _ = a(x.view(8, 3, 2))\n"
        "    return CE(b(h[:, -1]), y)\n",
        LOOK, "lstm (line 7) mixes them",
    ),
    "batch-first": (
        "a, b = nn.LSTM(2, 5, batch_first=True), nn.Linear(5, 3)\ndef forward():\n    h, _ = a(x.view(8, 3, 2))\n"
        "    return CE(b(h[:, -1]), y)\n",
        FINE, "",
    ),
    "tokens": (
        "t, b = nn.Embedding(9, 5), nn.Linear(5, 3)\nwords = torch.randint(0, 9, (8, 4))\n"
        "def forward():\n    h = t(words)\n    scores = (h @ h.transpose(1, 2)).softmax(2)\n"
        "    return CE(b(scores @ h).flatten(0, 1), y.repeat_interleave(4))\n",
        FINE, "among 8",
    ),
    "contrast": (
        "a, b = nn.Linear(6, 4), nn.Linear(6, 4)\ndef forward():\n    table = a(x) @ b(x).t()\n"
        "    return CE(table, torch.arange(8))\n",
        FINE, "compared with each other in the last table",
    ),
    "one": ("a = nn.Linear(6, 3)\ndef forward():\n    return CE(a(x[:1]), y[:1])\n", UNKNOWN, "no tensor with a batch"),
    "own-loss": (
        "a = nn.Linear(6, 8)\ndef forward():\n    h = a(x)\n    return (h.cumsum(0) - 1).pow(2).mean()\n",
        LOOK, "cumsum (line 8)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_stay_apart(name: str, tmp_path: Path) -> None:
    text, answer, part = SAMPLES[name]
    code, found = checks(text.replace("CE(", f"{ENTROPY}("), tmp_path)
    assert (found["samples"]["answer"], part in found["samples"]["text"]) == (answer, True), found["samples"]
    assert bool(found["samples"].get("remedy")) is (answer == LOOK)
    assert code == (3 if any(item["answer"] == LOOK for item in found.values()) else 0)


@pytest.mark.parametrize(
    ("text", "answer", "part"),
    [
        (
            f"a = nn.Linear(6, 3)\ndef forward():\n    return {ENTROPY}(a(x), y)\n",
            FINE,
            "3 classes loses ln 3 = 1.0986",
        ),
        (f"a = nn.Linear(6, 3)\ndef forward():\n    return {ENTROPY}(a(99 * x), y)\n", LOOK, "(line 7)"),
        (
            "a = nn.Linear(6, 4)\ndef forward():\n    return nn.functional.nll_loss(a(x).log_softmax(1), y)\n",
            FINE,
            "ln 4 = 1.3863",
        ),
        ("a = nn.Linear(6, 3)\ndef forward():\n    return a(x).pow(2).mean()\n", UNKNOWN, "Only of cross_entropy"),
    ],
)
def test_the_first_loss(text: str, answer: str, part: str, tmp_path: Path) -> None:
    _, found = checks(text, tmp_path)
    assert (found["first loss"]["answer"], part in found["first loss"]["text"]) == (answer, True), found["first loss"]


@pytest.mark.parametrize(
    ("text", "answer", "part"),
    [
        (DEEP, FINE, "by heart"),
        ("a = nn.Linear(6, 3)\ndef forward():\n    return CE(torch.relu(a(x) - 99), y)\n", LOOK, "below 1.0986"),
        ("a = nn.Linear(6, 3)\ndef forward():\n    return CE(a(x * 0), y)\n", UNKNOWN, "only you know"),
        ("a = nn.Linear(6, 3)\ndef forward():\n    return -a(x).mean()\n", UNKNOWN, "only you know"),
        (PLAIN.replace("nn.Linear(6, 3)", "torch.compile(nn.Linear(6, 3), backend='eager')"), UNKNOWN, "compiled"),
    ],
)  # fmt: skip
def test_one_batch_by_heart(text: str, answer: str, part: str, tmp_path: Path) -> None:
    _, found = checks(text.replace("CE(", f"{ENTROPY}("), tmp_path)
    assert (found["one batch"]["answer"], part in found["one batch"]["text"]) == (answer, True), found["one batch"]


FUNCTION = """\
class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, given):
        ctx.save_for_backward(given)
        return given**3
    @staticmethod
    def backward(ctx, upstream):
        (given,) = ctx.saved_tensors
        return upstream * {} * given**2
a = nn.Linear(6, 3)
def forward():
    return (Cube.apply(a(x)) - 1).pow(2).mean()
"""


@pytest.mark.parametrize(("factor", "answer"), [("3", FINE), ("2", LOOK)])
def test_own_functions(factor: str, answer: str, tmp_path: Path) -> None:
    code, found = checks(FUNCTION.format(factor), tmp_path)
    assert found["Function Cube"]["answer"] == answer
    assert found["one batch"]["answer"] != "look here"
    assert code == (3 if answer == LOOK else 0)


def test_what_is_written_for_people(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(HEAD + "print('\\x1b[31mred')\n" + SAMPLES["softmax"][0].replace("CE(", f"{ENTROPY}(") + LOOP)
    done = gradstep("trace", "--check", str(path))
    lines = done.stdout.splitlines()
    assert lines[0].startswith("! samples: With another first sample among 8 the outputs of others change: softmax")
    assert all(len(line) <= 100 for line in lines)
    assert [line[0] for line in lines if line[0] != " "] == ["!", "=", "?"]
    assert "\x1b" not in done.stdout + done.stderr
    assert "never reached" not in done.stderr


def test_a_program_without_a_forward_pass(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text("print(1)\n")
    done = gradstep("trace", "--check", str(path))
    assert (done.returncode, done.stdout) == (2, "")
    assert "without a forward pass" in done.stderr
