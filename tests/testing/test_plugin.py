"""The pytest plugin, as a test of a user's uses it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from gradstep.testing.tracer import Tracer

LESSONS = Path(__file__).parent.parent.parent / "tui" / "gradstep" / "lessons"
USERS_TEST = """
def test_it_trains(gradstep):
    run = gradstep.trace("cleared.py", stops=9)
    run.assert_no("warning")
    run.assert_always("finite(grads)", "loss < 17")
    assert run.losses[-1] < run.losses[0]

def test_it_does_not(gradstep):
    gradstep.trace("never.py").assert_no("overshoot", "stale-gradient")

def test_it_is_too_large(gradstep):
    gradstep.trace("never.py").assert_always("loss < 10")

def test_it_fails(gradstep):
    gradstep.trace("fails.py")
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What pytest says of the user's tests."""
    folder = tmp_path_factory.mktemp("users")
    (folder / "test_training.py").write_text(USERS_TEST)
    (folder / "never.py").write_text((LESSONS / "three_weights.py").read_text())
    (folder / "cleared.py").write_text((LESSONS / "three_weights_cleared.py").read_text())
    (folder / "fails.py").write_text("import torch\nw = torch.ones(2, requires_grad=True)\n(w * torch.ones(3)).sum()\n")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", "-q", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder.parent)
    assert done.returncode == 1
    return done.stdout


def test_what_is_well_passes_and_what_is_not_is_told_with_line_and_remedy(told: str) -> None:
    assert "3 failed, 1 passed" in told
    assert "never.py:27, stop 5, iteration 2" in told
    assert "Clear gradients before each backward pass" in told
    assert "overshoot: The loss rose from 0.9094 to 1.5371" in told
    assert "assert loss < 10: it did not hold (never.py:23, stop 1, iteration 1)" in told


def test_a_program_that_fails_fails_its_test(told: str) -> None:
    assert "fails.py ended with exit code 1" in told
    assert "RuntimeError" in told
    assert "(w * torch.ones(3)).sum()" in told


def test_a_run_to_the_letter() -> None:
    run = Tracer(LESSONS).trace("three_weights.py", stops=12)
    assert [round(loss, 4) for loss in run.losses] == [16.0, 8.2944, 0.9094, 1.5371]
    assert [stop.phase for stop in run.stops] == ["start", *["forward", "backward", "update"] * 4, "end"]
    assert {finding.kind for finding in run.findings} == {"stale-gradient", "overshoot"}
    assert run.output.startswith("iteration 1: y_hat 7.0000, loss 16.0000\n")
    assert repr(run) == "<run of three_weights.py: 14 stops, 4 losses, exit code 0>"
    run.assert_no("not-finite")
    run.assert_ended_well()
    with pytest.raises(ValueError, match="overshot: no kind of finding; they are warning, error"):
        run.assert_no("overshot")
    with pytest.raises(ValueError, match="nothing: no kind"):
        run.assert_no()
    with pytest.raises(AssertionError, match="overshoot"):
        run.assert_no("error")


def test_what_cannot_be_run(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"nothing\.py: no such file"):
        Tracer(tmp_path).trace("nothing.py")
    with pytest.raises(ValueError, match="at least one"):
        Tracer(LESSONS).trace("three_weights.py", stops=0)
    with pytest.raises(ValueError, match="no device 'abacus' here"):
        Tracer(LESSONS).trace("three_weights.py", device="abacus")
    (tmp_path / "leaves.py").write_text("import sys\nsys.exit(int(sys.argv[1]))\n")
    assert Tracer(tmp_path).trace("leaves.py", "7", check=False).exit_code == 7
    with pytest.raises(AssertionError, match=r"leaves.py ended with exit code 7"):
        Tracer(tmp_path).trace("leaves.py", "7")


def test_whoever_does_not_use_it_pays_nothing() -> None:
    code = "import gradstep.testing.plugin, sys; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not set(done.stdout.split()) & {"torch", "numpy", "textual", "rich", "click", "msgspec"}
