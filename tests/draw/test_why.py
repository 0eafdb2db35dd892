"""A stop in words."""

from __future__ import annotations

import math

import pytest
from gradstep.app.runs.history import History
from gradstep.draw.why import MORE, why_lines, why_summary
from gradstep.model.moment import Met, Moment, Point
from gradstep.model.place import Place
from gradstep.model.stop import Fault, Finding, Loss, Stop
from hand import seed_run
from msgspec.structs import replace


def moment_of(stops: list[Stop]) -> Moment:
    history = History()
    for stop in stops:
        history.add(stop)
    return history.moment()


def words(moment: Moment, width: int = 116) -> list[str]:
    lines = why_lines(moment, width)
    assert all(line.cell_length <= width for line in lines)
    return [line.plain for line in lines]


def test_the_end_tells_what_was_met_the_gravest_first() -> None:
    rows = words(moment_of(seed_run()))
    heads = [row[:60] for row in rows if row[0] in "▲!·"]
    assert heads[0].startswith("▲ overshoot once, at stop 10, iteration 4: ")
    assert heads[1].startswith("! stale-gradient 6 times, first at stop 5, iteration 2: ")
    assert rows[-1] == "The program has ended after 4 iterations, exit code 0. Press r to run it again from the start."
    assert sum(row.startswith("  → ") for row in rows) == 2


def test_the_end_of_a_healthy_run_has_one_line() -> None:
    assert words(moment_of(seed_run(cleared=True))) == [
        "The program has ended after 4 iterations, exit code 0. Press r to run it again from the start."
    ]


def test_a_loss_that_fell_by_little_says_by_how_much() -> None:
    forward = seed_run()[1]
    for before, said in ((2.0e12, "2.0000e+12 before: it fell."), (1.0000001e12, "before: it fell by 1e+05.")):
        now = replace(forward, loss=Loss("loss", 1.0e12))
        moment = Moment(now, curve=(Point(0, 1, before), Point(now.index, 2, 1.0e12)))
        assert said in " ".join(words(moment))


def test_an_abrupt_end_is_told_also_after_light_stops() -> None:
    start, forward = Stop(0), Stop(1, "forward", iteration=1, light=True, place=Place("/a/train.py", 12, "", "x"))
    fault = Fault("abrupt exit", "the process ended with exit code 4, without Python's own end (os._exit?)")
    end = replace(forward, index=2, phase="end", reason="exit", fault=fault, exit_code=4)
    rows = words(moment_of([start, forward, end]))
    assert rows[0] == f"▲ abrupt exit: {fault.message}"
    assert rows[1] == "  the last stop before it: train.py, line 12: x"
    assert rows[2].startswith("The program has ended after 1 iteration, exit code 4.")


def test_a_stop_that_is_still_not_finite_says_where_it_began() -> None:
    backward = replace(seed_run()[2], loss=Loss("loss", math.nan))
    first = Finding("not-finite", "error", "log gave -Inf.", "", {})
    assert "not" not in words(Moment(backward))[-1]
    moment = Moment(backward, met=(Met(first, 1, 1),))
    assert " ".join(words(moment)).endswith(" Where it ceased to be finite is told at stop 1: j goes there.")


def test_the_message_of_sys_exit_and_its_line() -> None:
    place = Place("/a/train.py", 12, "main", "sys.exit('no data')")
    end = Stop(1, "end", "exit", place=place, fault=Fault("SystemExit", "no data"), exit_code=1)
    assert words(moment_of([Stop(0), end])) == [
        "▲ SystemExit: no data",
        "  train.py, line 12: sys.exit('no data')",
        "The program has ended without a forward or backward pass, exit code 1. Press r to run it again from the "
        "start.",
    ]


def test_findings_stand_between_an_exception_and_its_traceback() -> None:
    *stops, end = seed_run()
    fault = Fault("ValueError", "bad", "Traceback (most recent call last):\n  ...")
    rows = words(moment_of([*stops, replace(end, reason="exception", fault=fault, exit_code=1)]))
    at = [
        next(n for n, row in enumerate(rows) if part in row) for part in ("bad", "overshoot", "exit code", "Traceback")
    ]
    assert at == sorted(at)


@pytest.mark.parametrize("width", [40, 78, 118])
def test_the_summary_says_which_key_shows_more(width: int) -> None:
    for index in range(14):
        line = why_summary(moment_of(seed_run()[: index + 1]), width).plain
        full = words(moment_of(seed_run()[: index + 1]), 10_000)
        assert len(line) <= width
        assert line.endswith(MORE) or full == [line.rstrip()]
    assert MORE in why_summary(moment_of(seed_run()[:11]), width).plain


def test_the_summary_of_the_end() -> None:
    line = why_summary(moment_of(seed_run()), 118).plain
    assert line.startswith("▲ overshoot once, at stop 10, iteration 4, and 1 other finding. The program has ended")
