"""`trace` with checks, on a real program: exit codes, what is said, and the JUnit file."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from running import gradstep

LESSON = Path(__file__).parent.parent.parent / "tui" / "gradstep" / "lessons" / "three_weights.py"


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (["--fail-on", "not-finite,stale-gradient"], 3, ["gradstep: stale-gradient: ", "weights.py:27, stop 5, "]),
        (["--fail-on", "error"], 3, ["gradstep: overshoot: "]),
        (["--fail-on", "not-finite", "--assert", "loss < 17"], 0, []),
        (["--assert", "finite(grads)", "--assert", "loss < 10"], 5, ["gradstep: assert loss < 10: it did not hold"]),
        (["--assert", 'grad("w").norm() > 0 and param("w").numel() == 3'], 0, []),
        (["--assert", 'grad("v").norm() > 0'], 5, ["it was never judged: grad('v') was never known"]),
        (["--assert", "loss < 9", "--fail-on", "warning"], 3, ["assert loss < 9"]),
        (["--assert", "loss < 1", "--until", "stale-gradient"], 5, ["assert loss < 1", "stopped at stop 5"]),
    ],
)  # fmt: skip
def test_exit_codes(args: list[str], code: int, says: list[str]) -> None:
    done = gradstep("trace", *args, LESSON)
    assert done.returncode == code, done.stderr
    for words in says:
        assert words in done.stderr
    assert ("gradstep: " in done.stderr) is bool(says)


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--fail-on", "overshoot,overshot"], "'overshot' is not one of 'explained'"),
        (["--assert", "lost < 1"], "--assert lost < 1: lost is not known here"),
        (["--junit", "nowhere/at/all.xml"], "no such folder"),
    ],
)
def test_what_is_wrong_is_said_before_anything_runs(args: list[str], says: str) -> None:
    done = gradstep("trace", *args, LESSON)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert says in done.stderr


def test_junit_tells_the_program_from_its_checks(tmp_path: Path) -> None:
    program, path = tmp_path / "ends.py", tmp_path / "checks.xml"
    program.write_text("import sys, torch\ntorch.ones(1, requires_grad=True).sum().backward()\nsys.exit(3 - 2)\n")
    assert gradstep("trace", "--junit", path, "--assert", "loss == 1", program).returncode == 1
    cases = {case.get("name"): case.find("failure") for case in ElementTree.parse(path).iter("testcase")}
    assert cases["assert loss == 1"] is None
    failure = cases["the program ends well"]
    assert failure is not None
    assert failure.get("message") == "it ended with exit code 1"
    assert gradstep("trace", "--junit", path, "--assert", "loss == 2", program).returncode == 5
    cases = {case.get("name"): case.find("failure") for case in ElementTree.parse(path).iter("testcase")}
    assert cases["assert loss == 2"] is not None
