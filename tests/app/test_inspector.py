"""The tensor inspector on stops made by hand: what it shows, what it asks, what it says where nothing is known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pytest
from gradstep.app.debugger.screen import DebuggerScreen
from gradstep.app.inspector.grid import TensorGrid
from gradstep.app.inspector.plane import position_of
from gradstep.app.inspector.screen import InspectorScreen
from gradstep.app.panes.tensors import TensorsPane
from gradstep.model.graph import Graph, GraphNode
from gradstep.model.message import Command, Exited, Fetch, Fetched, Stopped
from gradstep.model.stop import Gradient, Loss, Stop
from gradstep.model.survey import Survey
from gradstep.model.tensor import TensorView, Value
from hand import HandSource, large, seed_run, view
from msgspec.structs import replace
from screen import Run, running
from syrupy.assertion import SnapshotAssertion
from textual.widgets import Input

SHAPES = {"w": (4096, 4096), "conv": (6, 3, 5, 5), "bias": (200,), "bits": (9, 9), "z": (10, 10)}
SIZES = [(80, 24), (120, 36), (200, 60)]


def value_at(name: str, position: int, stop: int) -> Value:
    """Elements by a rule, so that each can be told."""
    if name == "bits":
        return position % 3 == 0
    if name == "z":
        return [position / 10, -1.0]
    if name == "conv" and position == 77:
        return math.nan
    return round(math.sin(position + 1) * (1 + position % 7) + (0.5 if stop == 3 else 0.0), 4)


class Answering(HandSource):
    """Answers every `Fetch` as a program would, for tensors of `SHAPES`."""

    def send(self, command: Command) -> None:
        super().send(command)
        if isinstance(command, Fetch):
            self.emit(self.reply(command))

    @property
    def fetches(self) -> list[Fetch]:
        return [command for command in self.sent if isinstance(command, Fetch)]

    def reply(self, fetch: Fetch) -> Fetched:
        shape = SHAPES[fetch.name]
        dtype = {"bits": "bool", "z": "complex64"}.get(fetch.name, "float32")
        frame = TensorView(shape, dtype, "cpu")
        scale = 0.01 if fetch.side == "gradient" else 1.0
        if fetch.want == "survey":
            known = Survey(-6.5, 6.75, 5, 12, 0.001, 2.5, 10.0, 3, 1 if fetch.name == "conv" else 0, 0,
                           tuple(range(1, 33)), -6.5, 6.75)  # fmt: skip
            return Fetched(fetch, frame, survey=known)
        if fetch.want == "seek":
            return Fetched(fetch, frame, at=77)
        axes = [range(first, first + count * step, step) for first, count, step in fetch.window]
        places = [0]
        for axis, size in zip(axes, shape, strict=True):
            places = [place * size + at for place in places for at in axis]
        values = [value_at(fetch.name, place, fetch.stop) for place in places]
        return Fetched(fetch, frame, values=tuple(v * scale if isinstance(v, float) else v for v in values))


def stops() -> list[Stop]:
    """Large tensors of every kind, a small one, a freed one."""
    tensors = {name: large(*shape, norm=3.0) for name, shape in SHAPES.items()}
    tensors["small"] = view([[1.0, -2.5], [0.0, math.inf]], (2, 2))
    nodes = (
        GraphNode(0, "leaf", "w", view=tensors["w"]),
        GraphNode(1, "op", "h", "matmul", TensorView((8, 4096), "float32", "", freed=True)),
        GraphNode(2, "op", "loss", "mean", view(1.5), gradient=view(1.0)),
    )
    graph = Graph(nodes, ((0, 1), (1, 2)), 2)
    gradients = {"w": Gradient(now=large(4096, 4096, norm=1.0)), "small": Gradient(now=view([[0.5, 0.5]] * 2, (2, 2)))}
    common = {"tensors": tensors, "leaves": (*SHAPES, "small"), "gradients": gradients, "graph": graph}
    loss = Loss("loss", 1.5)
    changed = tensors | {"small": view([[2.0, -2.5], [0.0, math.inf]], (2, 2))}
    return [
        Stop(0, "start"),
        Stop(1, "forward", "step", 1, loss=loss, **common),  # type: ignore[arg-type]
        Stop(2, "backward", "step", 1, loss=loss, **common),  # type: ignore[arg-type]
        Stop(3, "update", "step", 1, loss=loss, **(common | {"tensors": changed})),  # type: ignore[arg-type]
        Stop(4, "end", "exit", 1, loss=loss, exit_code=0, **common),  # type: ignore[arg-type]
    ]


async def opened(run: Run, name: str, *keys: str) -> InspectorScreen:
    """Choose a tensor in the Tensors pane as a user would, and look into it."""
    run.screen.action_show("tensors")
    await run.settle()
    names = list(dict.fromkeys(run.screen.query_one(TensorsPane).names()))
    await run.press(*["down"] * (names.index(name) + 1), "enter", *keys)
    screen = run.app.screen
    assert isinstance(screen, InspectorScreen)
    return screen


def shown(run: Run) -> str:
    """The whole screen as text."""
    return "\n".join(strip.text.rstrip() for strip in run.app.screen._compositor.render_strips())


@pytest.mark.parametrize(
    "other",
    [{"name": "conv"}, {"name": "conv", "stop": 3}, {"stop": 2}, {"stop": 0}],
    ids=["tensor", "both", "later stop", "earlier stop"],
)
async def test_an_answer_about_something_else_is_not_shown(other: dict[str, Any]) -> None:
    async with running(source=Answering(stops())) as run:
        await run.press("space")
        screen = await opened(run, "w")
        before = shown(run)
        fetch = replace(run.source.fetches[0], **other)  # type: ignore[attr-defined]
        lie = Fetched(fetch, TensorView(SHAPES["w"], "float32", "cpu"), values=(777.0,) * 4000)
        screen.take(lie)
        survey = Survey(-777.0, 777.0, 5, 12, 777.0, 777.0, 777.0, 3, 0, 0, tuple(range(1, 33)), -777.0, 777.0)
        screen.take(replace(lie, of=replace(fetch, want="survey", window=()), values=(), survey=survey))
        screen.action_turn(0)
        await run.settle()
        assert shown(run) == before


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("name", "steps", "keys"),
    [
        ("w", 2, ()),
        ("conv", 1, ("right_square_bracket", "right_curly_bracket", "n")),
        ("bias", 1, ("down", "right", "right")),
        ("w", 2, ("space", "tab")),
        ("small", 3, ("down",)),
    ],
    ids=["matrix", "conv", "vector", "change", "small"],
)
async def test_pictures(
    svg: SnapshotAssertion,
    size: tuple[int, int],
    name: str,
    steps: int,
    keys: Sequence[str],
    request: pytest.FixtureRequest,
) -> None:
    async with running(source=Answering(stops()), size=size) as run:
        await run.press(*["space"] * steps)
        await opened(run, name, *keys)
        await run.press(*["tab"] * (keys[-1:] == ("tab",) and size[0] < 100))
        kind = request.node.callspec.id.split("-")[0]
        assert run.app.export_screenshot() == svg(name=f"{kind}-{size[0]}x{size[1]}")


async def test_a_tensor_without_elements() -> None:
    empty = TensorView((0, 3), "float32", "cpu", [], norm=0.0, nan=0, inf=0)
    nothing = [Stop(0, "start"), Stop(1, "forward", iteration=1, tensors={"empty": empty}, leaves=("empty",))]
    async with running(source=Answering(nothing)) as run:
        await run.press("space")
        await opened(run, "empty", "down", "n", "space")
        assert "empty" in shown(run)
        assert "[0, 3] · float32" in shown(run)


async def test_a_number_that_is_none() -> None:
    loss = {"loss": view(math.nan)}
    two = [Stop(0, "start"), *(Stop(at, "forward", iteration=at, tensors=loss, leaves=("loss",)) for at in (1, 2))]
    async with running(source=Answering(two)) as run:
        await run.press("space", "space")
        await opened(run, "loss")
        assert "none is finite" in shown(run)
        assert "not kept" not in shown(run)
        assert "nan not changed" in shown(run)


async def test_what_did_not_change_has_the_same_norm_before() -> None:
    async with running(source=Answering(stops())) as run:
        await run.press("space", "space")
        await opened(run, "w")
        assert "10.0000 before 10.0000" in shown(run)


async def test_only_what_is_seen_is_asked_for() -> None:
    source = Answering(stops())
    async with running(source=source) as run:
        await run.press("space")
        screen = await opened(run, "w")
        windows = [fetch for fetch in source.fetches if fetch.want == "window" and fetch.side == "value"]
        assert len(windows) == 1
        assert math.prod(span[1] for span in windows[0].window) < 5_000
        await run.press("down", "right", "pagedown")
        assert len([fetch for fetch in source.fetches if fetch.want == "window" and fetch.side == "value"]) <= 2
        await run.press("ctrl+end")
        grid = screen.query_one(TensorGrid)
        assert (grid.row, grid.column) == (4095, 4095)
        assert str(value_at("w", 4096 * 4096 - 1, 1)) in shown(run)


async def test_planes_and_slices() -> None:
    async with running(source=Answering(stops())) as run:
        await run.press("space")
        await opened(run, "conv", "right_square_bracket", "right_curly_bracket")
        assert "[1, 1, :, :]" in shown(run)
        assert f"{value_at('conv', position_of((1, 1, 0, 0), SHAPES['conv']), 1):.4f}" in shown(run)
        await run.press("left_square_bracket", "left_square_bracket")
        assert "[0, 2, :, :]" in shown(run)
        await run.press("s")
        run.app.screen.query_one(Input).value = "-1, :, 2:4, ::-1"
        await run.press("enter")
        assert "[5, 0, 2:4, ::-1]" in shown(run)
        assert run.app.screen.query_one(TensorGrid).position == position_of((5, 0, 2, 4), SHAPES["conv"])


async def test_a_wrong_slice_is_said_in_one_line() -> None:
    wrong = {
        "9": "9 is outside of axis 0, which has 6 elements",
        "0:x": "`0:x` is no index and no slice",
        "1,2,3,4,5": "5 axes are written, the tensor has 4",
        "::0": "a step cannot be 0",
        ":, 5:2": "`5:2` leaves nothing of axis 1, which has 3 elements",
        "..., ...": "`...` may stand only once",
        ":, , 1": "axis 1 is left empty",
    }
    async with running(source=Answering(stops())) as run:
        await run.press("space")
        screen = await opened(run, "conv")
        for text, words in wrong.items():
            await run.press("s")
            screen.query_one(Input).value = text
            await run.press("enter")
            assert words in run.row(0)
            await run.press("escape")
            assert run.app.screen is screen
            assert screen.query_one(TensorGrid).has_focus


async def test_extremes_and_nan() -> None:
    async with running(source=Answering(stops())) as run:
        await run.press("space")
        screen = await opened(run, "conv", "e")
        grid = screen.query_one(TensorGrid)
        assert grid.position == 12
        await run.press("e")
        assert grid.position == 5
        await run.press("n")
        assert grid.position == 77
        assert "[1, 0, 0, 2]" in shown(run)
        await run.press("escape")
        await opened(run, "bias", "n")
        assert "no element is NaN or Inf" in run.row(0)


async def test_a_small_tensor_needs_no_program() -> None:
    source = Answering(stops())
    async with running(source=source, size=(80, 24)) as run:
        await run.press("e")
        await opened(run, "small", "n")
        text = shown(run)
        assert source.fetches == []
        assert "Inf" in text
        assert "-2.5000" in text
        assert run.app.screen.query_one(TensorGrid).position == 3


async def test_a_large_tensor_of_a_stop_that_is_over() -> None:
    source = Answering(stops())
    async with running(source=source) as run:
        await run.press("e")
        await opened(run, "w")
        text = shown(run)
        assert "this one has 16,777,216" in text
        assert "while the program waits" in text
        assert "norm" in text
        assert "not kept" in text
        assert source.fetches == []


async def test_what_is_freed_is_said() -> None:
    async with running(source=Answering(stops())) as run:
        await run.press("space", "g", "up", "up")
        await run.press("enter")
        screen = run.app.screen
        assert isinstance(screen, InspectorScreen)
        assert screen.tensor == "h"
        assert "freed before it could be read" in shown(run)


async def test_what_the_program_cannot_read_is_said() -> None:
    source = Answering(stops())
    async with running(source=source) as run:
        await run.press("space")
        await opened(run, "bits")
        fetch = source.fetches[0]
        run.source.emit(Fetched(fetch, TensorView((9, 9), "bool", "meta"), problem="a meta tensor: it has no data"))
        await run.settle()
        assert "a meta tensor: it has no data" in shown(run)


async def test_an_answer_about_another_stop_is_not_shown() -> None:
    source = Answering(stops())
    async with running(source=source) as run:
        await run.press("space")
        await opened(run, "w", "space")
        before = shown(run)
        late = next(fetch for fetch in source.fetches if fetch.stop == 1)
        source.emit(Fetched(late, TensorView((4096, 4096), "float32", "cpu"), problem="late"))
        await run.settle()
        assert shown(run) == before


async def test_it_follows_the_program_and_knows_the_change() -> None:
    async with running(source=Answering(stops())) as run:
        await run.press("space", "space")
        screen = await opened(run, "w", "tab")
        assert "is not known" in shown(run)
        await run.press("space")
        assert screen._questions.moment.stop.index == 3
        assert "+0.5000" in shown(run)
        assert "before: stop 2" in shown(run)
        await run.press("greater_than_sign", "less_than_sign")
        assert screen.tensor == "w"


def numbered() -> list[Stop]:
    """The same stops, as a program numbers their phases."""
    return [replace(stop, phases=min(stop.index, 3)) for stop in stops()]


async def test_a_leaf_of_a_stop_that_is_over_is_asked_for() -> None:
    source = Answering(numbered())
    async with running(source=source, size=(80, 24)) as run:
        await run.press("space", "space", "space", "left", "left")
        await opened(run, "w")
        assert {(fetch.stop, fetch.past) for fetch in source.fetches} == {(1, 1)}
        assert f"{value_at('w', 0, 1):.4f}" in shown(run)
        await run.press("escape", "g", "up", "up", "enter")
        assert len({fetch.name for fetch in source.fetches}) == 1, "what is no leaf is not asked for"


async def test_the_change_of_a_leaf_is_known_where_the_program_has_kept_it() -> None:
    source = Answering(numbered())
    async with running(source=source, size=(80, 24)) as run:
        await run.press("space", "space", "space")
        await opened(run, "w", "tab", "tab")
        assert {(fetch.stop, fetch.past) for fetch in source.fetches if fetch.past} == {(2, 2)}
        assert "+0.5000" in shown(run)
        assert "before: stop 2" in shown(run)


async def test_where_the_program_has_not_kept_it_the_change_is_not_known() -> None:
    class Forgetful(Answering):
        def reply(self, fetch: Fetch) -> Fetched:
            return Fetched(fetch, problem="not kept") if fetch.past else super().reply(fetch)

    source = Forgetful(numbered())
    async with running(source=source, size=(80, 24)) as run:
        await run.press("space", "space", "space")
        await opened(run, "w", "tab", "tab")
        assert "is not known" in shown(run)
        assert len([fetch for fetch in source.fetches if fetch.past]) == 1


async def test_the_change_of_a_small_tensor_is_always_known() -> None:
    async with running(source=Answering(stops())) as run:
        await run.press("space", "space", "space")
        await opened(run, "small", "tab")
        assert "+1.0000" in shown(run)
        assert "1.0 " in run.row(35 - 10)


async def test_value_and_gradient_are_side_by_side_where_there_is_room() -> None:
    async with running(source=Answering(stops()), size=(120, 36)) as run:
        await run.press("space", "space")
        await opened(run, "w")
        assert "Value │ Gradient" in run.row(1)
        await run.pilot.resize_terminal(80, 24)
        await run.settle()
        assert "gradient" not in run.row(1)
        await run.press("tab")
        assert "Gradient" in run.row(1)


async def test_it_closes_and_the_keys_are_back() -> None:
    async with running(source=Answering(stops())) as run:
        await run.press("space")
        for key in ("q", "escape", "enter"):
            await opened(run, "w")
            await run.press(key)
            assert isinstance(run.app.screen, DebuggerScreen)
            run.screen.query_one(TensorsPane).chosen = ""
        await run.press("question_mark")
        await run.press("escape")
        await run.press("g", "enter")
        await run.press("enter")
        assert isinstance(run.app.screen, InspectorScreen)


async def test_the_program_may_die_meanwhile() -> None:
    source = Answering(stops())
    async with running(source=source) as run:
        await run.press("space")
        await opened(run, "w")
        source.emit(Exited(139, "SIGSEGV"))
        await run.settle()
        assert "ended: SIGSEGV" in run.row(0)
        assert "a stop keeps the statistics only" in shown(run)


async def test_a_row_is_chosen_in_the_gradients() -> None:
    async with running(seed_run()) as run:
        await run.press("space", "space")
        run.screen.action_show("gradients")
        await run.settle()
        await run.press("enter")
        assert "●▶w[0]" in run.pane("gradients")
        await run.press("enter")
        assert isinstance(run.app.screen, InspectorScreen)
        assert run.app.screen.tensor == "w"
        assert "24.0000" in shown(run)


async def test_without_a_choice_enter_says_what_to_do() -> None:
    async with running() as run:
        await run.press("space")
        run.screen.action_show("why")
        await run.settle()
        await run.press("enter")
        assert "choose a tensor" in run.row(0)


async def test_a_stop_passed_while_it_is_open() -> None:
    source = Answering(stops())
    async with running(source=source) as run:
        await run.press("space")
        source.holding = True
        await opened(run, "w", "space")
        assert "running" in run.row(0)
        asked = len(source.fetches)
        await run.press("ctrl+end")
        assert len(source.fetches) == asked
        source.emit(Stopped(source.stops[2], waiting=True))
        await run.settle()
        assert len(source.fetches) > asked
        assert str(value_at("w", 4096 * 4096 - 1, 2)) in shown(run)


async def test_every_theme() -> None:
    async with running(source=Answering(stops())) as run:
        await run.press("space", "space")
        screen = await opened(run, "w")
        grid = screen.query_one(TensorGrid)
        seen = set()
        for theme in run.app.available_themes:
            run.app.theme = theme
            await run.settle()
            cells = [segment for segment in grid.render_line(3) if segment.text.strip() == "2.9356"]
            assert len(cells) == 1
            assert cells[0].style is not None
            seen.add(cells[0].style.bgcolor)
        assert len(seen) > 5
