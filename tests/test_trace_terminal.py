"""`trace` on a terminal, on which the program draws progress bars as well."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import gradstep
import pytest

COLUMNS = 100
PROGRAM = """
import sys
import torch
w = torch.ones(1, requires_grad=True)
for epoch in range(2):
    for step in range(3):
        sys.stderr.write(f"\\r{step}/3 |" + "#" * 10 * step)
        sys.stderr.flush()
    loss = (2 * w).sum()
    loss.backward()
    print("epoch", epoch)
"""


def screen(text: str) -> list[str]:
    """The lines as a terminal shows them: at its last column the cursor wraps only when more is written."""
    lines, column = [""], 0
    for sign in text:
        if sign == "\r":
            column = 0
        elif sign == "\n":
            lines.append("")
        else:
            if column == COLUMNS:
                lines.append("")
                column = 0
            lines[-1] = lines[-1][:column].ljust(column) + sign + lines[-1][column + 1 :]
            column += 1
    return [line.rstrip() for line in lines]


def on_terminal(*args: str | Path) -> list[str]:
    """What stands on the terminal after `gradstep ARGS`."""
    ours, theirs = pty.openpty()
    subprocess.run(["stty", "cols", str(COLUMNS), "rows", "40"], stdin=theirs, check=True)
    command = [sys.executable, "-m", "gradstep.cli", *map(str, args)]
    environment = {**os.environ, "TERM": "xterm-256color"}
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as running:
        os.close(theirs)
        text = b""
        while chunk := _read(ours):
            text += chunk
        running.wait()
    os.close(ours)
    return screen(text.decode())


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # the other end is closed
        return b""


def test_rows_begin_on_a_line_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "bars.py").write_text(PROGRAM)
    lines = on_terminal("trace", tmp_path / "bars.py")
    rows = [line for line in lines if re.match(r" +\d+ +\d+  (start|forward|backward|end)", line)]
    assert [row.split()[2] for row in rows] == ["start", *["forward", "backward"] * 2, "end"]
    assert lines.count("2/3 |" + "#" * 20) == 2
    assert [line for line in lines if line.startswith("epoch")] == ["epoch 0", "epoch 1"]
    assert "" not in lines[:-1]


def test_nothing_is_added_where_the_table_goes_to_a_file(tmp_path: Path) -> None:
    (tmp_path / "bars.py").write_text(PROGRAM)
    command = [sys.executable, "-m", "gradstep.cli", "trace", str(tmp_path / "bars.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL)
    assert "\r" not in done.stdout
    assert len(done.stdout.splitlines()) == 7


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("loss rises", "stopped at stop 10, iteration 4: loss rose from 0.909353 to 1.53712"),
        ("stale-gradient", "stopped at stop 5, iteration 2: stale-gradient"),
    ],
)
def test_a_condition_looks_back_over_the_rows(text: str, says: str) -> None:
    lesson = Path(gradstep.__file__).parent / "lessons" / "three_weights.py"
    assert any(says in row for row in on_terminal("trace", "--until", text, lesson))
