"""What is seen at which size, and where."""

from __future__ import annotations

from pathlib import Path

import pytest
from gradstep.app.debugger.workspace import ORDER, SMALL_ORDER
from gradstep.app.panes.table import PANES
from gradstep.app.runs.history import History
from gradstep.draw.header import header_line
from gradstep.model.message import Go
from gradstep.model.place import Place
from hand import seed_run, transformer_run
from msgspec.structs import replace
from screen import running
from syrupy.assertion import SnapshotAssertion

SIZES = [(80, 24), (120, 36), (200, 60)]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_pictures(svg: SnapshotAssertion, size: tuple[int, int]) -> None:
    async with running(size=size) as run:
        await run.press(*["space"] * 9)
        for phase in ("forward", "backward", "update"):
            await run.press("space")
            assert run.screen.moment.stop.phase == phase
            assert run.app.export_screenshot() == svg(name=f"{phase}-{size[0]}x{size[1]}")


async def test_the_header_says_where_we_are() -> None:
    async with running() as run:
        assert "paused" not in run.row(0)
        await run.press(*["space"] * 10)
        header = run.row(0)
        for words in ("three_weights.py", "cpu", "iteration 4", "● forward", "◯ backward", "loss 1.5371 ▲ +0.6278"):
            assert words in header


@pytest.mark.parametrize(
    ("size", "seen"),
    [
        ((80, 24), {"graph"}),
        ((120, 36), {"graph", "loss", "gradients", "tensors", "why"}),
        ((200, 60), set(ORDER)),
    ],
)
async def test_panes_that_are_seen(size: tuple[int, int], seen: set[str]) -> None:
    async with running(size=(100, 40)) as run:
        await run.pilot.resize_terminal(*size)
        await run.settle()
        assert run.seen() == seen


async def test_source_and_console_come_to_the_front() -> None:
    async with running() as run:
        for key, pane in (("s", "source"), ("k", "console"), ("g", "graph")):
            await run.press(key)
            assert run.seen() == {pane, "loss", "gradients", "tensors", "why"}


@pytest.mark.parametrize("line", [1, 26, 60, 100])
async def test_the_line_of_the_stop_is_in_view_when_the_source_comes_to_the_front(line: int, tmp_path: Path) -> None:
    (tmp_path / "long.py").write_text("\n".join(f"step_{number} = {number}" for number in range(1, 101)))
    stops = [replace(stop, place=Place(str(tmp_path / "long.py"), line)) for stop in seed_run()]
    async with running(stops) as run:
        await run.press("space", "s")
        assert any(f"▶ {line:>3}  step_{line} =" in run.row(at) for at in range(36))


async def test_tab_reaches_every_pane_on_a_small_screen() -> None:
    async with running(size=(80, 24)) as run:
        met = []
        for _ in ORDER:
            met += sorted(run.seen())
            await run.press("tab")
        assert met == list(SMALL_ORDER)
        await run.press("shift+tab")
        assert run.seen() == {"console"}


async def test_the_pane_with_the_keys_stays_in_front_when_the_size_changes() -> None:
    async with running(size=(80, 24)) as run:
        await run.press("k")
        await run.pilot.resize_terminal(120, 36)
        await run.settle()
        assert "console" in run.seen()
        await run.press("space")
        assert run.screen.moment.stop.index == 1


async def test_a_pane_that_comes_to_the_front_shows_the_newest_stop() -> None:
    async with running(size=(80, 24)) as run:
        await run.press("space", "tab", "tab", "tab")
        assert "loss" in run.pane("tensors")
        await run.press("g", "space", "space", "tab", "tab", "tab")
        assert "→ 0.8400   0.7600   1.9200" in run.pane("tensors")
        assert "0.8400" in run.row(3)


async def test_the_summary_is_there_on_a_small_screen() -> None:
    async with running(size=(80, 24)) as run:
        await run.press(*["space"] * 10)
        assert "▲ The loss rose from 0.9094 to 1.5371" in run.row(22)
        assert run.row(22).rstrip().endswith("…  y more")
        assert "space next  o op  f fwd" in run.row(23)
        assert "q quit" in run.row(23)


async def test_thirty_parameters_with_long_names() -> None:
    for size in SIZES:
        async with running(transformer_run(), size) as run:
            await run.press("space", "space", "space")
            if size == (80, 24):
                await run.press("tab", "tab", "tab")
            tensors = run.pane("tensors").splitlines()
            assert len(tensors) == len({row.split()[1] for row in tensors}) == 30


async def test_keys_and_titles_can_be_clicked() -> None:
    async with running() as run:
        await run.pilot.click(offset=(run.row(35).index("fwd"), 35))
        await run.settle()
        assert run.source.sent == [Go("forward")]
        await run.pilot.click(offset=(run.row(1).index("Source"), 1))
        await run.settle()
        assert "source" in run.seen()


@pytest.mark.parametrize("width", range(37, 220, 7))
def test_the_header_fits_any_width(width: int) -> None:
    history = History()
    for stop in seed_run()[:11]:
        history.add(stop)
    title, seed = "a_rather_long_name_of_a_program.py", "seed 123456789"
    past = replace(history.moment(4), past=True, name="lr ×2 at stop 5", oldest=4)
    for hint in ("", "the program has ended: r restarts"):
        for words in ("paused", "ended: exit code 0"):
            for moment in (history.moment(), past):
                line = header_line(moment, title, words, seed, True, hint, width)
                assert line.cell_length <= width
                assert "past: stop 4 of 10" in line.plain or not moment.past


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_that_it_runs_is_said_at_any_width(width: int) -> None:
    history = History()
    for stop in seed_run()[:11]:
        history.add(stop)
    words = "running until *.weight.grad norm > 10 +2 · 104 it/s …"
    line = header_line(history.moment(), "a_rather_long_name_of_a_program.py", words, "seed 7", False, "", width)
    assert line.cell_length <= width
    assert ("running …" if width < 200 else words) in line.plain


def test_a_pane_that_stands_behind_others_has_a_key() -> None:
    assert [pane.id for pane in PANES if pane.area in ("left", "side") and not (pane.key and pane.description)] == []
