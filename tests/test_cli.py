"""The command line: what is wrong is said in one line, with exit code 2; `trace` to the letter."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from running import PROGRAMS, gradstep

LESSONS = Path(__file__).parent.parent / "tui" / "gradstep" / "lessons"
KEYS = {
    "index",
    "rank",
    "iteration",
    "phase",
    "reason",
    "file",
    "line",
    "loss",
    "changed",
    "tensors",
    "gradients",
    "findings",
}


def stops(*args: str | Path, cwd: Path = PROGRAMS) -> list[dict[str, Any]]:
    return [json.loads(line) for line in gradstep("trace", "--json", *args, cwd=cwd).stdout.splitlines()]


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["nothing_here.py"], "nothing_here.py: no such file"),
        (["."], "is a folder"),
        ([], "which program?"),
        (["--seed", "-3", "empty.py"], "a seed is between 0 and"),
        (["broken.py"], "broken.py:2: "),
        (["binary.py"], "binary.py"),
        (["broken.ipynb"], "is no notebook"),
        (["-m", "no.such.module"], "no.such.module"),
        (["-m", "loose.none"], "no module loose.none in "),
        (["-m", "loose"], "a package without a __main__ module"),
        (["-m", "loose.deep.broken"], "loose/deep/broken.py:1: "),
        (["-m", "math"], "not written in Python"),
        (["-m", "a..b"], "package.module"),
        (["--seeds", "3", "fine.py"], "--seeds"),
        (["--seed", "three", "fine.py"], "'three' is not a valid integer"),
        (["--fail-on", "typo", "fine.py"], "'typo' is not one of 'explained'"),
        (["--stops"], "'--stops' requires an argument"),
        (["--device", "abacus", "fine.py"], "no device 'abacus' here; this torch has cpu"),
        (["--device", "cuda:99", "fine.py"], "no device 'cuda:99' here; this torch has cpu"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(args: list[str], says: str, tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("x = 1\nif x\n")
    (tmp_path / "binary.py").write_bytes(b"\x00\x01\xff")
    (tmp_path / "broken.ipynb").write_text("{}")
    (tmp_path / "fine.py").write_text("import torch\n")
    (tmp_path / "loose" / "deep").mkdir(parents=True)
    (tmp_path / "loose" / "deep" / "broken.py").write_text("x = (\n")
    refused(gradstep("trace", *args, cwd=tmp_path), says)


def refused(done: subprocess.CompletedProcess[str], says: str) -> None:
    """It said that, in one line, with exit code 2, and did nothing else."""
    assert done.returncode == 2
    assert done.stdout == ""
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["train.py"], "to step through it: gradstep run train.py"),
        (["trase"], "no such command 'trase'"),
        (["--wrong"], "--wrong"),
        (["run", "-m", "nosuch"], "-m nosuch: no module nosuch in "),
        (["run", "nothing_here.py"], "nothing_here.py: no such file"),
        (["screenshot", "x.py"], "missing option '-o'"),
        (["screenshot", "-o", "x.svg", "-k", "space spacee", "sys_exit.py"], "no key 'spacee'; did you mean space?"),
        (["screenshot", "-o", "x.svg", "-k", "Q+x", "sys_exit.py"], "no key 'Q+x'"),
        (["screenshot", "-o", "no/x.svg", "sys_exit.py"], "no/x.svg: no such folder"),
    ],
)
def test_wrong_usage_is_said_in_one_line(args: list[str], says: str) -> None:
    refused(gradstep(*args), says)
    assert not (PROGRAMS / "x.svg").exists()


def test_a_module_in_folders_without_init(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c.py").write_text("print('it runs')\n")
    done = gradstep("trace", "-m", "a.b.c", cwd=tmp_path)
    assert done.returncode == 0
    assert "it runs" in done.stderr


def test_the_course_notebook() -> None:
    found = stops("seed.ipynb")
    assert [stop["phase"][0] for stop in found] == list("sfbfbufbufbufe")
    assert all(stop.keys() >= KEYS for stop in found)
    assert [stop["index"] for stop in found] == list(range(14))
    losses = [stop["loss"]["value"] for stop in found if stop["phase"] == "forward"]
    assert losses == pytest.approx([1.0, 16.0, 8.2944, 0.9094, 1.5371], abs=5e-5)
    ledgers = [stop["gradients"]["w"] for stop in found if stop["phase"] == "backward"]
    assert ledgers[0]["now"] == -2
    fresh = [ledger["fresh"] for ledger in ledgers[1:]]
    assert fresh[0] == [16, 24, 8]
    assert fresh[1] == pytest.approx([11.52, 17.28, 5.76], abs=5e-5)
    assert fresh[2] == pytest.approx([3.8144, 5.7216, 1.9072], abs=5e-5)
    assert ledgers[3]["now"] == pytest.approx([31.3344, 47.0016, 15.6672], abs=5e-5)
    assert [ledger["stale"] for ledger in ledgers] == [False, False, True, True]
    weights = [stop["tensors"]["w"]["value"] for stop in found if stop["phase"] == "update"]
    assert weights[0] == pytest.approx([0.84, 0.76, 1.92], abs=5e-5)
    assert weights[1] == pytest.approx([0.5648, 0.3472, 1.7824], abs=5e-5)
    assert weights[2] == pytest.approx([0.2515, -0.1228, 1.6257], abs=5e-5)
    overshoots = [stop["index"] for stop in found for item in stop["findings"] if item["kind"] == "overshoot"]
    assert overshoots == [12]


def test_a_root_that_is_no_scalar_is_no_loss(tmp_path: Path) -> None:
    text = "import torch\nw = torch.ones(3, requires_grad=True)\n(w * 2).backward(torch.ones(3))\n"
    (tmp_path / "vector.py").write_text(text)
    found = stops("vector.py", cwd=tmp_path)
    assert [(stop["phase"], stop["loss"]) for stop in found[1:3]] == [("forward", None), ("backward", None)]


def test_the_cells_before_a_broken_one_run(tmp_path: Path) -> None:
    cells: list[dict[str, Any]] = [
        {"cell_type": "code", "source": source, "metadata": {}} for source in ("1 + 1", "if x")
    ]
    (tmp_path / "broken_cell.ipynb").write_text(json.dumps({"cells": cells, "nbformat": 4}))
    done = gradstep("trace", "broken_cell.ipynb", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("2\n")
    assert "SyntaxError" in done.stderr
    assert "cell 2, line 1" in done.stderr


def test_the_limit_counts_phases() -> None:
    found = stops("--stops", "4", LESSONS / "three_weights.py")
    assert [stop["phase"] for stop in found] == ["start", "forward", "backward", "update", "forward", "end"]
    assert found[-1]["reason"] == "limit"


def test_fail_on_a_finding() -> None:
    assert gradstep("trace", "--fail-on", "overshoot", LESSONS / "three_weights.py").returncode == 3
    assert gradstep("trace", "--fail-on", "overshoot", LESSONS / "three_weights_cleared.py").returncode == 0


def test_what_stands_after_the_program_is_its_own(tmp_path: Path) -> None:
    (tmp_path / "argv.py").write_text("import sys\nprint(sys.argv)\n")
    assert (
        "['argv.py', '--json', '--seed', 'x']"
        in gradstep("trace", "argv.py", "--json", "--seed", "x", cwd=tmp_path).stderr
    )


def test_a_module_and_a_helper_beside_the_script(tmp_path: Path) -> None:
    done = gradstep("trace", "-m", "pkg.train", cwd=PROGRAMS / "package_run")
    assert done.returncode == 0, done.stderr
    assert "forward" in done.stdout
    done = gradstep("trace", "helper/main.py")
    assert done.returncode == 0, done.stderr
    assert "model." in done.stdout


def test_input_is_at_its_end_in_a_trace() -> None:
    done = gradstep("trace", "asks_input.py")
    assert done.returncode == 1
    assert "EOFError" in done.stderr
    assert "gradstep/program" not in done.stderr


def test_not_a_number_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "nan.py").write_text(
        "import torch\nw = torch.tensor([0.0, -1.0], requires_grad=True)\nloss = w.log().sum()\nloss.backward()\n"
    )
    found = stops("nan.py", cwd=tmp_path)
    assert found[1]["loss"]["value"] == "NaN"
    assert found[2]["gradients"]["w"]["now"] == ["Infinity", -1.0]


def test_warnings_name_the_programs_lines(tmp_path: Path) -> None:
    (tmp_path / "warns.py").write_text(
        "import torch\n"
        "w = torch.ones(3, requires_grad=True)\n"
        "print(float((w * 2).sum()))\n"
        "loss = torch.nn.functional.mse_loss(w, torch.zeros(1, 3))\n"
        "loss.backward()\n"
    )
    done = gradstep("trace", "warns.py", cwd=tmp_path)
    places = [line.partition(": UserWarning")[0] for line in done.stderr.splitlines() if "UserWarning" in line]
    assert [place.rpartition("/")[2] for place in places] == ["warns.py:3", "warns.py:4"]
