"""A file that is damaged, foreign or newer: what can be read is shown, else there is one line. Nothing is executed."""

from __future__ import annotations

import random
import shutil
import sqlite3
from pathlib import Path

import pytest
from gradstep.recording.replay import ReplaySource
from gradstep.recording.writer import RecordingError
from recorded import seed_recording
from running import gradstep

FLIPS = 400


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return seed_recording(tmp_path / "run.gradstep")


def look(path: Path) -> tuple[int, int]:
    """Open it and go to every stop; how many there are, and how many records could not be read."""
    source = ReplaySource(str(path))
    try:
        told: list[object] = []
        source.start(told.append)
        stops = 0
        for run in source.runs.all:
            source.runs.show(run)
            for stop in run.history.stops:
                source.runs.go_to(stop.index)
                assert source.runs.moment().stop.index == stop.index
                stops += 1
        return stops, source.reader.lost
    finally:
        source.close()


def test_bytes_that_are_others(path: Path, tmp_path: Path) -> None:
    whole, chance, seen = path.read_bytes(), random.Random(1), {"view": 0, "line": 0}
    other = tmp_path / "other.gradstep"
    known = {stop.index: stop for stop in ReplaySource(str(path)).runs.live.history.stops}
    for _ in range(FLIPS):
        damaged = bytearray(whole)
        for _ in range(chance.choice((1, 1, 4, 64))):
            damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
        other.write_bytes(damaged)
        try:
            stops, lost = look(other)
        except RecordingError:
            seen["line"] += 1
            continue
        seen["view"] += 1
        assert stops == len(known) or lost
        for stop in ReplaySource(str(other)).runs.live.history.stops:
            assert stop == known[stop.index] or stop.light
    assert min(seen.values()) > 10


@pytest.mark.parametrize("part", [0.01, 0.3, 0.6])
def test_a_file_that_is_cut_off(part: float, path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * part)])
    with pytest.raises(RecordingError, match=r"damaged|no recording"):
        look(path)


def test_a_file_without_its_end(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * 0.9)])
    stops, lost = look(path)
    assert 0 < stops <= 14
    assert lost


def test_a_part_that_is_lost_leaves_the_rest(path: Path) -> None:
    with sqlite3.connect(path) as file:
        file.execute("UPDATE contents SET data = zeroblob(9) WHERE id = 12")
    source = ReplaySource(str(path))
    stops = source.runs.live.history.stops
    assert len(stops) == 14
    assert 0 < sum(stop.light for stop in stops) < 14
    assert source.reader.lost


def test_a_stop_that_stands_in_the_place_of_another_is_left_out(path: Path) -> None:
    with sqlite3.connect(path) as file:
        file.execute("UPDATE stops SET record = (SELECT record FROM stops WHERE number = 4) WHERE number = 5")
        file.execute("UPDATE stops SET number = 70 WHERE number = 6")
        file.execute("UPDATE stops SET run = 2 WHERE number = 8")
    source = ReplaySource(str(path))
    assert [stop.index for stop in source.runs.live.history.stops] == [*range(5), 7, *range(9, 14)]
    assert source.reader.lost == 3
    assert len(source.runs.all) == 1


SAYS = {
    "nothing": "no such file",
    "folder": "is a folder",
    "empty": "is no recording of gradstep's",
    "text": "is no recording of gradstep's",
    "foreign": "is no recording of gradstep's",
    "newer": "was recorded by a newer gradstep (format 2): update this one",
    "trigger": "its tables are others",
    "headless": "is no recording",
    "stopless": "no stop in it yet",
    "hashless": "no stop in it can be read: it is damaged",
}


def make(kind: str, path: Path) -> None:
    """Make of a recording something else."""
    if kind in ("nothing", "folder", "empty", "text", "foreign"):
        path.unlink()
    if kind == "folder":
        path.mkdir()
    elif kind in ("empty", "text"):
        path.write_text("" if kind == "empty" else "SQLite format 3, or not\n" * 20)
    elif kind == "headless":
        path.write_bytes(b"\0" * 100 + path.read_bytes()[100:])
    elif kind != "nothing":
        statement = {
            "foreign": "CREATE TABLE songs (name TEXT)",
            "newer": "PRAGMA user_version = 2",
            "trigger": "CREATE VIEW more AS SELECT * FROM stops",
            "stopless": "DELETE FROM stops",
            "hashless": "UPDATE stops SET hash = zeroblob(16)",
        }[kind]
        with sqlite3.connect(path) as file:
            file.execute(statement)


@pytest.mark.parametrize("kind", SAYS)
def test_what_is_wrong_is_said_in_one_line(kind: str, path: Path) -> None:
    make(kind, path)
    with pytest.raises(RecordingError) as error:
        ReplaySource(str(path))
    assert SAYS[kind] in str(error.value)
    assert "run.gradstep" in str(error.value)


@pytest.mark.parametrize("kind", ["nothing", "text", "newer"])
def test_the_command_says_so(kind: str, path: Path) -> None:
    make(kind, path)
    done = gradstep("replay", path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("gradstep: ")
    assert SAYS[kind] in done.stderr
    assert done.stderr.count("\n") == 1


def test_looking_writes_nothing(path: Path, tmp_path: Path) -> None:
    before = path.read_bytes()
    assert look(path) == (14, 0)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["run.gradstep"]


def test_a_name_that_is_an_address(path: Path, tmp_path: Path) -> None:
    odd = tmp_path / "100%25 a?mode=rwc#b.gradstep"
    shutil.copy(path, odd)
    assert look(odd) == (14, 0)
