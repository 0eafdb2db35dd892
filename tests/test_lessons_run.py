"""The lessons, run by the real processes and by plain python: every number that their texts name."""

from __future__ import annotations

import io
import math
import runpy
from collections.abc import Callable
from contextlib import redirect_stdout
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from gradstep.app.lessons import FOLDER, ORDER
from gradstep.model.stop import Stop
from gradstep.model.tensor import TensorView
from running import Runner, Watched

SWINGS = "16.0000 8.2944 0.9094 1.5371 9.5238 16.5505 15.2982 7.0713 0.4389".split()
Run = Callable[[str], Watched]
ABOUT: dict[str, dict[str, set[int]]] = {
    "one_weight": {},
    "three_weights": {"stale-gradient": {2, 3, 4, 5, 6}, "overshoot": {4, 5, 6}},
    "three_weights_cleared": {},
    "momentum": {"overshoot": {4, 5, 6, 10, 11, 12}},
    "learning_rate": {"overshoot": {2, 3, 4}},
    "log_of_zero": {"not-finite": {2}, "exploding-gradient": {2}},
    "dead_relu": {"dead-units": {2, 3, 4, 5, 6}, "all-gradients-zero": {3, 4, 5, 6}, "overshoot": {2}},
    "ten_layers": {"vanishing-gradient": {1, 2, 3}, "exploding-gradient": {4, 5}, "overshoot": {5}},
    "attention": {"loss-rose": {2, 3}},
}
"""The findings of each lesson, and the iterations in which they are made."""


@pytest.fixture(scope="module")
def watched(runner: Runner) -> Run:
    """Runs each lesson at most once."""
    found: dict[str, Watched] = {}

    def run(name: str) -> Watched:
        if name not in found:
            found[name] = runner.watch(FOLDER / f"{name}.py", directory=FOLDER)
        return found[name]

    return run


def printed(name: str, folder: Path, *changes: tuple[str, str]) -> list[str]:
    """What the lesson prints without gradstep, with parts of its text replaced."""
    text = (FOLDER / f"{name}.py").read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    program = folder / f"{name}.py"
    program.write_text(text, encoding="utf-8")
    with redirect_stdout(io.StringIO()) as output:
        runpy.run_path(str(program), run_name="__main__")
    return output.getvalue().splitlines()


def losses(run: Watched) -> list[float]:
    """The loss of each forward stop."""
    return [stop.loss.value for stop in run.of("forward") if stop.loss is not None and stop.loss.value is not None]


def rounded(values: list[float]) -> list[str]:
    return [f"{value:.4f}" for value in values]


def numbers(view: TensorView | None) -> list[float]:
    """All elements, in their order."""
    assert view is not None
    return [float(item) for item in view.flat() if isinstance(item, (int, float))]


def gradient(stop: Stop, name: str) -> list[float]:
    return numbers(stop.gradients[name].now)


