"""`gradstep record`, on real programs, and whatever ends it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from gradstep.recording.replay import ReplaySource
from running import gradstep

LESSON = Path(__file__).parent.parent.parent / "tui" / "gradstep" / "lessons" / "three_weights.py"
ENDLESS = """
import os
import torch
print(os.getpid(), flush=True)
w = torch.ones(3, requires_grad=True)
while True:
    loss = (w ** 2).sum()
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
        w.grad = None
    print("iteration", flush=True)
"""


def test_a_run_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "run.gradstep"
    done = gradstep("record", "--seed", "1", "-o", path, LESSON)
    assert done.returncode == 0
    assert done.stdout.startswith("iteration 1: y_hat 7.0000, loss 16.0000\n")
    assert done.stderr.startswith(f"gradstep: 20 stops, 6 iterations kept in {path} (")
    source = ReplaySource(str(path))
    traced = [json.loads(line) for line in gradstep("trace", "--json", "--seed", "1", LESSON).stdout.splitlines()]
    stops = source.runs.live.history.stops
    assert [(stop.index, stop.phase, stop.iteration) for stop in stops] == [
        (known["index"], known["phase"], known["iteration"]) for known in traced
    ]
    for stop, known in zip(stops, traced, strict=True):
        assert (stop.scalar and stop.scalar.value) == (known["loss"] and known["loss"]["value"])
        assert [found.kind for found in stop.findings] == [found["kind"] for found in known["findings"]]
        assert stop.tensors.keys() == known["tensors"].keys()
    assert source.title == "three_weights.py"
    assert source.seed == 1
    told: list[object] = []
    source.start(told.append)
    assert [text.text for text in told] == [LESSON.read_text()]  # type: ignore[attr-defined]


def test_losses_alone(tmp_path: Path) -> None:
    path = tmp_path / "run.gradstep"
    done = gradstep("record", "--keep", "losses", "-o", path, LESSON)
    assert done.returncode == 0
    history = ReplaySource(str(path)).runs.live.history
    assert len(history) == 20
    assert [round(point.value, 4) for point in history.curve("loss")][:4] == [16.0, 8.2944, 0.9094, 1.5371]
    assert all(stop.light or stop.phase in ("start", "end") for stop in history.stops)


def test_numbers_without_graphs(tmp_path: Path) -> None:
    path = tmp_path / "run.gradstep"
    assert gradstep("record", "--keep", "norms", "--seed", "1", "-o", path, LESSON).returncode == 0
    stops = ReplaySource(str(path)).runs.live.history.stops
    traced = [json.loads(line) for line in gradstep("trace", "--json", "--seed", "1", LESSON).stdout.splitlines()]
    for stop, known in zip(stops, traced, strict=True):
        assert [found.kind for found in stop.findings] == [found["kind"] for found in known["findings"]]
        assert stop.tensors.keys() == known["tensors"].keys()
        assert stop.gradients.keys() == known["gradients"].keys()
        assert not stop.graph.nodes
        assert not stop.receipts


def test_the_exit_code_is_the_programs(tmp_path: Path) -> None:
    program = tmp_path / "leaves.py"
    program.write_text("import sys\nsys.exit(7)\n")
    assert gradstep("record", "-o", tmp_path / "run", program).returncode == 7
    program.write_text("import os\nos.kill(os.getpid(), 9)\n")
    assert gradstep("record", "-o", tmp_path / "run", program).returncode == 137
    last = ReplaySource(str(tmp_path / "run")).runs.live.history.last
    assert last.phase == "end"
    assert last.fault is not None


@pytest.mark.parametrize("name", ["none/run", "thesis.txt", "."])
def test_where_nothing_can_be_kept(name: str, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    done = gradstep("record", "-o", tmp_path / name, LESSON)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_ctrl_c_completes_the_recording(tmp_path: Path) -> None:
    program, path = tmp_path / "endless.py", tmp_path / "run.gradstep"
    program.write_text(ENDLESS)
    command = [sys.executable, "-m", "gradstep.cli", "record", "-o", str(path), str(program)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as recorder:
        assert recorder.stdout is not None
        pid = int(recorder.stdout.readline())
        assert recorder.stdout.readline() == "iteration\n"
        recorder.send_signal(signal.SIGINT)
        _, error = recorder.communicate()
        assert (recorder.returncode, error) == (130, "\n")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["endless.py", "run.gradstep"]
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert len(ReplaySource(str(path)).runs.live.history) > 1


@pytest.mark.parametrize("who", ["recorder", "program"])
def test_whatever_is_killed_every_stop_before_is_there(who: str, tmp_path: Path) -> None:
    program, path = tmp_path / "endless.py", tmp_path / "run.gradstep"
    program.write_text(ENDLESS)
    command = [sys.executable, "-m", "gradstep.cli", "record", "-o", str(path), str(program)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as recorder:
        assert recorder.stdout is not None
        pid = int(recorder.stdout.readline())
        for _ in range(20):
            assert recorder.stdout.readline() == "iteration\n"
        watched = os.pidfd_open(pid) if hasattr(os, "pidfd_open") else None
        os.kill(pid if who == "program" else recorder.pid, signal.SIGKILL)
        recorder.communicate()
        assert recorder.returncode == (-9 if who == "recorder" else 137)
    source = ReplaySource(str(path))
    stops = source.runs.live.history.stops
    assert [stop.index for stop in stops] == list(range(len(stops)))
    assert len(stops) > 3 * 18
    assert (stops[-1].phase == "end") is (who == "program")
    assert source.reader.lost == 0
    assert not any(stop.light for stop in stops)
    if watched is not None:
        os.close(watched)
