"""Time and runs: whatever keys are pressed, every number on the screen is of the stop and the run that are shown."""

from __future__ import annotations

import pytest
from gradstep.app.panes.console import Printout
from gradstep.app.runs import Made, Run
from gradstep.draw.numbers import numbers, number
from gradstep.model.message import Clear, Edit, Evaluate, Go, Rate, Swap
from gradstep.model.moment import Moment, Point
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from screen import Run as Screen
from screen import running
from simulated import SimulatedSource, state_after

KEYS = (
    "space", "space", "space", "f", "b", "u", "i", "o", "left", "left", "left", "right", "home", "end",
    "z", "plus", "minus", "t", "w", "r", "m", "c", "escape", "asterisk", "equals_sign",
)  # fmt: skip


def edits_of(run: Run, index: int | None = None) -> list[tuple[int, Edit]]:
    return [(made.phases, made.edit) for made in run.edits if index is None or made.index <= index]


def values(points: tuple[Point, ...]) -> list[float]:
    return [point.value for point in points]


def check(screen: Screen) -> None:
    """The moment and the panes, against the program's own arithmetic."""
    runs, moment = screen.screen.runs, screen.screen.moment
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
    past = run is not screen.screen.runs.live or stop.index < run.history.last.index
    assert (f"◀ past: stop {stop.index} of {run.history.last.index}" in header) == past
    if stop.loss is not None:
        assert f"loss {number(stop.loss.value)}" in header
        assert number(min(values(moment.curve + moment.later))) in str(screen.screen.query_one("#loss").border_subtitle)
    if not stop.light:
        shown = screen.pane("tensors")
        assert all(text in shown for text in numbers(stop.tensors["w"].flat()))
        ledger = stop.gradients.get("w")
        grads = screen.pane("gradients")
        assert all(text in grads for text in numbers(ledger.now.flat())) if ledger and ledger.now else "none" not in grads
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
@given(keys=st.lists(st.sampled_from(KEYS), min_size=8, max_size=16))
async def test_no_number_of_another_stop_or_run_is_ever_shown(keys: list[str]) -> None:
    async with running(source=SimulatedSource()) as run:
        for key in ["space", *keys]:
            await press(run, key)
            check(run)
