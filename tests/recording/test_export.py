"""A recording as text is what a trace of the program would have been."""

from __future__ import annotations

import csv
import json
import sqlite3
import subprocess
import sys
from pathlib import Path

from hand import seed_run
from msgspec.structs import replace
from recorded import events, seed_recording, write
from running import gradstep

LESSON = Path(__file__).parent.parent.parent / "tui" / "gradstep" / "lessons" / "three_weights.py"


def test_csv(tmp_path: Path) -> None:
    path = tmp_path / "run.gradstep"
    stops = seed_run(4)
    stops[1] = replace(stops[1], changed=("=w", "x\x1b[31m"))
    write(path, [*events(stops), *events(seed_run(1))])
    done = gradstep("export", "--as", "csv", path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    rows = list(csv.DictReader(done.stdout.splitlines()))
    assert [(row["run"], row["stop"]) for row in rows] == [
        *(("1", str(at)) for at in range(14)), *(("2", str(at)) for at in range(5)),
    ]  # fmt: skip
    assert rows[1]["changed"] == "'=w x"
    assert [row["loss"] for row in rows if row["phase"] == "forward" and row["run"] == "1"] == [
        "16.0", "8.2944", "0.909353", "1.537124",
    ]  # fmt: skip
    assert "overshoot" in rows[10]["findings"].split()
    assert rows[0]["loss"] == ""
    assert (rows[10]["iteration"], rows[10]["reason"]) == ("4", "step")


def test_json_is_as_of_a_trace(tmp_path: Path) -> None:
    path, out = tmp_path / "run.gradstep", tmp_path / "run.json"
    assert gradstep("record", "--seed", "1", "-o", path, LESSON).returncode == 0
    assert gradstep("export", "-o", out, path).returncode == 0
    traced = gradstep("trace", "--json", "--seed", "1", LESSON).stdout.splitlines()
    exported = out.read_text().splitlines()
    assert len(exported) == len(traced) == 20
    for one, other in zip(map(json.loads, exported), map(json.loads, traced), strict=True):
        assert one == other


def test_what_is_damaged_is_said(tmp_path: Path) -> None:
    path = seed_recording(tmp_path / "run.gradstep")
    with sqlite3.connect(path) as file:
        file.execute("UPDATE stops SET hash = zeroblob(16) WHERE number = 5")
    done = gradstep("export", path)
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 13)
    assert done.stderr == "gradstep: the recording is damaged: not all of it can be read\n"
    done = gradstep("export", LESSON)
    assert (done.returncode, done.stdout) == (2, "")
    assert "is no recording of gradstep's" in done.stderr


def test_python_m_gradstep() -> None:
    done = subprocess.run([sys.executable, "-m", "gradstep", "--help"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("Usage: gradstep ")
