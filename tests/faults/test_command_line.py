"""What cannot be written or read is told in one line, with exit code 2."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from real_terminal import RealTerminal

SMALL = "import torch\nw = torch.ones(1, requires_grad=True)\nw.sum().backward()\n"


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "small.py"
    path.write_text(SMALL)
    return path


def run(command: str, *args: str | bytes | Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """A shell's line, in which `gradstep` is the command; `$1` and so on are the arguments."""
    line = command.replace("gradstep", f"{sys.executable} -m gradstep.cli")
    shell = ["bash", "-c", line, "bash", *args]
    return subprocess.run(
        shell, capture_output=True, check=False, stdin=subprocess.DEVNULL, env={**os.environ, **environment}
    )


def one_line(done: subprocess.CompletedProcess[bytes]) -> str:
    """The error, which is all that there is."""
    assert done.returncode == 2, done
    text = done.stderr.decode()
    assert text.startswith("gradstep: ")
    assert text.count("\n") == 1
    assert text.endswith("\n")
    return text


@pytest.mark.parametrize("command", ["gradstep trace $1", "gradstep trace --json $1", "gradstep --help"])
def test_a_full_disk(command: str, program: Path) -> None:
    assert "No space left" in one_line(run(f"{command} >/dev/full", program))


def test_a_closed_output(program: Path) -> None:
    assert "closed" in one_line(run("gradstep trace $1 >&-", program))
    assert "terminal" in one_line(run("gradstep run $1 >&-", program))
    assert run("gradstep trace $1 2>&-", program).returncode == 2
    assert run("gradstep nothing.py 2>/dev/full", program).returncode == 2


def test_a_reader_that_has_gone_is_no_error(program: Path) -> None:
    done = run("gradstep trace --json $1 | true; exit ${PIPESTATUS[0]}", program)
    assert done.returncode in (0, 1)
    assert done.stderr == b""


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_that_takes_few_signs(encoding: str, program: Path) -> None:
    with RealTerminal("run", program, PYTHONIOENCODING=encoding) as terminal:
        assert terminal.exit_code() == 2
        assert terminal.bytes.count(b"\n") == 1
        assert b"PYTHONIOENCODING=utf-8" in terminal.bytes
    program.write_text(SMALL.replace("w = ", "größe_日 = w = "))
    assert "PYTHONIOENCODING=utf-8" in one_line(run("gradstep trace $1", program, PYTHONIOENCODING=encoding))


@pytest.mark.parametrize("size", ["1e400", "9e99TiB"])
def test_a_history_beyond_sense(size: str, program: Path) -> None:
    assert size in one_line(run("gradstep run --history $1 $2", size, program))


@pytest.mark.parametrize("size", ["0x0", "99999999x99999999", "1x1", "²x5", "120x99999", "9" * 5000 + "x5"])
def test_a_size_beyond_sense(size: str, program: Path, tmp_path: Path) -> None:
    assert "--size" in one_line(run("gradstep screenshot --size $1 -o $2 $3", size, tmp_path / "a.svg", program))


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"cells": [' * 9999, '{"cells": NaN}', '{"cells": [NaN]}', "", "\xff"]
)
def test_a_notebook_that_is_none(text: str, tmp_path: Path) -> None:
    path = tmp_path / "book.ipynb"
    path.write_text(text, encoding="latin-1")
    assert "no notebook" in one_line(run("gradstep trace $1", path))


@pytest.mark.parametrize("command", ["trace", "run", "screenshot -o a.svg"])
def test_a_file_name_that_is_not_utf_8(command: str, tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/bad\xff.py"
    with open(name, "w") as file:
        file.write(SMALL)
    assert "UTF-8" in one_line(run(f"gradstep {command} $1", name))


def test_a_picture_is_written_whole_or_not_at_all(program: Path, tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.mkdir()
    picture = there / "a.svg"
    picture.write_text("before")
    one_line(run("ulimit -f 8; trap '' XFSZ; gradstep screenshot -o $1 $2", picture, program))
    assert picture.read_text() == "before"
    assert list(there.iterdir()) == [picture]
    assert run("gradstep screenshot -o $1 $2", picture, program).returncode == 0
    assert picture.read_text().rstrip().endswith("</svg>")
    assert list(there.iterdir()) == [picture]
