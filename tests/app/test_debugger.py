"""The debugger screen: keys, events, faults."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from gradstep.app.debugger.screen import DebuggerScreen
from gradstep.app.dialogs.devices import DeviceScreen
from gradstep.app.dialogs.help import HelpScreen
from gradstep.app.panes.console import ConsolePane
from gradstep.app.panes.graph.pane import GraphPane
from gradstep.app.panes.loss import LossPane
from gradstep.app.panes.table import PANES
from gradstep.model.message import Asked, Clear, Exited, Go, Output, Ready, Refused, Stopped
from gradstep.model.moment import Moment
from gradstep.model.place import Place
from gradstep.model.stop import Fault, Stop
from hand import HandSource, seed_run
from msgspec.structs import replace
from screen import running
from textual._callback import invoke
from textual.widgets import Input


async def test_the_panes_show_the_rise() -> None:
    async with running() as run:
        await run.press(*["space"] * 10)
        assert "The loss rose from 0.9094 to 1.5371" in run.pane("why")
        assert "rose +0.6278" in run.pane("loss")
        assert "STALE" in run.pane("gradients")
        assert "3.9536 →  1.7602" in run.pane("tensors")


@pytest.mark.parametrize(
    ("key", "until"),
    [("space", "phase"), ("f", "forward"), ("b", "backward"), ("u", "update"), ("i", "iteration"), ("e", "end")],
)
async def test_keys_that_run(key: str, until: str) -> None:
    async with running() as run:
        await run.press(key)
        assert run.source.sent == [Go(until)]  # type: ignore[arg-type]


async def test_while_it_runs_one_step_is_kept_however_long_a_key_is_held() -> None:
    async with running() as run:
        run.source.holding = True
        await run.press("f", *["space"] * 20, "b")
        assert run.source.sent == [Go("forward")]
        assert "running …, then backward" in run.row(0)
        run.source.emit(Stopped(run.source.stops[1], waiting=True))
        await run.settle()
        assert run.source.sent == [Go("forward"), Go("backward")]
        assert run.screen.moment.stop.phase == "forward"
        assert "then" not in run.row(0)
        run.source.emit(Stopped(run.source.stops[2], waiting=True))
        await run.settle()
        assert len(run.source.sent) == 2
        assert run.screen.state.mode == "waiting"


async def test_a_step_asked_for_while_torch_is_imported_is_kept() -> None:
    async with running() as run:
        run.source.late = (Output("late\n"),)
        await run.press("r", "space", "f")
        assert "importing torch …, then forward" in run.row(0)
        assert run.source.sent == []
        run.source.emit(Ready("2.13.0", ("cpu",), 7), Stopped(run.source.stops[0], waiting=True))
        await run.settle()
        assert run.source.sent == [Go("forward")]


async def test_escape_forgets_the_step_that_was_kept() -> None:
    async with running() as run:
        run.source.holding = True
        await run.press("space", "space", "escape")
        assert run.source.calls[-1] == "pause"
        assert "pausing" in run.row(0)
        run.source.emit(Stopped(run.source.stops[1], waiting=True))
        await run.settle()
        assert run.source.sent == [Go("phase")]


async def test_a_program_that_runs_to_its_end_keeps_no_step() -> None:
    async with running() as run:
        run.source.holding = True
        await run.press("e", "space")
        assert "the program runs on; Esc pauses it" in run.row(0)
        run.source.emit(Stopped(run.source.stops[1], waiting=True))
        await run.settle()
        assert run.source.sent == [Go("end")]


async def test_after_the_end_keys_say_so() -> None:
    async with running() as run:
        await run.press("e")
        assert "ended: exit code 0" in run.row(0)
        assert run.screen.moment.stop.phase == "end"
        await run.press("space")
        assert "the program has ended: r restarts" in run.row(0)
        await run.press("r")
        assert run.source.calls[-1] == "restart None"
        assert run.screen.moment.stop.index == 0
        assert run.screen.moment.curve == ()


async def test_restart_does_not_hear_the_old_run() -> None:
    async with running() as run:
        run.source.holding = True
        await run.press("e")
        run.source.late = (Output("late\n"), Exited(137, "SIGKILL"))
        await run.press("r")
        assert run.screen.state.mode == "importing"
        assert not run.screen.conversation.link.history.stops


async def test_clear_is_sent_and_shown_and_outlives_a_restart() -> None:
    async with running() as run:
        await run.press("z", "space")
        assert run.source.sent[0] == Clear(True)
        assert "clear" in run.row(0)
        await run.press("r")
        assert run.source.sent[-1] == Clear(True)
        await run.press("z")
        assert run.source.sent[-1] == Clear(False)


async def test_a_device_is_chosen() -> None:
    async with running() as run:
        await run.press("space", "d")
        assert isinstance(run.app.screen, DeviceScreen)
        await run.press("down", "enter")
        assert run.source.calls[-1] == "restart cuda:0"
        await run.press("d", "escape")
        assert run.source.calls[-1] == "restart cuda:0"


async def test_the_loss_on_a_logarithmic_axis() -> None:
    async with running() as run:
        await run.press("f", "f", "l")
        assert "log scale" in str(run.screen.query_one("#loss").border_subtitle)


async def test_after_running_through_it_says_what_before_is() -> None:
    async with running() as run:
        await run.press("f", "f", "u")
        assert str(run.screen.query_one("#tensors").border_subtitle).endswith("before: iteration 2")


async def test_help() -> None:
    async with running() as run:
        await run.press("question_mark")
        assert isinstance(run.app.screen, HelpScreen)
        await run.press("escape")
        assert isinstance(run.app.screen, DebuggerScreen)


async def test_output_and_input() -> None:
    async with running() as run:
        run.source.emit(Output("name? "), Output("careful\n", error=True))
        await run.press("k", "enter", *"ada", "enter")
        assert run.source.answers == ["ada\n"]
        printed = "\n".join(line.plain for line in run.screen.query_one("Printout")._lines)  # type: ignore[attr-defined]
        assert printed.splitlines() == ["  name? ", "! careful", "  ada"]
        await run.press("escape")
        assert not isinstance(run.app.focused, Input)
        await run.press("space")
        assert run.source.sent == [Go("phase")]


async def test_a_program_that_asks_says_so_and_where_to_answer() -> None:
    async with running() as run:
        run.source.holding = True
        line = run.screen.query_one(Input)
        await run.press("space")
        assert not line.display
        run.source.emit(Asked())
        await run.settle()
        assert "waits for input(): k answers" in run.row(0)
        await run.press("space")
        assert "the program waits for a line on its standard input: k answers" in run.row(0)
        await run.press("k", *"0.1", "enter")
        assert run.source.answers == ["0.1\n"]
        assert "waits" not in run.row(0)
        await run.press("escape")
        assert not line.display
        run.source.emit(Stopped(run.source.stops[1], waiting=True))
        await run.settle()
        assert run.source.sent == [Go("phase")]


async def test_a_question_is_over_when_the_program_goes_on_without_an_answer() -> None:
    async with running() as run:
        run.source.holding = True
        await run.press("space")
        for event in (Stopped(run.source.stops[1], waiting=True), Exited(1)):
            run.source.emit(Asked(), event)
            await run.settle()
            assert not run.screen.state.asking
            assert not run.screen.query_one(Input).display


async def test_a_pause_says_where() -> None:
    async with running(size=(160, 40)) as run:
        run.source.holding = True
        await run.press("space", "escape")
        place = Place(run.source.stops[0].place.file, 24, "train", "time.sleep(9)")
        run.source.emit(Stopped(replace(run.source.stops[2], reason="pause", place=place), waiting=True))
        await run.settle()
        assert "paused at line 24 in train" in run.row(0)
        assert "● " not in run.row(0)
        assert "The program was paused at three_weights.py, line 24 in train: time.sleep(9)" in run.pane("why")
        assert "the last phase that ended was backward" in run.pane("why")
        lit = {pane.id for pane in PANES if run.screen.query_one(f"#{pane.id}").has_class("-backward")}
        assert lit == set(), "no phase has ended here"


async def test_the_end_sums_up_what_was_met_on_the_way() -> None:
    async with running() as run:
        await run.press("e")
        rows = run.pane("why").splitlines()
        assert rows[0].startswith("▲ overshoot once, at stop 10, iteration 4: The loss rose from 0.9094 to 1.5371")
        assert "exit code 0" in run.pane("why")
        assert "Of 12 phases that ran freely only the losses were compared" in run.pane("why")


@pytest.mark.parametrize("pane", ["loss", "gradients", "tensors"])
async def test_after_the_end_no_pane_promises_anything(pane: str) -> None:
    for light in (False, True):
        async with running([Stop(0), Stop(1, "end", exit_code=0, light=light)]) as run:
            assert "The program has ended" not in run.pane(pane)
            await run.press("e")
            assert "r runs" in run.pane(pane)
            assert not {"f", "b", "esc"} & set(run.pane(pane).split())


async def test_a_million_lines_do_not_slow_the_screen() -> None:
    async with running() as run:
        chunk = "".join(f"line {number}\n" for number in range(1000))
        for _ in range(1000):
            run.source.emit(Output(chunk))
        await run.settle()
        console = run.screen.query_one(ConsolePane)
        assert str(console.border_subtitle).startswith("last 5,000 of 1,000,000 lines")


async def test_thousands_of_light_stops_are_painted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    painted: list[Moment] = []
    watch = LossPane.watch_moment

    def count(pane: LossPane, moment: Moment) -> None:
        painted.append(moment)
        watch(pane, moment)

    monkeypatch.setattr(LossPane, "watch_moment", count)
    async with running(seed_run(iterations=2000)) as run:
        before = len(painted)
        await run.press("e")
        assert len(run.screen.moment.curve) == 2000
        assert len(painted) - before < 20


async def test_an_exception_is_shown_and_its_line_marked(tmp_path: Path) -> None:
    program = tmp_path / "crash.py"
    program.write_text("import torch\nloss = torch.ones(3)\nloss.backward()\n")
    place = Place(str(program), 3, "<module>", "loss.backward()")
    fault = Fault("RuntimeError", "grad can be implicitly created only for scalar outputs", "Traceback: …")
    end = Stop(1, "end", "exception", place=place, fault=fault, exit_code=1)
    source = HandSource([Stop(0, place=Place(str(program), 1)), end], path=str(program))
    async with running(source=source) as run:
        await run.press("space", "s")
        assert "RuntimeError: grad can be implicitly" in run.pane("why")
        assert "crash.py, line 3: loss.backward()" in run.pane("why")
        assert run.pane("source").splitlines()[2].startswith("▲ 3  loss.backward()")
        assert "ended: exit code 1" in run.row(0)


async def test_a_signal_without_an_end_stop() -> None:
    async with running() as run:
        run.source.emit(Exited(139, "SIGSEGV"))
        await run.settle()
        assert "ended: SIGSEGV" in run.row(0)
        assert "the program crashed: segmentation fault" in run.pane("why")


async def test_a_program_that_cannot_be_started() -> None:
    async with running() as run:
        run.source.emit(Refused("no device cuda:7; this torch has cpu"))
        await run.settle()
        assert "no device cuda:7" in run.pane("why")
        assert "ended: not started" in run.row(0)


async def test_leaving_closes_the_source() -> None:
    async with running() as run:
        await run.press("q")
    assert run.source.calls[-1] == "close"


async def test_a_notebook_is_shown_as_its_cells(tmp_path: Path) -> None:
    notebook = tmp_path / "a.ipynb"
    code = {"cell_type": "code", "source": ["import torch\n", "x = 1"]}
    notebook.write_text(json.dumps({"cells": [{"cell_type": "markdown", "source": "# x"}, code]}))
    source = HandSource([Stop(0, place=Place(str(notebook), 3))], path=str(notebook))
    async with running(source=source) as run:
        await run.press("s")
        assert [line[5:] for line in run.pane("source").splitlines()][:2] == ["# %% cell 1", "import torch"]
        assert run.pane("source").splitlines()[2].startswith("▶ 3  x = 1")


async def test_the_palette_has_every_command() -> None:
    async with running() as run:
        titles = [command.title for command in run.app.get_system_commands(run.screen)]
        assert {"next phase", "restart", "log scale"} <= set(titles)
        callback = next(
            command.callback for command in run.app.get_system_commands(run.screen) if command.title == "forward"
        )
        await invoke(callback)
        await run.settle()
        assert run.screen.moment.stop.phase == "forward"


async def test_a_box_of_the_graph_points_to_its_line(tmp_path: Path) -> None:
    program = tmp_path / "a.py"
    program.write_text("one\n" * 40)
    stops = [replace(stop, place=replace(stop.place, file=str(program))) for stop in seed_run()]
    async with running(stops, (200, 60)) as run:
        await run.press("space")
        run.screen.query_one(GraphPane).post_message(GraphPane.NodeSelected("y_hat", str(program), 22))
        await run.settle()
        assert run.pane("source").splitlines()[21].startswith("· 22")
        assert "y_hat: line 22" in run.row(0)
