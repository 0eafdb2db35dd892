"""Recordings for tests."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import cast

from gradstep.app.runs.runs import Runs
from gradstep.model.message import Event, Exited, FileText, Output, Ready, Stopped
from gradstep.model.stop import Stop
from gradstep.recording.recorder import Keep, Recorder
from gradstep.recording.replay import ReplaySource
from gradstep.recording.writer import Writer
from hand import FILE, HandSource, seed_run

ABOUT = {"gradstep": "0", "title": "three_weights.py", "path": FILE}


def events(stops: Iterable[Stop]) -> list[Event]:
    """What a source tells of a run that prints a line before each stop."""
    told: list[Event] = [FileText(FILE, "w @ x\n"), Ready("2.13.0", ("cpu",), 7)]
    for stop in stops:
        told += [Output(f"stop {stop.index}\n"), Stopped(stop, waiting=False)]
    return [*told, Exited(0)]


def write(path: Path, told: Iterable[Event], keep: Keep = "small", every: int = 1) -> Recorder:
    """A recording of these events."""
    recorder = Recorder(Writer(str(path), ABOUT), keep, every)
    for event in told:
        recorder.put(event)
    recorder.close()
    assert recorder.problem == ""
    return recorder


def seed_recording(path: Path, iterations: int = 4) -> Path:
    write(path, events(seed_run(iterations)))
    return path


def heard(told: Iterable[Event]) -> Runs:
    """The runs as a screen has them that hears the events."""
    runs = Runs()
    for event in told:
        if isinstance(event, Stopped):
            runs.add(event.stop)
        elif isinstance(event, Output):
            runs.live.terminal.write(event.text, event.error)
    return runs


def replayed(path: Path) -> HandSource:
    """What a screen under test is given."""
    return cast(HandSource, ReplaySource(str(path)))
