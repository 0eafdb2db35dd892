"""The app on a recording: a list of encoded events, and no program behind it."""

from __future__ import annotations

import pytest
from gradstep.app.conversation.link import RECORDED
from gradstep.app.inspector.screen import InspectorScreen
from hand import FILE, Recording, encoded, seed_run
from screen import running


async def test_time_inspector_and_findings_work() -> None:
    async with running(source=Recording(encoded(seed_run()), FILE)) as run:
        await run.press("s")
        assert "w @ x" in run.pane("source")
        await run.press("j", *"10", "enter")
        assert run.screen.moment.stop.index == 10
        assert "The loss rose from 0.9094 to 1.5371" in run.pane("why").replace("\n", " ")
        await run.press("left", "left")
        assert run.screen.moment.stop.index == 8
        await run.press("space")
        assert run.screen.moment.stop.index == 9
        run.screen.query_one("#tensors").focus()
        await run.press("down", "enter")
        assert isinstance(run.app.screen, InspectorScreen)
        assert "w" in run.row(0)


@pytest.mark.parametrize("key", "space o f b u i c w z plus minus t colon d r G".split())
async def test_a_key_that_needs_a_program_says_so_and_changes_nothing(key: str) -> None:
    async with running(source=Recording(encoded(seed_run()))) as run:
        before = run.screen.moment
        await run.press(key)
        assert run.screen.state.hint == RECORDED
        assert run.screen.moment.stop == before.stop
        assert len(run.screen.conversation.link.runs.all) == 1
        assert run.screen.conversation.edits.made == []
