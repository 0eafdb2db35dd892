"""What has ended a program is explained: the tensors by their names, their shapes, the lines, what to write instead."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from exceptions import CHANGED, CHECKPOINTED, CUT, EXPLAINED, HEAD, MODEL, REUSED, UNEXPLAINED
from gradstep.model.stop import Finding, Stop
from running import Runner, Watched, gradstep


def watch(text: str, runner: Runner, folder: Path, light: bool = False) -> Watched:
    path = folder / "program.py"
    path.write_text(HEAD + text)
    return runner.watch(path, directory=folder, light=light)


def explanation(watched: Watched, kind: str) -> Finding:
    end = watched.stops[-1]
    assert end.phase == "end"
    known = end.explanation
    assert known is not None
    assert (known.kind, known.severity) == (kind, "error")
    assert known.message.endswith(".")
    return known


def check(known: Finding, parts: tuple[str, ...]) -> None:
    said = f"{known.message} {known.remedy}"
    assert not [part for part in parts if part not in said], said


def guilty(stop: Stop) -> set[str]:
    return {stop.graph.nodes[box].name for box in stop.guilty}


@pytest.mark.parametrize("name", EXPLAINED)
def test_what_does_not_fit_is_named(name: str, runner: Runner, tmp_path: Path) -> None:
    text, parts = EXPLAINED[name]
    known = explanation(watch(text, runner, tmp_path), "explained")
    check(known, parts)
    assert known.remedy
    assert known.evidence["line"]


@pytest.mark.parametrize("name", CUT)
def test_the_place_where_the_graph_was_cut(name: str, runner: Runner, tmp_path: Path) -> None:
    text, parts = CUT[name]
    check(explanation(watch(MODEL + text, runner, tmp_path), "gradient-never-reached"), parts)


@pytest.mark.parametrize("light", [False, True])
@pytest.mark.parametrize("name", CHANGED)
def test_what_was_changed_in_place(name: str, light: bool, runner: Runner, tmp_path: Path) -> None:
    text, parts = CHANGED[name]
    check(explanation(watch(text, runner, tmp_path, light), "changed-in-place"), parts)


@pytest.mark.parametrize("light", [False, True])
@pytest.mark.parametrize("name", REUSED)
def test_what_was_freed(name: str, light: bool, runner: Runner, tmp_path: Path) -> None:
    text, parts = REUSED[name]
    watched = watch(text, runner, tmp_path, light)
    check(explanation(watched, "graph-reused"), parts)
    before = [item for stop in watched.of("forward") if (item := stop.finding("graph-reused")) is not None]
    told = ["info"] if name in ("hidden", "tuple", "generator") and not light else []
    assert [item.severity for item in before] == told


@pytest.mark.parametrize("name", UNEXPLAINED)
def test_any_other_exception_stays_as_it_is(name: str, runner: Runner, tmp_path: Path) -> None:
    watched = watch(UNEXPLAINED[name], runner, tmp_path)
    end = watched.stops[-1]
    assert end.fault is not None
    assert end.explanation is None
    assert not end.findings
    assert not end.guilty
    assert not watched.notices


def test_the_pass_that_was_broken_off_is_drawn_and_the_guilty_are_marked(runner: Runner, tmp_path: Path) -> None:
    end = watch(EXPLAINED["linear-after-an-op"][0], runner, tmp_path).stops[-1]
    assert [node.op for node in end.graph.nodes if node.kind == "op"] == ["linear", "relu"]
    assert guilty(end) == {"relu"} or guilty(end) == {"relu_1"}


def test_the_weight_that_was_stepped_is_marked_in_the_graph_of_the_loss(runner: Runner, tmp_path: Path) -> None:
    end = watch(CHANGED["adversary"][0], runner, tmp_path).stops[-1]
    assert {"D.2.weight", "judged"} <= guilty(end)


def test_a_run_that_nobody_looked_at_has_its_last_graph_too(runner: Runner, tmp_path: Path) -> None:
    end = watch(CHANGED["carried"][0], runner, tmp_path, light=True).stops[-1]
    assert "cell.weight_hh" in guilty(end)


def test_a_failure_of_the_explanation_ends_the_explanation_only(runner: Runner, tmp_path: Path) -> None:
    text = (
        "class Odd(nn.Linear):\n    def __getattr__(self, name):\n        if name == 'kernel_size':\n"
        "            raise RuntimeError('not yours')\n        return super().__getattr__(name)\n"
        "x = torch.randn(1, 3, 3, 3)\nclass Net(Odd):\n    def forward(self, x):\n"
        "        return F.conv2d(x, torch.ones(1, 3, 5, 5))\nNet(3, 3)(x)\n"
    )
    watched = watch(text, runner, tmp_path)
    end = watched.stops[-1]
    assert end.fault is not None
    assert "Kernel size" in end.fault.message
    assert end.explanation is None
    assert ["could not look into what ended the program" in notice for notice in watched.notices] == [True]


def test_objects_are_not_asked_to_describe_themselves(runner: Runner, tmp_path: Path) -> None:
    text = (
        "class Shy:\n    def __repr__(self):\n        print('woken')\n        return ''\n    __str__ = __repr__\n"
        "    def __eq__(self, other):\n        print('woken')\n        return False\n    __hash__ = None\n"
        "shy, x = Shy(), torch.randn(4, 6)\nholder = [shy, x]\nnn.Linear(5, 3)(holder[1])\n"
    )
    path = tmp_path / "shy.py"
    path.write_text(HEAD + text)
    run = gradstep("trace", "--json", path, cwd=tmp_path)
    *_, end = map(json.loads, run.stdout.splitlines())
    assert "woken" not in run.stdout + run.stderr
    assert "x [4, 6]" in end["fault"]["explanation"]
    assert "nn.Linear(6, 3)" in end["fault"]["remedy"]


def test_the_trace_has_null_where_there_is_no_explanation(tmp_path: Path) -> None:
    path = tmp_path / "plain.py"
    path.write_text("import torch\nraise ValueError('no')\n")
    *_, end = map(json.loads, gradstep("trace", "--json", path, cwd=tmp_path).stdout.splitlines())
    assert end["fault"] == {"kind": "ValueError", "message": "no", "explanation": None, "remedy": None}


def test_what_the_program_prints_of_a_warning_is_as_without_us(tmp_path: Path) -> None:
    path = tmp_path / "warns.py"
    path.write_text(
        HEAD + "import warnings\nwarnings.simplefilter('always')\nw = torch.randn(4, 1, requires_grad=True)\n"
        "loss = F.mse_loss(w * 1, torch.ones(4))\nprint((w * 2).grad)\nwarnings.warn('mine. Yes.')\nloss.backward()\n"
    )
    plain = gradstep("trace", "--json", path, cwd=tmp_path)
    stops = [json.loads(line) for line in plain.stdout.splitlines() if line.startswith("{")]
    told = [
        item for stop in stops for item in stop["findings"] if item["kind"] in ("torch-warning", "grad-of-non-leaf")
    ]
    lines = {item["kind"]: item["evidence"]["line"] for item in told}
    assert lines == {"torch-warning": 9, "grad-of-non-leaf": 10}
    assert len(told) == 2
    assert any("Using a target size (torch.Size([4]))" in item["message"] for item in told)
    assert plain.stderr.count("Using a target size") == 1
    assert plain.stderr.count("The .grad attribute of a Tensor that is not a leaf") == 1
    assert f"{path}:11: UserWarning: mine. Yes." in plain.stderr


def test_no_code_of_the_program_runs_to_explain(tmp_path: Path) -> None:
    path = tmp_path / "kept.py"
    path.write_text(HEAD + CHECKPOINTED)
    plain = subprocess.run([sys.executable, path], capture_output=True, text=True, check=False)
    watched = gradstep("trace", "--json", path, cwd=tmp_path)
    assert watched.stderr.count("block\n") == plain.stdout.count("block\n")
    *_, end = map(json.loads, watched.stdout.splitlines())
    assert end["fault"]["explanation"].startswith(
        "The result of tanh, made (line 10) before the backward pass of line 14"
    )
    assert watched.stderr.splitlines()[-1] == plain.stderr.splitlines()[-1]
