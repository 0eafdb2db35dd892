"""What the panes get to see of a run."""

from gradstep.app.history import KEPT, History
from gradstep.model.message import Exited, Statistics
from gradstep.model.stop import EMPTY, Loss, Stop
from hand import seed_run, view
from msgspec.structs import replace


def history_of(stops: list[Stop]) -> History:
    history = History()
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


def test_a_long_run_keeps_the_newest_stops_within_a_budget() -> None:
    forward, *_ = [stop for stop in seed_run() if stop.phase == "forward"]
    heavy = replace(forward, graph=replace(forward.graph, nodes=forward.graph.nodes * 1000))
    history = history_of([replace(heavy, index=index) for index in range(40)])
    assert [stop.index for stop in history.stops] == list(range(40 - KEPT // 6010, 40))
    assert len(history.moment().curve) == 40
    history.complete(Statistics(0, {"w": view(1.0)}, {}))
    assert "w" in history.last.tensors
    light = history_of([Stop(index, "forward", light=True) for index in range(KEPT + 10)])
    assert len(light.stops) == KEPT


def test_a_stop_that_alone_is_too_large_is_kept() -> None:
    forward = seed_run()[1]
    heavy = replace(forward, graph=replace(forward.graph, nodes=forward.graph.nodes * KEPT))
    history = history_of([forward, heavy])
    assert list(history.stops) == [history.last]


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
