"""Time and runs: whatever keys are pressed, every number on the screen is of the stop and the run that are shown."""

from __future__ import annotations

import pytest
from gradstep.app.panes.console import Printout
from gradstep.app.panes.loss import LossPane
from gradstep.app.runs.runs import Run
from gradstep.draw.numbers import number, numbers
from gradstep.model.message import Edit, Go, Rate, Statistics
from gradstep.model.moment import Moment, Point
from hand import HandSource, seed_run, view
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from screen import Run as Screen
from screen import running
from simulated import SimulatedSource, state_after
from textual.containers import Vertical

KEYS = (
    "space", "space", "space", "f", "b", "u", "i", "o", "left", "left", "left", "right", "home", "end",
    "z", "plus", "minus", "t", "w", "r", "m", "c", "e", "escape", "asterisk", "equals_sign",
)  # fmt: skip


def edits_of(run: Run, index: int | None = None) -> list[tuple[int, Edit]]:
    return [(made.phases, made.edit) for made in run.edits if index is None or made.index <= index]


def values(points: tuple[Point, ...]) -> list[float]:
    return [point.value for point in points]


def check(screen: Screen) -> None:
    """The moment and the panes, against the program's own arithmetic."""
    runs, moment = screen.screen.conversation.link.runs, screen.screen.moment
    run = next(run for run in runs.all if run.number == moment.run)
    assert run is runs.shown
    stop = moment.stop
    truth = state_after(stop.phases, edits_of(run, stop.index))
    assert [stop.tensors["w"].value for _ in range(not stop.light)] == [truth.w for _ in range(not stop.light)]
    assert (stop.loss.value if stop.loss else None) == (truth.losses[-1] if truth.losses else None)
    if not stop.light:
        ledger = stop.gradients.get("w")
        assert (ledger.now.value if ledger and ledger.now else None) == truth.grad
    assert values(moment.curve) == truth.losses
    newest = run.history.last
    assert values(moment.curve + moment.later) == state_after(newest.phases, edits_of(run)).losses
    check_before(run, moment)
    for line in moment.others:
        other = next(other for other in runs.all if other.name == line.name)
        assert values(line.curve) == state_after(other.history.last.phases, edits_of(other)).losses
    check_panes(screen, moment, run)


def check_before(run: Run, moment: Moment) -> None:
    """What the stop is compared with is the latest stop before it that was looked at, of the same run."""
    before = moment.before
    if before.index < 0:
        return
    assert before.index < moment.stop.index
    assert before.tensors["w"].value == state_after(before.phases, edits_of(run, before.index)).w


def check_panes(screen: Screen, moment: Moment, run: Run) -> None:
    """What is written."""
    header, stop = screen.row(0), moment.stop
    past = run is not screen.screen.conversation.link.runs.live or stop.index < run.history.last.index
    assert (f"◀ past: stop {stop.index} of {run.history.last.index}" in header) == past
    if stop.loss is not None:
        assert f"loss {'before ' if stop.scalar is None else ''}{number(stop.loss.value)}" in header
        assert number(min(values(moment.curve + moment.later))) in str(screen.screen.query_one("#loss").border_subtitle)
    if not stop.light:
        shown = screen.pane("tensors")
        assert all(text in shown for text in numbers(stop.tensors["w"].flat()))
        ledger = stop.gradients.get("w")
        grads = screen.pane("gradients")
        assert (
            all(text in grads for text in numbers(ledger.now.flat())) if ledger and ledger.now else "none" not in grads
        )
    printed = screen.screen.query_one(Printout).printed()
    truth = state_after(stop.phases, edits_of(run, stop.index))
    if not any(text.startswith("gradstep:") for text, _ in run.terminal.lines):
        assert [text for text, _ in printed] == [f"loss {loss:.4f}" for loss in truth.losses]


