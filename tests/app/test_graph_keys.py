"""The keys of the graph, on the whole screen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from gradstep.app.dialogs.find import FindScreen
from gradstep.app.panes.graph.pane import GraphPane
from gradstep.model.graph import Graph
from gradstep.model.stop import Loss, Stop
from hand import HandSource
from model_graphs import gpt, lstm, plain_loop, resnet
from screen import Run, running
from syrupy.assertion import SnapshotAssertion
from textual.containers import Vertical


def source(graph: Graph) -> HandSource:
    """A forward stop with that graph."""
    loss = Loss("loss", 2.3)
    return HandSource([Stop(0, "start"), Stop(1, "forward", iteration=1, loss=loss, graph=graph)], "train.py")


def selected(run: Run) -> str:
    pane = run.screen.query_one(GraphPane)
    return pane.drawing.labels[pane.selected].title if pane.selected >= 0 else ""


async def test_finding_by_typing() -> None:
    async with running(source=source(gpt())) as run:
        await run.press("space", "slash", *"softmax")
        screen = run.app.screen
        assert isinstance(screen, FindScreen)
        assert screen.query_one(Vertical).border_title == "Find: 12 matches"
        await run.press("enter")
        assert selected(run) == "softmax"
        assert "softmax: 1 of 12" in run.row(0)
        await run.press("n", "n", "N")
        assert selected(run) == "softmax_2"
        assert "softmax_2: 2 of 12" in run.row(0)


async def test_the_chain_rule_follows_what_is_searched_for_and_says_what_a_large_graph_lacks() -> None:
    graph, loss = plain_loop(), Loss("loss", 2.3)
    stops = [
        Stop(0, "start"),
        Stop(1, "forward", iteration=1, loss=loss, graph=graph),
        Stop(2, "backward", reason="node", iteration=1, loss=loss, graph=graph),
        Stop(3, "backward", iteration=1, loss=loss, graph=graph),
    ]
    async with running(source=HandSource(stops, "train.py")) as run:
        await run.press("space", "slash", *"tanh_120", "enter", "x")
        for said in ("δ comes with the backward pass", "δ is not reached yet", "δ is not followed"):
            text = run.pane("chain")
            assert "∂loss/∂tanh_120" in text
            assert said in text
            assert "In a graph of more than 200 ops no rules are written" in text
            await run.press("space")


async def test_escape_closes_the_search_and_nothing_is_said_to_be_found_where_nothing_is() -> None:
    async with running(source=source(gpt())) as run:
        await run.press("space", "slash", *"bert", "escape")
        assert selected(run) == ""
        await run.press("slash", *"bert", "enter")
        assert "nothing in the graph is called bert" in run.row(0)
        await run.press("n")
        assert "/ searches the graph" in run.row(0)


async def test_opening_folding_and_neighbours_by_key() -> None:
    async with running(source=source(gpt())) as run:
        await run.press("space", *["up"] * 5)
        assert selected(run) == "+ blocks.0…11"
        await run.press("enter")
        assert selected(run) == "blocks.0…11 · Block ×12"
        await run.press("down", "backspace")
        assert selected(run) == "+ blocks.0…11"
        await run.press("a")
        subtitle = "1 edge around: 3 of 8 boxes"
        assert subtitle in str(run.screen.query_one(GraphPane).border_subtitle)
        await run.press("escape")
        assert subtitle not in str(run.screen.query_one(GraphPane).border_subtitle)
        await run.press("backspace", "backspace")
        assert "nothing around the selected box is open" in run.row(0)
        await run.press("v")
        assert "operations" in run.row(0)


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", ["transformer", "residual", "lstm", "loop"])
async def test_pictures(svg: SnapshotAssertion, name: str, size: tuple[int, int]) -> None:
    graphs: dict[str, Callable[[], Graph]] = {
        "transformer": gpt, "residual": resnet, "lstm": lstm, "loop": plain_loop
    }  # fmt: skip
    opened = {"transformer": "model.blocks.3", "residual": "net.layer2.0", "lstm": "rnn.cells.1", "loop": "tanh_120"}
    async with running(size=size, source=source(graphs[name]())) as run:
        await run.press("space", "slash", *opened[name], "enter", *["enter"] * (name != "loop"))
        assert selected(run)
        assert run.app.export_screenshot() == svg(name=f"{name}-{size[0]}x{size[1]}")
