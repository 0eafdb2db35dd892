"""What the panes get to see of a run."""

import pytest
from gradstep.app.runs.budget import MOST, Budget, parse_size, size_of, size_text
from gradstep.app.runs.history import History
from gradstep.model.message import Exited, Statistics
from gradstep.model.stop import EMPTY, Loss, Stop
from hand import seed_run, view
from msgspec.structs import replace


def history_of(stops: list[Stop], budget: Budget | None = None) -> History:
    history = History(budget)
    for stop in stops:
        history.add(stop)
    return history


def test_nothing_has_happened() -> None:
    moment = History().moment()
    assert (moment.stop, moment.before, moment.curve) == (EMPTY, EMPTY, ())


def test_the_curve_knows_the_rise() -> None:
    curve = history_of(seed_run()).moment().curve
    assert [round(point.value, 4) for point in curve] == [16.0, 8.2944, 0.9094, 1.5371]
    assert [point.rose for point in curve] == [False, False, False, True]


def test_before_has_the_latest_known_value_of_everything() -> None:
    before = history_of(seed_run()[:11]).moment().before
    assert before.phase == "update"
    assert before.tensors["y_hat"].value == 3.9536


def test_light_stops_count_for_the_curve_but_not_as_before() -> None:
    stops = seed_run()
    light = [Stop(stop.index, stop.phase, iteration=stop.iteration, loss=stop.loss, light=True) for stop in stops[2:10]]
    moment = history_of([*stops[:2], *light, stops[10]]).moment()
    assert moment.before.index == 1
    assert len(moment.curve) == 4


def test_losses_of_different_names_have_curves_of_their_own() -> None:
    stop = seed_run()[1]
    other = replace(stop, index=2, loss=Loss("loss_d", 0.5))
    assert [point.value for point in history_of([stop, other]).moment().curve] == [0.5]


def test_a_killed_program_gets_an_end() -> None:
    history = history_of(seed_run()[:3])
    history.cut_off(Exited(139, "SIGSEGV"))
    fault = history.last.fault
    assert fault is not None
    assert (history.last.phase, fault.kind, history.last.exit_code) == ("end", "SIGSEGV", 139)
    history.cut_off(Exited(139, "SIGSEGV"))
    assert len(history.stops) == 4


def heavy(index: int) -> Stop:
    forward, *_ = [stop for stop in seed_run() if stop.phase == "forward"]
    graph = replace(forward.graph, nodes=forward.graph.nodes * 1000)
    return replace(forward, index=index, graph=graph)


def test_the_oldest_stops_are_forgotten_and_the_curve_stays() -> None:
    budget = Budget(4 * size_of(heavy(0)))
    history = History(budget)
    for index in range(10):
        history.add(heavy(index))
        while budget.is_over:
            assert history.forget_oldest()
    assert [stop.index for stop in history.stops] == [6, 7, 8, 9]
    moment = history.moment(7)
    assert (moment.stop.index, moment.oldest, moment.newest) == (7, 6, 9)
    assert (len(moment.curve), len(moment.later)) == (8, 2)
    assert history.moment(2).stop.index == 6
    assert budget.used == sum(size_of(stop) for stop in history.stops)


def test_the_newest_stop_is_kept_however_large_it_is() -> None:
    history = history_of([heavy(0), heavy(1)], Budget(1))
    assert history.forget_oldest()
    assert not history.forget_oldest()
    assert history.stops == [history.last]


def test_what_two_runs_share_counts_once() -> None:
    budget = Budget()
    history = history_of(seed_run(), budget)
    used = budget.used
    twin = history.upto(7)
    assert budget.used == used
    history.forget()
    assert budget.used == sum(size_of(stop) for stop in twin.stops) < used
    twin.forget()
    assert budget.used == 0


def test_stops_that_take_nothing_are_still_counted() -> None:
    budget = Budget()
    history = history_of([Stop(index, "forward", light=True) for index in range(MOST + 1)], budget)
    assert budget.is_over
    assert history.forget_oldest()
    assert not budget.is_over


@pytest.mark.parametrize(
    ("text", "size"),
    [("1GiB", 1 << 30), ("500 MB", 500 << 20), ("64M", 64 << 20), ("1.5k", 1536), ("1e9", 10**9), ("0", 0)],
)
def test_sizes(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "big", "-1M", "1 X", "GiB"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(ValueError, match="no size"):
        parse_size(text)


def test_a_size_in_words() -> None:
    assert [size_text(size) for size in (1 << 30, 1536 << 10, 100)] == ["1 GiB", "1.5 MiB", "100 bytes"]


def test_any_stop_is_shown_as_it_was_when_it_was_the_newest() -> None:
    stops = seed_run(6)
    grown, seen = History(), []
    for stop in stops:
        grown.add(stop)
        seen.append(grown.moment())
    for moment in seen:
        again = grown.moment(moment.stop.index)
        assert replace(again, later=(), newest=moment.newest) == moment
    assert len(grown.moment(1).later) == 5


def test_late_evidence_goes_into_its_own_stop() -> None:
    history = history_of(seed_run())
    history.complete(Statistics(7, {"extra": view(1.5)}))
    assert [stop.index for stop in history.stops if "extra" in stop.tensors] == [7]
    history.complete(Statistics(99, {"extra": view(1.5)}))
    assert sum("extra" in stop.tensors for stop in history.stops) == 1


def test_a_branch_knows_what_was_before_it_and_no_more() -> None:
    history = history_of(seed_run())
    twin = history.upto(9)
    assert twin.moment() == replace(history.moment(9), later=(), newest=9)
    for stop in seed_run()[10:]:
        twin.add(stop)
    assert replace(twin.moment(), oldest=0) == history.moment()


def test_what_was_met_is_counted_from_its_first_stop() -> None:
    met = {
        found.first.kind: (found.stop, found.iteration, found.count) for found in history_of(seed_run()).moment().met
    }
    assert met == {"stale-gradient": (5, 2, 6), "overshoot": (10, 4, 1)}


def test_a_pause_is_no_phase_of_its_own() -> None:
    stops = seed_run()
    paused = replace(stops[10], index=11, reason="pause")
    moment = history_of([*stops[:11], paused]).moment()
    assert len(moment.curve) == 4
    assert moment.stop.findings == ()
    assert moment.stop.ran == ""
    backward = replace(stops[11], index=12)
    assert history_of([*stops[:11], paused, backward]).last.finding("stale-gradient") is not None
