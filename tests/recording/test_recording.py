"""What is kept of a run is what a screen would have had of it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from gradstep.app.runs.history import History
from gradstep.model.message import Evaluate, Evaluated, Exited, Output, Ready, Statistics, Stopped
from gradstep.model.stop import Stop
from gradstep.recording.parts import cut, joined, summary
from gradstep.recording.recorder import Keep, Recorder
from gradstep.recording.replay import ReplaySource
from gradstep.recording.writer import RecordingError, Writer
from hand import seed_run
from msgspec.structs import replace
from recorded import ABOUT, events, heard, seed_recording, write


def test_a_stop_is_the_sum_of_its_parts() -> None:
    for stop in seed_run():
        whole = joined(summary(stop), cut(stop))
        assert whole == stop
        assert list(whole.tensors) == [*stop.leaves, *(name for name in stop.tensors if name not in stop.leaves)]


def after(history: History, index: int, phase: str) -> int | None:
    found = history.after(index, lambda stop: stop.phase == phase)
    return None if found is None else found.index


def test_every_stop_is_shown_as_it_was(tmp_path: Path) -> None:
    told = events(seed_run())
    write(tmp_path / "run.gradstep", told)
    live, replay = heard(told), ReplaySource(str(tmp_path / "run.gradstep"))
    assert (replay.title, replay.seed, replay.devices, replay.live) == ("three_weights.py", 7, ("cpu",), False)
    history = replay.runs.live.history
    assert len(history) == len(seed_run()) == 14
    for stop in live.live.history.stops:
        assert history.moment(stop.index) == live.live.history.moment(stop.index), stop.index
        found, known = history.find(stop.index), live.live.history.find(stop.index)
        assert found is not None
        assert known is not None
        assert (found.stop, found.before, found.passed, found.printed) == (
            known.stop, known.before, known.passed, known.printed,
        )  # fmt: skip
        same, other = history.of_phase(stop.phases), live.live.history.of_phase(stop.phases)
        assert (same and same.stop) == (other and other.stop)
        for step in (-20, -1, 0, 1, 20):
            assert history.beside(stop.index, step) == live.live.history.beside(stop.index, step)
        for phase in ("forward", "backward", "update"):
            ahead = [after(other, stop.index, phase) for other in (history, live.live.history)]
            assert ahead[0] == ahead[1]
    assert history.moment() == live.live.history.moment()
    assert replay.runs.moment().met == live.moment().met != ()
    assert list(replay.runs.live.terminal.lines) == list(live.live.terminal.lines)
    assert history.find(99) is None
    assert history.of_phase(99) is None
    assert replay.reader.lost == 0


def test_stops_that_were_passed_are_passed(tmp_path: Path) -> None:
    stops = [replace(summary(stop), light=True) if 3 < stop.index < 9 else stop for stop in seed_run()]
    write(tmp_path / "run.gradstep", events(stops))
    live, history = heard(events(stops)).live.history, ReplaySource(str(tmp_path / "run.gradstep")).runs.live.history
    for stop in stops:
        assert history.moment(stop.index) == live.moment(stop.index), stop.index
    assert history.moment(10).passed == 5


def test_what_comes_late_is_kept(tmp_path: Path) -> None:
    told = events(seed_run())
    at = next(at for at, event in enumerate(told) if isinstance(event, Stopped) and event.stop.index == 4)
    told.insert(at + 1, Statistics(4, bits=77, last=True))
    changed = replace(seed_run()[4], bits=78)
    told.insert(at + 2, Evaluated(Evaluate("1"), "1", stop=changed))
    write(tmp_path / "run.gradstep", told)
    stop = ReplaySource(str(tmp_path / "run.gradstep")).runs.live.history.moment(4).stop
    assert stop.bits == 78
    assert stop == replace(changed, findings=stop.findings)


def test_each_start_of_the_program_is_a_run(tmp_path: Path) -> None:
    write(tmp_path / "run.gradstep", [*events(seed_run(2)), *events(seed_run(3))])
    runs = ReplaySource(str(tmp_path / "run.gradstep")).runs
    assert [(run.name, len(run.history)) for run in runs.all] == [("run 1", 8), ("run 2", 11)]
    assert runs.live is runs.shown is runs.all[1]
    assert list(runs.all[0].terminal.lines)[-1] == ("stop 7", False)


@pytest.mark.parametrize(
    ("keep", "tensors", "graph"), [("losses", False, False), ("norms", True, False), ("small", True, True)]
)
def test_as_much_is_kept_as_was_asked_for(keep: Keep, tensors: bool, graph: bool, tmp_path: Path) -> None:
    write(tmp_path / "run.gradstep", events(seed_run()), keep)
    moment = ReplaySource(str(tmp_path / "run.gradstep")).runs.live.history.moment(10)
    assert bool(moment.stop.tensors) is tensors
    assert bool(moment.stop.graph.nodes) is graph
    assert moment.stop.light is not tensors
    assert [round(point.value, 4) for point in moment.curve] == [16.0, 8.2944, 0.9094, 1.5371]
    assert moment.stop.finding("overshoot") is not None


def test_every_second_iteration(tmp_path: Path) -> None:
    write(tmp_path / "run.gradstep", events(seed_run(4)), every=2)
    history = ReplaySource(str(tmp_path / "run.gradstep")).runs.live.history
    assert [stop.light for stop in history.stops] == [False] + [False] * 3 + [True] * 3 + [False] * 3 + [True] * 3 + [
        False
    ]
    assert history.moment(7).before.index == 3
    assert history.moment(12).before.index == 9


def test_content_that_comes_again_is_there_once(tmp_path: Path) -> None:
    stops = seed_run(1)
    same = [replace(stops[1], index=at) for at in range(1, 200)]
    write(tmp_path / "run.gradstep", events([stops[0], *same]))
    with sqlite3.connect(tmp_path / "run.gradstep") as file:
        assert file.execute("SELECT count(*) FROM contents").fetchone()[0] < 16
        assert file.execute("SELECT count(*) FROM stops").fetchone()[0] == 200


def test_each_stop_is_committed(tmp_path: Path) -> None:
    """Another process sees it at once; whatever ends this one."""
    path = tmp_path / "run.gradstep"
    recorder = Recorder(Writer(str(path), ABOUT))
    recorder.put(Ready("2.13.0", ("cpu",), 7))
    for at, stop in enumerate(seed_run()):
        recorder.put(Output(f"{at}\n"))
        recorder.put(Stopped(stop, waiting=False))
        replay = ReplaySource(str(path))
        assert len(replay.runs.live.history) == at + 1
        assert list(replay.runs.live.terminal.lines)[-1] == (f"{at}", False)
        replay.close()
    recorder.put(Exited(0))
    assert {file.name for file in tmp_path.iterdir()} > {"run.gradstep"}
    recorder.close()
    assert {file.name for file in tmp_path.iterdir()} == {"run.gradstep"}


def test_a_recording_is_replaced_and_nothing_else(tmp_path: Path) -> None:
    path = seed_recording(tmp_path / "run.gradstep")
    write(path, events(seed_run(1)))
    assert len(ReplaySource(str(path)).runs.live.history) == 5
    other = tmp_path / "thesis.txt"
    other.write_text("years of work")
    with pytest.raises(RecordingError, match="is no recording"):
        Writer(str(other), ABOUT)
    assert other.read_text() == "years of work"
    with pytest.raises(RecordingError, match="no such folder"):
        Writer(str(tmp_path / "none" / "run"), ABOUT)
    with pytest.raises(RecordingError, match="is no recording"):
        Writer(str(tmp_path), ABOUT)


def test_a_disk_that_is_full_ends_the_recording_alone(tmp_path: Path) -> None:
    recorder = Recorder(Writer(str(tmp_path / "run.gradstep"), ABOUT))
    recorder.put(Stopped(Stop(0), waiting=False))
    recorder.writer._files.execute("PRAGMA max_page_count = 12")
    for event in events(seed_run(60)):
        recorder.put(event)
    recorder.close()
    assert "full" in recorder.problem
    assert len(ReplaySource(str(tmp_path / "run.gradstep")).runs.all) == 1


def test_names_that_are_new_in_each_iteration_do_not_pile_up(tmp_path: Path) -> None:
    some = seed_run(1)[1]
    made = [
        replace(some, index=at, tensors={f"t{at}_{name}": some.tensors["w"] for name in range(500)}, leaves=())
        for at in range(1, 9)
    ]
    write(tmp_path / "run.gradstep", events([seed_run(1)[0], *made]))
    history = ReplaySource(str(tmp_path / "run.gradstep")).runs.live.history
    assert [len(history.moment(at).before.tensors) for at in range(1, 9)] == [
        0, 500, 1000, 1500, 2000, 2500, 2500, 2500,
    ]  # fmt: skip
    assert "t7_0" in history.moment(8).before.tensors
    assert "t3_0" in history.moment(8).before.tensors
    assert "t2_0" not in history.moment(8).before.tensors
