"""Key G: a gradient checked by finite differences, shown below the chain rule."""

from __future__ import annotations

from gradstep.model.message import Probe, Probed
from gradstep.model.proof import Check
from screen import running


async def test_the_check_stands_below_the_chain_rule() -> None:
    async with running() as run:
        await run.press("space", "space", "G")
        asked = run.source.sent[-1]
        assert asked == Probe(2, "w", -1)
        assert "finite differences" not in run.pane("chain")
        check = Check("w", "", (16.0, 24.0, 8.0), (16.0012, 24.0001, 7.9991), (0, 1, 2), 0.0121, 5e-5, 7e-6)
        run.source.emit(Probed(asked, check))
        await run.settle()
        assert "finite differences" in run.pane("chain")
        assert "= equal as far as differences can tell" in run.pane("chain")
        await run.press("space")
        assert "finite differences" not in run.pane("chain")


async def test_where_nothing_can_be_checked_it_says_when() -> None:
    async with running() as run:
        await run.press("G")
        assert run.source.sent == []
        assert "at the newest forward or backward stop" in run.row(0)
        await run.press("space", "space", "space", "G")
        assert "at the newest forward or backward stop" in run.row(0)
