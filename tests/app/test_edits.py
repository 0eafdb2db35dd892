"""Edits on the screen: keys, the prompt, what the header says."""

from __future__ import annotations

import pytest
from gradstep.app.dialogs.prompt import PromptScreen
from gradstep.app.runs.words import edited_words, where_words
from gradstep.draw.prompt import answer_lines
from gradstep.model.message import Asked, Evaluate, Evaluated, Exited, Output, Rate, Stopped, Swap
from gradstep.model.place import Place
from gradstep.model.tensor import TensorView
from hand import seed_run
from msgspec.structs import replace
from screen import Run, running
from syrupy.assertion import SnapshotAssertion
from textual.containers import Vertical
from textual.widgets import Input, Static

PLACE = Place("/home/user/three_weights.py", 27, "train")


def prompt(run: Run) -> PromptScreen:
    screen = run.app.screen
    assert isinstance(screen, PromptScreen)
    return screen


async def answered(run: Run, *events: Evaluated | Asked | Exited | Output) -> None:
    run.source.emit(*events)
    await run.settle()


async def test_the_learning_rate_by_keys() -> None:
    async with running() as run:
        await run.press("space", "plus")
        assert run.source.sent[-1] == Rate(2.0)
        await run.press("minus")
        assert "under way" in run.row(0)
        assert len(run.source.sent) == 2
        await answered(run, Evaluated(Rate(2.0), "lr 0.01 → 0.02"))
        assert "lr 0.01 → 0.02" in run.row(0)
        assert "lr ×2 ·" in run.row(0)
        assert run.screen.conversation.edits.made == [(run.screen.moment.stop.phases, Rate(2.0))]
        await run.press("minus")
        await answered(run, Evaluated(Rate(0.5), "lr 0.02 → 0.01"))
        assert "lr ×" not in run.row(0)
        await run.press("r")
        assert run.screen.conversation.edits.made == []


async def test_edits_only_where_the_program_waits() -> None:
    async with running() as run:
        run.source.holding = True
        await run.press("e", "t")
        assert "the program runs on" in run.row(0)
        await run.press("colon")
        assert run.app.screen is run.screen
        assert [type(command).__name__ for command in run.source.sent] == ["Go"]


async def test_an_edited_stop_is_shown_at_once() -> None:
    async with running() as run:
        await run.press(*["space"] * 9, "t")
        assert run.source.sent[-1] == Swap()
        stop = run.screen.moment.stop
        assert stop.phase == "update"
        new = replace(stop, tensors={**stop.tensors, "w": TensorView((3,), "float32", "cpu", value=[7.5, 0.0, 0.0])})
        await answered(run, Evaluated(Swap(), "w: now only the step of the fresh gradient is taken", stop=new))
        assert "7.5000" in run.pane("tensors")
        assert "only the step of the fresh gradient" in run.row(0)
        assert run.screen.conversation.link.history.last.index == stop.index
        await run.press("space")
        assert run.screen.moment.stop.index == stop.index + 1


async def test_the_prompt_stays_open_and_remembers() -> None:
    stops = [replace(stop, frame=PLACE) for stop in seed_run()]
    async with running(stops) as run:
        await run.press("space", "colon")
        box = prompt(run).query_one(Vertical)
        assert box.border_title == "Python in train(), line 27"
        await run.press(*"w.grad", "enter")
        assert run.source.sent[-1] == Evaluate("w.grad")
        assert "running …" in str(box.border_subtitle)
        await answered(run, Evaluated(Evaluate("w.grad"), "None"))
        assert str(prompt(run).query_one(Static).render()) == ">>> w.grad\nNone"
        assert "enter runs" in str(box.border_subtitle)
        await run.press(*"lr=1", "enter")
        await answered(run, Evaluated(Evaluate("lr=1"), "lr = 1"))
        await run.press("x", "up", "up", "up")
        field = prompt(run).query_one(Input)
        assert field.value == "w.grad"
        await run.press("down", "down")
        assert field.value == "x"
        await run.press("escape")
        assert "1 edit" in run.row(0)
        await run.press("k")
        assert ">>> w.grad" in run.row(3)
        await run.press("colon", "up", "enter")
        assert run.source.sent[-1] == Evaluate("lr=1")


async def test_escape_interrupts_and_only_then_closes() -> None:
    async with running() as run:
        await run.press("space", "colon", *"f()", "enter", "escape")
        assert run.source.calls[-1] == "pause"
        assert prompt(run).is_current
        await answered(run, Evaluated(Evaluate("f()"), "interrupted", error=True))
        await run.press("escape")
        assert run.app.screen is run.screen
        assert run.source.calls.count("pause") == 1
        assert run.screen.conversation.edits.made == []


async def test_what_reads_a_line_gets_the_next_one() -> None:
    async with running() as run:
        await run.press("space", "colon", *"input()", "enter")
        await answered(run, Asked())
        assert "reads a line" in str(prompt(run).query_one(Vertical).border_subtitle)
        await run.press(*"yes", "enter")
        assert run.source.answers == ["yes\n"]
        await answered(run, Evaluated(Evaluate("input()"), "'yes'"))
        await run.press("escape")
        assert run.screen.state.mode == "waiting"
        assert "edit" not in run.row(0)


async def test_a_program_that_ends_at_the_prompt() -> None:
    async with running() as run:
        await run.press("space", "colon", *"die()", "enter")
        end = replace(run.source.stops[-1], index=2, phase="end")
        run.source.emit(Stopped(end, waiting=False), Exited(3))
        await run.settle()
        assert "the program has ended" in str(prompt(run).query_one(Static).render())
        await run.press("enter")
        assert run.app.screen is run.screen
        await run.press("colon")
        assert "r restarts" in run.row(0)


def test_words() -> None:
    assert where_words(Place(), "train.py") == "the variables of train.py"
    assert where_words(replace(PLACE, function="<module>"), "train.py") == "train.py, line 27"
    assert edited_words([Rate(2.0), Rate(0.5)]) == ""
    assert edited_words([Rate(2.0), Rate(2.0), Swap(), Evaluate("a = 1")]) == "lr ×4 · fresh step · 1 edit"
    assert len(answer_lines("x", "\n".join("abc" * 30), False)) == 10


@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])
async def test_picture(svg: SnapshotAssertion, size: tuple[int, int]) -> None:
    stops = [replace(stop, frame=PLACE) for stop in seed_run()]
    async with running(stops, size=size) as run:
        await run.press(*["space"] * 6, "plus")
        await answered(run, Evaluated(Rate(2.0), "lr 0.01 → 0.02"))
        await run.press("colon", *"w", "enter")
        await answered(run, Evaluated(Evaluate("w"), "tensor([0.5648, 0.3472, 1.7824], requires_grad=True)"))
        assert run.app.export_screenshot() == svg
