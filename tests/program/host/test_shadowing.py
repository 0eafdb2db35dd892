"""A file of the program that takes the place of a module which torch needs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from gradstep.model.shadows import shadows
from running import Runner

PROGRAM = "import torch\nw = torch.ones(1, requires_grad=True)\n(2 * w).sum().backward()\n"


def run(*command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Without the working directory on the path of gradstep's own process, as its script has it."""
    whole = [sys.executable, *command]
    return subprocess.run(whole, cwd=cwd, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


@pytest.mark.parametrize("name", ["json", "types", "random", "torch"])
def test_the_file_is_named(name: str, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(PROGRAM)
    (tmp_path / f"{name}.py").write_text("x = 1\n")
    done, plain = run("-P", "-m", "gradstep.cli", "trace", "train.py", cwd=tmp_path), run("train.py", cwd=tmp_path)
    assert done.returncode == plain.returncode
    if not shadows(str(tmp_path)):  # here something installed makes Python load the module at its start
        assert done.returncode == 0
        return
    assert done.returncode == 1
    *_, last = done.stderr.splitlines()
    assert last.startswith(f"gradstep: {tmp_path / name}.py takes the place of the module {name} ")
    assert "gradstep/program" not in done.stderr


def test_the_fault_says_it_too(runner: Runner, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(PROGRAM)
    (tmp_path / "queue").mkdir()
    (tmp_path / "queue" / "__init__.py").write_text("x = 1\n")
    stop = runner.watch(tmp_path / "train.py", directory=tmp_path).stops[-1]
    assert stop.fault is not None
    assert f"{tmp_path / 'queue'} takes the place of the module queue " in stop.fault.message


def test_one_that_does_no_harm_is_the_programs_own(runner: Runner, tmp_path: Path) -> None:
    (tmp_path / "secrets.py").write_text("key = 'mine'\n")
    (tmp_path / "train.py").write_text(PROGRAM + "import secrets\nassert secrets.key == 'mine'\n")
    found = runner.watch(tmp_path / "train.py", directory=tmp_path)
    assert (found.code, found.phases) == (0, "f b")


def test_what_python_has_loaded_at_its_start_is_not_hidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that is installed may have it import more than usual."""
    (tmp_path / "json.py").touch()
    (tmp_path / "random.py").touch()
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho os sys json\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    assert shadows(str(tmp_path)) == {"random": str(tmp_path / "random.py")}


def test_what_counts(tmp_path: Path) -> None:
    for name in ("json.py", "os.py", "time.py", "helper.py", "random.txt", "numpy.py"):
        (tmp_path / name).touch()
    (tmp_path / "typing").mkdir()
    assert shadows(str(tmp_path)) == {name: str(tmp_path / f"{name}.py") for name in ("json", "numpy")}
    assert shadows(str(tmp_path / "nowhere")) == {}


def test_a_package_that_fails_is_the_programs_fault(runner: Runner, tmp_path: Path) -> None:
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").write_text("x = 1 / 0\n")
    (tmp_path / "package" / "train.py").write_text(PROGRAM)
    found = runner.watch("package.train", kind="module", directory=tmp_path)
    assert (found.code, [stop.phase for stop in found.stops]) == (1, ["start", "end"])
    assert found.stops[-1].fault is not None
    assert found.stops[-1].fault.kind == "ZeroDivisionError"
    assert "gradstep/program" not in found.stops[-1].fault.traceback