async def press(screen: Screen, key: str) -> None:
    """Press a key, and wait until the program waits; what opens over the panes is closed."""
    await screen.pilot.press(key)
    await screen.settle()
    if len(screen.app.screen_stack) > 1:
        await screen.press("escape")
    for _ in range(6):
        state = screen.screen.state
        if state.mode in ("waiting", "ended") and not state.again and not state.editing:
            return
        await screen.settle()


@settings(
    max_examples=100,
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
@given(keys=st.lists(st.sampled_from(KEYS), min_size=8, max_size=13))
async def test_no_number_of_another_stop_or_run_is_ever_shown(keys: list[str]) -> None:
    async with running(source=SimulatedSource()) as run:
        for key in ["space", *keys]:
            await press(run, key)
            check(run)


async def steps(screen: Screen, *keys: str) -> None:
    for key in keys:
        await press(screen, key)
        check(screen)


def losses(screen: Screen, name: str) -> list[float]:
    """The curve of a run, rounded as it is printed."""
    run = next(run for run in screen.screen.conversation.link.runs.all if run.name == name)
    return [round(point.value, 4) for point in run.history.curve("loss")]


def go_tos(source: SimulatedSource) -> list[int]:
    return [command.to for command in source.sent if isinstance(command, Go) and command.until == "stop"]


async def test_time_is_gone_through_without_asking_the_program() -> None:
    source = SimulatedSource()
    async with running(source=source) as run:
        await steps(run, *["space"] * 5)
        sent = list(source.sent)
        await steps(run, "left", "left", "home", "right", "space", "end")
        assert source.sent == sent
        assert "past" not in run.row(0)
        await steps(run, "home", "left")
        assert "this is the first stop" in run.row(0)
        await steps(run, "end", "right")
        assert "this is the newest stop: space runs on" in run.row(0)


@pytest.mark.parametrize(("key", "stop"), [("space", 2), ("f", 4), ("b", 2), ("u", 3), ("i", 4), ("e", 8)])
async def test_steps_in_the_past_go_to_the_next_such_stop(key: str, stop: int) -> None:
    async with running(source=SimulatedSource()) as run:
        await steps(run, *["space"] * 8, "home", "right", key)
        assert run.screen.moment.stop.index == stop


async def test_a_stop_by_its_number() -> None:
    async with running(source=SimulatedSource()) as run:
        await steps(run, *["space"] * 5)
        await run.press("j", *"99", "enter")
        assert run.app.screen.query_one(Vertical).border_title == "No stop 99: there are 0 – 5"
        await run.press(*["backspace"] * 2, "3", "enter")
        assert run.screen.moment.stop.index == 3
        await run.press("j", "minus", "2", "enter")
        assert run.screen.moment.stop.index == 4
        check(run)


async def test_a_point_of_the_loss_is_a_stop_to_go_to() -> None:
    async with running(source=SimulatedSource()) as run:
        await steps(run, *["space"] * 8)
        run.screen.action_show("loss")
        await run.settle()
        await run.press("enter", "shift+left", "shift+left")
        assert "iteration 1: 16.0000 · enter goes to stop 1" in str(run.screen.query_one("#loss").border_subtitle)
        await run.press("enter")
        assert run.screen.moment.stop.index == 1
        check(run)
        pane = run.screen.query_one(LossPane)
        await run.pilot.click(pane, offset=(pane.size.width - 2, 3))
        await run.settle()
        assert run.screen.moment.stop.index == 7
        check(run)


async def test_an_edit_in_the_past_begins_a_second_run() -> None:
    source = SimulatedSource()
    async with running(source=source) as run:
        await steps(run, "space", "space", "plus", *["space"] * 5, *["left"] * 3)
        assert run.screen.moment.stop.index == 4
        await steps(run, "minus")
        runs = run.screen.conversation.link.runs
        assert [one.name for one in runs.all] == ["run 1", "lr ×0.5 at stop 4"]
        assert edits_of(runs.live) == [(2, Rate(2.0)), (4, Rate(0.5))]
        assert go_tos(source) == [2, 4]
        assert runs.live.parent is runs.all[0]
        assert "past" not in run.row(0)
        await steps(run, "space", "space", "home", "end", "m")
        assert run.screen.moment.stop.index == 6


async def test_what_stood_between_ops_the_first_time_keeps_its_numbers() -> None:
    source = SimulatedSource()
    async with running(source=source) as run:
        await steps(run, "o", *["space"] * 3, "o", *["space"] * 3, "left", "left", "plus")
        live = run.screen.conversation.link.runs.live
        assert (live.name, live.offset) == ("lr ×2 at stop 6", 2)
        await steps(run, "space", "space", "o", "left", "right")
        assert [stop.index for stop in live.history.stops] == list(range(10))


async def test_inside_a_phase_nothing_can_be_repeated() -> None:
    async with running(source=SimulatedSource()) as run:
        await steps(run, "o", "space", "left", "plus")
        assert "this stop is inside a phase" in run.row(0)
        await steps(run, "e", "space", "e", "plus")
        assert "the program has ended" in run.row(0)
        assert len(run.screen.conversation.link.runs.all) == 1


async def test_a_program_that_does_not_repeat_itself_is_found_out() -> None:
    source = SimulatedSource(drift=0.001)
    async with running(source=source, size=(160, 40)) as run:
        await run.press(*["space"] * 5, "left", "plus")
        assert "the second run differs: stop 1: loss 16.0000 is 16.0160 this time" in run.row(0)
        assert not [command for command in source.sent if isinstance(command, Rate)]
        assert source.calls[-1] == "pause"
        assert [one.name for one in run.screen.conversation.link.runs.all] == ["run 1", "run 1 again"]
        assert "nothing was changed" in "\n".join(
            text for text, _ in run.screen.conversation.link.runs.live.terminal.lines
        )
        await run.press("left", "right", "end")
        assert run.screen.moment.stop.loss is not None
        assert run.screen.moment.stop.loss.value == source.program.losses[-1]


async def test_a_run_whose_program_is_gone_goes_on_when_it_is_asked_to() -> None:
    async with running(source=SimulatedSource()) as run:
        await steps(run, *["space"] * 5, "r", "space")
        assert [one.name for one in run.screen.conversation.link.runs.all] == ["run 1", "run 2"]
        await run.press("m", "up", "enter")
        assert "◀ past: stop 5 of 5" in run.row(0)
        check(run)
        await steps(run, "space")
        assert "past" not in run.row(0)
        assert (run.screen.moment.name, run.screen.moment.stop.index) == ("run 1", 6)
        assert [one.name for one in run.screen.conversation.link.runs.all] == ["run 1", "run 2"]


async def test_both_worlds() -> None:
    async with running(source=SimulatedSource()) as run:
        await steps(run, *["f"] * 5, "w")
        assert losses(run, "run 1") == [16.0, 8.2944, 0.9094, 1.5371, 9.5238]
        assert losses(run, "cleared") == [16.0, 8.2944, 4.2998, 2.229, 1.1555]
        assert "● cleared   ◯ run 1" in run.pane("loss")
        await steps(run, "e")
        assert len(losses(run, "cleared")) == 6
        await steps(run, "w")
        assert losses(run, "not cleared") == [16.0, 8.2944, 0.9094, 1.5371, 9.5238, 16.5505]
        await steps(run, "home", "f", "z")
        assert run.screen.moment.name == "cleared at stop 1"


async def test_there_is_one_world_only_where_the_program_clears() -> None:
    source = HandSource(seed_run(cleared=True))
    async with running(source=source) as run:
        await run.press(*["space"] * 5, "w")
        assert "the program clears its gradients itself, so both runs would be the same" in run.row(0)
        assert len(run.screen.conversation.link.runs.all) == 1


async def test_runs_are_listed_and_forgotten() -> None:
    async with running(source=SimulatedSource()) as run:
        await steps(run, *["space"] * 4, "left", "plus", "space")
        await run.press("m")
        listed = "\n".join(strip.text for strip in run.app.screen._compositor.render_strips())
        assert "run 1 5 stops loss 8.2944 past" in " ".join(listed.split())
        assert "▶ lr ×2 at stop 3" in listed
        assert "from run 1 at stop 3 · lr ×2 at 3" in listed
        await run.press("d")
        assert "program is still here" in str(run.app.screen.query_one(Vertical).border_subtitle)
        await run.press("up", "d", "escape")
        assert [one.name for one in run.screen.conversation.link.runs.all] == ["lr ×2 at stop 3"]
        check(run)


async def test_two_stops_side_by_side() -> None:
    async with running(source=SimulatedSource()) as run:
        await steps(run, "space", "space")
        await run.press("equals_sign")
        assert "nothing to compare with" in run.row(0)
        await steps(run, "asterisk", *["space"] * 3)
        await run.press("equals_sign")
        shown = "\n".join(strip.text for strip in run.app.screen._compositor.render_strips())
        assert "run 1, stop 5" in shown
        assert "run 1, stop 2" in shown
        assert "≠ w.grad[0]" in shown
        assert "27.5200" in shown
        assert "16.0000" in shown
        assert "-11.5200" in shown
        await run.press("escape")
        await steps(run, "w")
        await run.press("equals_sign", "tab")
        shown = "\n".join(strip.text for strip in run.app.screen._compositor.render_strips())
        assert "cleared, stop 5" in shown
        assert "run 1, stop 5" in shown
        await run.press("left")
        assert "cleared, stop 4" in "\n".join(strip.text for strip in run.app.screen._compositor.render_strips())


async def test_the_oldest_stops_are_gone_and_that_is_said() -> None:
    async with running(source=SimulatedSource(), history=120_000) as run:
        await steps(run, *["space"] * 15, "home")
        oldest = run.screen.moment.oldest
        assert 0 < oldest < 15
        await run.press("right", "left")
        assert "the oldest kept" in run.row(0)
        await steps(run, "left")
        assert f"{oldest} oldest stops dropped: the --history limit (117 KiB) is reached" in run.row(0)
        await steps(run, "plus", "space")
        assert run.screen.conversation.link.runs.live.parent is not None


async def test_late_evidence_goes_to_the_run_that_is_alive() -> None:
    source = SimulatedSource()
    async with running(source=source) as run:
        await steps(run, *["space"] * 4, "r", *["space"] * 4)
        await run.press("m", "up", "enter")
        source.emit(Statistics(4, {"extra": view(1.5)}))
        await run.settle()
        assert "extra" not in run.screen.moment.stop.tensors
        assert "extra" in run.screen.conversation.link.runs.live.history.last.tensors


async def test_what_is_learnt_of_a_stop_late_is_compared_too() -> None:
    source = SimulatedSource()
    async with running(source=source, size=(160, 40)) as run:
        await steps(run, *["space"] * 4)
        source.emit(Statistics(4, bits=7))
        await steps(run, "space", "left")
        await run.press("plus")
        assert run.screen.state.again
        source.emit(Statistics(4, bits=8))
        await run.settle()
        assert "the second run differs: stop 4: the bits of leaves or gradients are not the same this time" in run.row(
            0
        )
        await run.press("m", "up", "enter", "home", *["right"] * 4, "plus")
        source.emit(Statistics(4, bits=7))
        await run.settle()
        assert run.screen.conversation.link.runs.live.name == "lr ×2 at stop 4"


async def test_escape_gives_up_what_is_repeated_and_comes_back_from_the_past() -> None:
    source = SimulatedSource()
    async with running(source=source) as run:
        await steps(run, *["space"] * 4, "left", "left", "escape")
        assert "past" not in run.row(0)
        source.emit(Statistics(4, bits=7))
        await run.press("space", "left", "plus", "space")
        assert "re-running up to this stop; Esc cancels" in run.row(0)
        await run.press("escape")
        assert "cancelled after" in run.row(0)
        assert run.screen.conversation.link.runs.live.name == "run 1 again"
