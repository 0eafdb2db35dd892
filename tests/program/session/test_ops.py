"""Op by op and node by node: the seed's three steps in numbers, and programs that must not notice."""

from __future__ import annotations

from pathlib import Path

import gradstep.lessons
import pytest
import torch
from gradstep.draw.chain import chain_lines
from gradstep.draw.header import header_line
from gradstep.draw.step import step_sentence, step_words
from gradstep.model.moment import Moment
from gradstep.model.stop import Step, Stop
from running import PROGRAMS, Once, Runner, same

_SOFTMAX = "LogSoftmaxBackward0"
LESSONS = Path(gradstep.lessons.__path__[0])
FIRST_STEPS = [
    "matmul → y_hat = 7.0000",
    "sub = 4.0000",
    "pow → loss = 16.0000",
    "PowBackward0: 1.0000 → sub 8.0000",
    "SubBackward0: 8.0000 → y_hat 8.0000",
    "DotBackward0: 8.0000 → w [16.0000 24.0000 8.0000]",
    "AccumulateGrad: w.grad += [16.0000 24.0000 8.0000]",
]


def test_the_seed_step_by_step(runner: Runner) -> None:
    stops = runner.watch(LESSONS / "three_weights.py", each=True).stops
    words = [step_words(stop, stop.step) for stop in stops if stop.step is not None]
    assert words[:7] == FIRST_STEPS
    lines = {stop.place.line for stop in stops if stop.step is not None and stop.step.name == "DotBackward0"}
    texts = (LESSONS / "three_weights.py").read_text().splitlines()
    assert {texts[line - 1].strip() for line in lines} == {"y_hat = w @ x"}


def test_the_chain_rule_of_the_seed_is_written_out(runner: Runner) -> None:
    backward = runner.watch(LESSONS / "three_weights.py").of("backward")[0]
    assert [row.plain.strip() for row in chain_lines(Moment(backward), "w", 80)] == [
        "∂loss/∂w = ∂loss/∂sub · ∂sub/∂y_hat · ∂y_hat/∂w",
        "= 2·sub · 1 · x",
        "= 8 · 1 · [2, 3, 1]",
        "= [16, 24, 8]",
        "= autograd gave [16, 24, 8]: equal",
    ]


def test_phases_are_the_same_on_the_way(runner: Runner) -> None:
    stepped = runner.watch(LESSONS / "three_weights.py", each=True).stops
    through = runner.watch(LESSONS / "three_weights.py").stops
    whole = [stop for stop in stepped if stop.whole]
    assert list(map(_told, whole)) == list(map(_told, through))


def test_an_op_has_not_the_loss_of_the_pass_before(runner: Runner) -> None:
    stops = runner.watch(LESSONS / "three_weights.py", each=True).stops
    inside = [stop for stop in stops if stop.phase == "forward" and stop.reason == "op" and stop.iteration == 2]
    assert [stop.scalar for stop in inside] == [None] * 3
    lines = [header_line(Moment(stop), "p.py", "", "", False, "", 100).plain for stop in inside]
    assert all(line.rstrip().endswith("loss before 16.0000") for line in lines)


def test_a_node_within_an_op_gets_no_gradient_of_its_result(tmp_path: Path, runner: Runner) -> None:
    path = tmp_path / "losses.py"
    path.write_text(
        "import torch\n"
        "w = torch.tensor([[1.0, 2.0, -1.0]], requires_grad=True)\n"
        "loss = torch.nn.functional.cross_entropy(w * 2, torch.tensor([1]))\n"
        "loss.backward()\n"
    )
    stops = {stop.step.name: stop for stop in runner.watch(path, each=True).stops if stop.step is not None}
    first, second = (step_sentence(stops[name], _step(stops[name])) for name in ("NllLossBackward0", _SOFTMAX))
    assert f"got δ = ∂loss/∂loss = 1.0000 and handed on [1, 3] norm 1.0000 to {_SOFTMAX}. cross_ent" in first
    assert f"{_SOFTMAX}, a node within cross_entropy, got δ = [1, 3] norm 1.0000 and handed on ∂loss/∂mul = " in second
    assert "cross_entropy as a whole: ∂loss/∂mul = softmax" in second
    third = step_sentence(stops["MulBackward0"], _step(stops["MulBackward0"]))
    assert "got δ = ∂loss/∂mul = [1, 3]" in third
    assert "as a whole" not in third


def _step(stop: Stop) -> Step:
    assert stop.step is not None
    return stop.step


def _told(stop: Stop) -> tuple[object, ...]:
    """What a stop says, but for its number."""
    kinds = [found.kind for found in stop.findings]
    return stop.phase, stop.iteration, stop.loss, stop.tensors, stop.gradients, stop.changed, kinds


@pytest.mark.parametrize(
    "name",
    [
        "lbfgs.py", "checkpoint.py", "checkpoint_reentrant.py", "custom_function.py", "gradient_penalty.py", "gan.py",
        "step_in_backward.py", "tensor_subclass.py", "sparse_embedding.py", "compiled_model.py", "grad_scaler.py",
    ],
)  # fmt: skip
def test_the_program_does_not_notice(name: str, runner: Runner, once: Once, tmp_path: Path) -> None:
    code, log = runner.plain_once(name, once)
    assert code == 0
    watched = runner.watch(PROGRAMS / name, str(tmp_path / "watched.pt"), each=True)
    assert watched.code == 0
    assert watched.inside("forward")
    assert watched.inside("backward")
    assert same(*(torch.load(path, weights_only=False) for path in (log, tmp_path / "watched.pt")))


def test_a_reentrant_checkpoint_is_stepped_into(runner: Runner) -> None:
    inside = runner.watch(PROGRAMS / "checkpoint_reentrant.py", each=True).inside("backward")
    names = [stop.step.name for stop in inside if stop.step is not None]
    outer = names.index("CheckpointFunctionBackward")
    assert "AddmmBackward0" in names[:outer]
