"""The list of conditions on the screen: keys, what is wrong with a line, the picture."""

from __future__ import annotations

import pytest
from gradstep.app.dialogs.conditions import ConditionsScreen
from gradstep.model.message import Conditions, Go
from screen import running
from simulated import SimulatedSource
from syrupy.assertion import SnapshotAssertion
from textual.widgets import Input


async def type_line(run: object, text: str) -> None:
    """Type it into the open line, and enter."""
    names = {" ": "space", ">": "greater_than_sign", ".": "full_stop", "*": "asterisk"}
    await run.press(*(names.get(letter, letter) for letter in text), "enter")  # type: ignore[attr-defined]


async def test_a_condition_is_typed_and_stops_the_program() -> None:
    async with running(source=SimulatedSource()) as run:
        await run.press("B")
        await type_line(run, "loss rises")
        await run.press("escape", "c")
        assert Conditions(("warning", "loss rises")) in run.source.sent
        assert Go("condition", conditional=True) in run.source.sent
        assert run.screen.moment.stop.iteration == 4
        assert not run.screen.moment.stop.light
        assert "stopped here: loss rose from 0.909353 to 1.53712" in run.row(0)


async def test_what_is_wrong_with_a_line_is_said_in_the_box() -> None:
    async with running(source=SimulatedSource()) as run:
        await run.press("B")
        await type_line(run, "overshot")
        dialog = run.app.screen
        assert isinstance(dialog, ConditionsScreen)
        rows = "\n".join(strip.text for strip in dialog._compositor.render_strips())
        assert "overshot: no such finding; overshoot?" in rows
        assert dialog.query_one(Input).value == "overshot"
        assert len(run.app.screen_stack[-2].conversation.waits.all) == 1  # type: ignore[attr-defined]


async def test_the_keys_of_the_list_are_letters_in_the_line() -> None:
    async with running(source=SimulatedSource()) as run:
        await run.press("B", "d", "o", "space")
        assert run.app.screen.query_one(Input).value == "do "
        await run.press("escape", "B")
        await type_line(run, "loss > 5")
        await run.press("tab", "o")
        waits = run.app.screen_stack[-2].conversation.waits  # type: ignore[attr-defined]
        assert (waits.all[1].once, waits.all[1].on) == (True, True)
        await run.press("space")
        assert not waits.all[1].on
        await run.press("d", "d")
        assert [wait.text for wait in waits.all] == ["warning"]
        await run.press("tab")
        assert isinstance(run.app.focused, Input)


async def test_an_empty_line_closes() -> None:
    async with running(source=SimulatedSource()) as run:
        await run.press("B", "enter")
        assert not isinstance(run.app.screen, ConditionsScreen)


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (200, 60)])
async def test_the_picture(svg: SnapshotAssertion, size: tuple[int, int]) -> None:
    async with running(source=SimulatedSource(), size=size) as run:
        await run.press("B")
        await type_line(run, "loss > 5")
        await type_line(run, "*.weight.grad norm > 10")
        await run.press("tab", "up", "space", "down", "o")
        assert run.app.export_screenshot() == svg