def text_of(name: str) -> str:
    return (FOLDER / f"{name}.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ORDER)
def test_a_lesson_ends_well_and_is_short(watched: Run, name: str) -> None:
    run = watched(name)
    assert run.code == 0
    assert 3 <= max(stop.iteration for stop in run.stops) <= 12
    phases = run.phases.split()
    assert phases == ["f", "b", "u"] * (len(phases) // 3)
    assert "gradstep" not in text_of(name).split('"""')[2]


@pytest.mark.parametrize("name", ORDER)
def test_a_lesson_shows_the_findings_it_is_about(watched: Run, name: str) -> None:
    found: dict[str, set[int]] = {}
    for stop in watched(name).stops:
        for finding in stop.findings:
            found.setdefault(finding.kind, set()).add(stop.iteration)
    assert found == ABOUT[name]


@pytest.mark.parametrize("name", ORDER)
def test_a_lesson_prints_a_line_an_iteration_and_always_the_same(watched: Run, name: str, tmp_path: Path) -> None:
    lines = printed(name, tmp_path)
    assert sum("iteration" in line for line in lines) == max(stop.iteration for stop in watched(name).stops)
    assert printed(name, tmp_path) == lines


def test_momentum_one_is_a_gradient_that_is_kept(watched: Run, tmp_path: Path) -> None:
    run = watched("momentum")
    found = rounded(losses(run))
    assert found[:9] == SWINGS
    assert found[:6] == rounded(losses(watched("three_weights")))
    assert found[11] == "16.9385"
    for at, line in enumerate(printed("momentum", tmp_path)):
        assert line.split("momentum")[1].split(", twin") == [f" {found[at]:>7}", f" {found[at]:>7}"]
    before, after = (numbers(stop.tensors["w"])[0] for stop in run.of("update")[1:3])
    assert before - after == pytest.approx(0.01 * (27.52 + 3.8144), abs=1e-6)
    assert gradient(run.of("backward")[2], "w")[0] == pytest.approx(3.8144, abs=1e-4)
    kept = watched("three_weights").of("backward")[2].gradients["w"]
    assert [numbers(kept.held)[0], numbers(kept.fresh)[0]] == pytest.approx([27.52, 3.8144], abs=1e-4)


def test_with_friction_it_settles(tmp_path: Path) -> None:
    last = printed("momentum", tmp_path, ("momentum = 1.0 ", "momentum = 0.9 "))[-1]
    assert last.startswith("iteration 12: momentum  5.1545, twin 16.9385")
    later = printed("momentum", tmp_path, ("momentum = 1.0 ", "momentum = 0.9 "), ("range(12)", "range(100)"))
    highest = max(float(line.split("momentum")[1].split(",")[0]) for line in later[80:])
    assert highest < 0.01


def test_the_distance_is_multiplied_by_one_minus_rate_times_curvature(watched: Run, tmp_path: Path) -> None:
    run = watched("learning_rate")
    weights = [numbers(stop.tensors["w"])[0] for stop in run.of("forward")]
    for at, (before, after) in enumerate(pairwise(weights)):
        factor = (-1.4, -0.6, 0.2)[at // 3]
        assert after - 3 == pytest.approx(factor * (before - 3), abs=1e-5)
    assert rounded(losses(run))[:3] == ["4.0000", "7.8400", "15.3664"]
    assert {stop.iteration for stop in run.stops if stop.finding("overshoot")} == {2, 3, 4}
    halved = [
        float(line.split("loss")[1]) for line in printed("learning_rate", tmp_path, ("lr = 0.3  #", "lr = 0.15  #"))
    ]
    assert halved == sorted(halved, reverse=True)


@pytest.mark.parametrize(("rate", "end"), [("0.125", 3.0), ("0.25", 2.0)])
def test_at_the_two_borders(tmp_path: Path, rate: str, end: float) -> None:
    """1/h reaches the minimum in one step; at 2/h, w goes to and fro between 2 and 4."""
    rates = [(f"lr = {old}  #", f"lr = {rate}  #") for old in (0.3, 0.2, 0.1)]
    lines = printed("learning_rate", tmp_path, *rates)
    found = [float(line.split(", w ")[1].split(",")[0]) for line in lines]
    assert found[1::2] == [end if rate == "0.125" else 4.0] * 5
    assert found[2::2] == [end] * 4


def test_the_curvature_of_three_weights() -> None:
    """Along x, the steepest direction, the gradient grows by 28 times the way."""
    x = torch.tensor([2.0, 3.0, 1.0])
    points = torch.stack([torch.ones(3), torch.ones(3) + x]).requires_grad_()
    (gradients,) = torch.autograd.grad(((points @ x - 3) ** 2).sum(), points)
    assert (gradients[1] - gradients[0]).tolist() == (28 * x).tolist()
    assert f"{2 / 28:.4f}" in text_of("learning_rate")


def test_nan_begins_at_the_log(watched: Run) -> None:
    run = watched("log_of_zero")
    found = losses(run)
    assert found[0] == pytest.approx(math.log(2))
    assert found[1] == math.inf
    assert all(math.isnan(value) for value in found[2:])
    second = run.of("forward")[1]
    assert numbers(second.tensors["logits"]) == [72, -72]
    assert numbers(second.tensors["p"]) == [1, 0]
    assert numbers(second.tensors["log"]) == [-math.inf]
    assert all(math.isnan(item) for item in gradient(run.of("backward")[1], "W"))
    assert math.exp(-104) < torch.finfo(torch.float32).smallest_normal * 2**-23 < math.exp(-103)


def test_log_softmax_recovers(tmp_path: Path) -> None:
    lines = printed("log_of_zero", tmp_path, ("stable = False", "stable = True"))
    assert [line.split("loss ")[1] for line in lines] == "0.6931 144.0000 108.0000 72.0000 36.0000 0.6931".split()


def test_one_step_kills_all_units(watched: Run) -> None:
    run = watched("dead_relu")
    assert rounded(losses(run)) == ["210.3750"] + ["374.0000"] * 5
    first, second = run.of("backward")[:2]
    assert gradient(first, "w1") == [280.5] * 3
    assert rounded(numbers(second.tensors["w1"])) == ["-1.8050", "-1.3050", "-1.8050"]
    for stop in run.of("backward")[1:]:
        assert gradient(stop, "w1") == gradient(stop, "w2") == [0, 0, 0]
    assert all(stop.update is not None and not stop.update.leaves for stop in run.of("update")[1:])
    assert not any(numbers(run.of("forward")[1].tensors["h"]))


def test_a_leak_or_a_shorter_step_keeps_them_alive(tmp_path: Path) -> None:
    leaky = printed("dead_relu", tmp_path, ("leaky = False", "leaky = True"))
    found = [line.split("loss ")[1].split(",")[0] for line in leaky]
    assert found == "210.3750 80.8362 19.9890 2.5031 0.1746 0.0092".split()
    shorter = printed("dead_relu", tmp_path, ("lr=0.01", "lr=0.00125"))
    assert all(line.endswith("dead units 0 of 3") for line in shorter)
    assert [float(line.split("loss ")[1].split(",")[0]) for line in shorter][-1] < 0.001


@pytest.mark.parametrize(("size", "at"), [(1, 0), (16, 3), (4, 6)])
def test_nine_layers_make_a_factor_of_w_over_four_to_the_ninth(watched: Run, size: int, at: int) -> None:
    stop = watched("ten_layers").of("backward")[at]
    for layer in range(10):
        expected = -0.05 * (size / 4) ** (9 - layer)
        assert gradient(stop, f"weights[{layer}]") == pytest.approx([expected], rel=1e-5)


def test_what_becomes_of_the_three_networks(watched: Run) -> None:
    run = watched("ten_layers")
    found = rounded(losses(run))
    assert found[3:6] == ["0.0400", "0.0898", "0.0898"]
    assert found[6:] == ["0.0400", "0.0339", "0.0285"]
    moved = [stop.update.leaves for stop in run.of("update") if stop.update is not None]
    assert all("weights[0]" not in leaves and "weights[9]" in leaves for leaves in moved[:3])
    assert numbers(run.of("update")[3].tensors["weights[0]"])[0] == pytest.approx(3292.8, abs=0.01)
    assert all(len(leaves) == 10 for leaves in moved[6:])


def test_attention_goes_to_what_matches(watched: Run) -> None:
    run = watched("attention")
    forward = run.of("forward")
    shares = [numbers(stop.tensors["weights"])[[2, 0, 1][at % 3]] for at, stop in enumerate(forward)]
    assert rounded(shares[::3]) == "0.4711 0.6116 0.8789 0.9487".split()
    found = losses(run)
    assert rounded(found[::3]) == "0.9657 0.8392 0.3247 0.1459".split()
    assert rounded(found[1:3]) == ["1.1893", "1.3296"]
    assert min(shares[9:]) > 0.94
    assert numbers(forward[0].tensors["scores"]) == pytest.approx([0, 0, 3**-0.5])
    kinds = {finding.kind: finding.severity for stop in run.stops for finding in stop.findings}
    assert kinds == {"loss-rose": "info"}


def test_what_comes_back_to_attention_by_hand() -> None:
    """The gradient of softmax: w · (g - Σ w g), which sums to 0."""
    weights = torch.tensor([0.0, 0.0, 3**-0.5]).softmax(dim=0)
    to_weights = weights.softmax(dim=0) - torch.tensor([0.0, 0.0, 1.0])
    to_scores = weights * (to_weights - (weights * to_weights).sum())
    assert rounded(to_weights.tolist()) == ["0.3096", "0.3096", "-0.6193"]
    assert rounded(to_scores.tolist()) == ["0.1157", "0.1157", "-0.2315"]
    assert float(to_scores.sum()) == pytest.approx(0, abs=1e-7)
