"""`breakpoint()` and `gradstep.stop()` in the program: a stop on the screen, a note without one, nothing elsewhere."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from gradstep.model.message import Go
from running import Runner, gradstep

PROGRAM = """
import torch

import gradstep

w = torch.ones(2, requires_grad=True)
for step in range(3):
    loss = (w * w).sum()
    if step == 1:
        breakpoint()
    if step == 2:
        gradstep.stop()
    loss.backward()
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "breaks.py"
    path.write_text(PROGRAM)
    return path


def test_both_stop_on_the_screen(runner: Runner, program: Path) -> None:
    found, _ = runner.drive(program, *[Go("end")] * 3)
    breaks = [stop for stop in found.stops if stop.met]
    assert [(stop.reason, stop.place.line, stop.met) for stop in breaks] == [
        ("pause", 10, "breakpoint()"), ("pause", 12, "breakpoint()"),
    ]  # fmt: skip
    assert found.code == 0


def test_a_trace_passes_over_them_and_says_so(program: Path) -> None:
    done = gradstep("trace", program)
    assert done.returncode == 0
    notes = [line for line in done.stderr.splitlines() if "breakpoint" in line]
    assert notes == [
        f"gradstep: breakpoint() at line {line} is passed over: there is no screen" for line in (10, 12)
    ]  # fmt: skip


def test_they_can_be_switched_off(runner: Runner, program: Path) -> None:
    text = program.read_text()
    program.write_text(f'import os\nos.environ["PYTHONBREAKPOINT"] = "0"{text}')
    found, _ = runner.drive(program, *[Go("end")] * 3)
    assert not any(stop.met for stop in found.stops)


def test_stop_is_nothing_without_us() -> None:
    code = "import gradstep, sys; gradstep.stop(); print(sorted({'torch', 'textual', 'rich'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
