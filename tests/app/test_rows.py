"""Rows of Gradients and Tensors: sorted, kept by a pattern, and as many as there is room for."""

from __future__ import annotations

import pytest
from gradstep.app.debugger.workspace import needs_of, rows_of
from gradstep.app.panes.rows import fits
from gradstep.draw.ledger import BarScale, scale_of
from gradstep.model.moment import NOTHING, Moment, Point
from gradstep.model.stop import Finding, Stop
from hand import transformer_run
from msgspec.structs import replace
from screen import Run, running


async def at_backward(run: Run) -> None:
    await run.press("space", "space")
    run.screen.action_show("gradients")
    await run.settle()


def names(run: Run, pane: str) -> list[str]:
    """The first word of each row but the head, which Tensors has not."""
    rows = run.pane(pane).splitlines()[pane == "gradients" :]
    return [row.replace("●", " ").replace("▶", " ").split()[0] for row in rows]


async def test_rows_are_sorted_by_norm_and_back() -> None:
    async with running(transformer_run()) as run:
        await run.press("space", "space", "space")
        run.screen.action_show("tensors")
        await run.settle()
        own = names(run, "tensors")
        await run.press("S")
        assert names(run, "tensors") == own[::-1]
        assert "by norm" in str(run.screen.query_one("#tensors").border_subtitle)
        await run.press("S")
        assert names(run, "tensors") == own


async def test_only_rows_that_fit_a_pattern_are_shown() -> None:
    async with running(transformer_run()) as run:
        await at_backward(run)
        assert len(names(run, "gradients")) == 30
        await run.press("/", *"c_fc", "enter")
        assert len(names(run, "gradients")) == 10
        assert "rows with c_fc" in str(run.screen.query_one("#gradients").border_subtitle)
        await run.press("/", *["backspace"] * 4, *"zzz", "enter")
        assert "No row here has zzz in its name." in run.pane("gradients")
        await run.press("/", *["backspace"] * 3, "enter")
        assert len(names(run, "gradients")) == 30


async def test_esc_keeps_the_rows_as_they_are_and_the_graph_is_searched_from_elsewhere() -> None:
    async with running(transformer_run()) as run:
        await at_backward(run)
        await run.press("/", *"ln_1", "enter", "/", "escape")
        assert len(names(run, "gradients")) == 10
        await run.press("S")
        run.screen.action_show("graph")
        await run.press("S")
        assert "go to Gradients or Tensors first" in run.row(0)


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [("qkv", "h.0.QKV.weight", True), ("*.bias", "h.0.bias", True), ("*.bias", "h.0.bias_2", False), ("", "w", True)],
)
def test_a_pattern_fits(pattern: str, name: str, expected: bool) -> None:
    assert fits(pattern, name) is expected


def test_bars_are_logarithmic_where_norms_differ_much() -> None:
    assert scale_of([0.5, 2.0, 0.0]) == BarScale(2.0)
    wide = scale_of([1e-9, 1e-3, 1.0])
    assert wide == BarScale(1.0, 1e-10)
    assert [round(wide.share(norm), 6) for norm in (1.0, 1e-5, 1e-9)] == [1.0, 0.5, 0.1]
    assert wide.share(float("inf")) == wide.share(None) == wide.share(0.0) == 0.0


def moment(points: int, findings: int = 0) -> Moment:
    text = "A sentence that is long enough to take more than one row on a screen of this width. " * 2
    found = tuple(Finding("overshoot", "error", text, "Do this.") for _ in range(findings))
    curve = tuple(Point(at, at, 1.0) for at in range(points))
    return replace(NOTHING, stop=Stop(1, "backward", findings=found), curve=curve)


@pytest.mark.parametrize(("width", "height"), [(100, 30), (120, 34), (200, 58)])
@pytest.mark.parametrize("points", [1, 50])
@pytest.mark.parametrize("findings", [0, 1, 8])
@pytest.mark.parametrize("needs", [(5, 5), (8, 30), (100, 100)])
def test_room_goes_to_what_has_something_to_say(
    width: int, height: int, points: int, findings: int, needs: tuple[int, int]
) -> None:
    rows = rows_of(moment(points, findings), width, height, needs)
    assert sum(int(size) for size in rows.values()) == height
    why, loss, gradients, tensors = (int(rows[pane]) for pane in ("why", "loss", "gradients", "tensors"))
    assert 4 <= why <= height * 2 // 5 + 2
    assert loss == 6 if points == 1 else 7 <= loss <= 18
    if height >= 34 and findings < 2:
        assert gradients >= min(needs[0], 11)  # a head and eight rows
        assert tensors >= min(needs[1], 10)
    if points > 1 and needs == (5, 5):
        assert loss == max(7, min(18, height - why - 10))


def test_a_table_needs_no_more_rows_than_it_has() -> None:
    stops = transformer_run()
    assert needs_of(replace(NOTHING, stop=stops[0]), 40) == (5, 5)
    gradients, tensors = needs_of(replace(NOTHING, stop=stops[2]), 40)
    assert gradients >= 10
    assert tensors >= 10
