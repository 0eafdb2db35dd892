"""The graph pane on hand-made stops."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from gradstep.app.panes.graph.boxes import what_matters
from gradstep.app.panes.graph.pane import GraphPane
from gradstep.app.panes.graph.pictures import LARGE
from gradstep.draw.graph.picture import Wish, picture
from gradstep.model.autograd import Autograd, AutogradNode
from gradstep.model.graph import Graph, GraphNode
from gradstep.model.moment import Moment
from gradstep.model.stop import Gradient, Phase, Step, Stop
from gradstep.model.tensor import TensorView
from model_graphs import gpt, lstm
from msgspec.structs import replace
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.pilot import Pilot

SIZES = [(50, 28), (80, 24), (120, 50)]


def tensor(value: Any) -> TensorView:
    return TensorView((len(value),) if isinstance(value, list) else (), "float32", "cpu", value)


def three_weights(gradients: bool = False) -> Graph:
    def of(value: Any) -> TensorView | None:
        return tensor(value) if gradients else None

    nodes = (
        GraphNode(0, "leaf", "w", "", tensor([1.0, 1.0, 2.0]), of([16.0, 24.0, 8.0]), 3, "/p.py"),
        GraphNode(1, "input", "x", "", tensor([2.0, 3.0, 1.0]), None, 4, "/p.py"),
        GraphNode(2, "op", "y_hat", "matmul", tensor(7.0), of(8.0), 7, "/p.py"),
        GraphNode(3, "input", "y", "", tensor(3.0), None, 5, "/p.py"),
        GraphNode(4, "op", "sub", "sub", tensor(4.0), of(8.0), 8, "/p.py"),
        GraphNode(5, "op", "loss", "pow", tensor(16.0), of(1.0), 8, "/p.py"),
    )
    return Graph(nodes, ((0, 2), (1, 2), (2, 4), (3, 4), (4, 5)), 5)


def chain(ops: int) -> Graph:
    nodes = [GraphNode(0, "leaf", "w", "", tensor(1.0))]
    nodes += [GraphNode(i, "op", f"mul_{i}", "mul", tensor(float(i))) for i in range(1, ops + 1)]
    return Graph(tuple(nodes), tuple((i, i + 1) for i in range(ops)), ops)


def moment(phase: Phase = "forward", graph: Graph | None = None, index: int = 1, **rest: Any) -> Moment:
    graph = three_weights(phase != "forward") if graph is None else graph
    return Moment(Stop(index=index, phase=phase, graph=graph, **rest))


class PaneApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.messages: list[GraphPane.NodeSelected] = []

    def compose(self) -> ComposeResult:
        yield GraphPane()

    def on_mount(self) -> None:
        self.pane.focus()

    @property
    def pane(self) -> GraphPane:
        return self.query_one(GraphPane)

    def on_graph_pane_node_selected(self, message: GraphPane.NodeSelected) -> None:
        self.messages.append(message)

    def text(self) -> str:
        height = self.pane.scrollable_content_region.height
        return "\n".join(self.pane.render_line(y).text.rstrip() for y in range(height))


@pytest.mark.parametrize("size", SIZES)
async def test_three_weights_is_whole_and_in_the_middle(size: tuple[int, int]) -> None:
    app = PaneApp()
    async with app.run_test(size=size) as pilot:
        app.pane.moment = moment()
        await pilot.pause()
        text = app.text()
        for part in ("━ w ━", "1 1 2", "─ y_hat ●", "7.0000", "matmul", "─ sub ●", "═ loss ●", "16.0000"):
            assert part in text
        rows = text.split("\n")
        left = min(len(row) - len(row.lstrip()) for row in rows if row.strip())
        right = size[0] - 2 - max(len(row) for row in rows)
        assert abs(left - right) <= 1
        assert app.pane.border_subtitle == "3 ops · 1 leaf"
        assert not app.pane.show_horizontal_scrollbar


@pytest.mark.parametrize("size", SIZES)
async def test_an_empty_pane_says_what_comes_and_which_key_brings_it(size: tuple[int, int]) -> None:
    app = PaneApp()
    async with app.run_test(size=size) as pilot:
        assert "The graph of the forward pass appears here." in app.text()
        assert "Press space" in app.text()
        await pilot.press("up", "down", "left", "right", "pagedown")
        assert app.messages == []


async def test_a_light_stop_says_so() -> None:
    app = PaneApp()
    async with app.run_test() as pilot:
        app.pane.moment = moment(graph=Graph(), light=True)
        await pilot.pause()
        assert "Stops are not inspected while the program runs freely." in app.text()
        assert not app.pane.has_class("-forward")
        app.pane.moment = replace(app.pane.moment, past=True)
        await pilot.pause()
        assert "The program ran freely past this stop, so that it was not inspected." in app.text()
        assert "r runs it again" in app.text()


async def test_arrow_keys_walk_from_box_to_box() -> None:
    app = PaneApp()
    async with app.run_test(size=(80, 30)) as pilot:
        app.pane.moment = moment()
        await pilot.pause()
        await pilot.press("up", "up", "shift+right", "shift+left", "up", "shift+right", "down", "down", "down", "down")
        await pilot.pause()
        names = [message.name for message in app.messages]
        assert names == ["loss", "sub", "y", "y_hat", "w", "x", "y_hat", "sub", "loss"]
        assert (app.messages[3].file, app.messages[3].line) == ("/p.py", 7)
        assert "╔▶ loss" in app.text()


async def test_a_click_selects() -> None:
    app = PaneApp()
    async with app.run_test(size=(80, 30)) as pilot:
        app.pane.moment = moment()
        await pilot.pause()
        rows = app.text().split("\n")
        row = next(number for number, line in enumerate(rows) if "y_hat" in line)
        await pilot.click(GraphPane, offset=(rows[row].index("y_hat") + 1, row + 1))
        await pilot.pause()
        assert [message.name for message in app.messages] == ["y_hat"]


async def test_selecting_repaints_the_two_boxes_only(monkeypatch: pytest.MonkeyPatch) -> None:
    app = PaneApp()
    async with app.run_test(size=(80, 30)) as pilot:
        app.pane.moment = moment()
        await pilot.press("up")
        await pilot.pause()
        painted: list[tuple[Region, ...]] = []
        refresh = app.pane.refresh

        def note(*regions: Region, **options: bool) -> None:
            painted.append(regions)
            refresh(*regions, **options)

        monkeypatch.setattr(app.pane, "refresh", note)
        await pilot.press("up")
        await pilot.pause()
        heights = [region.height for regions in painted for region in regions]
        assert len(painted) == len(heights) == 2
        assert max(heights) <= 5
        assert "▶ sub" in app.text()
        assert "▶ loss" not in app.text()


async def test_the_selection_stays_on_its_node_and_the_boxes_stay_in_place() -> None:
    app = PaneApp()
    async with app.run_test(size=(80, 30)) as pilot:
        for phase in ("forward", "backward"):
            app.pane.moment = moment(phase)
            await pilot.pause()
        after_backward = app.text()
        await pilot.press("up", "up")
        app.pane.moment = moment("forward", index=3)
        await pilot.pause()
        assert "▶ sub" in app.text()
        rows = [
            [row.index(name) for row in text.split("\n") if name in row]
            for text in (after_backward, app.text())
            for name in ("y_hat", "sub", "loss")
        ]
        assert rows[:3] == rows[3:]


async def test_each_phase_marks_what_it_changed() -> None:
    app = PaneApp()
    async with app.run_test(size=(80, 30)) as pilot:
        app.pane.moment = moment("backward", changed=("w.grad",))
        await pilot.pause()
        assert app.pane.has_class("-backward")
        assert "━ w ●" in app.text()
        assert "∂ 16 24 8" in app.text()
        assert "x ●" not in app.text()
        leaf = tensor([0.5, 0.25, 1.5])
        app.pane.moment = moment("update", changed=("w",), tensors={"w": leaf}, leaves=("w",))
        await pilot.pause()
        assert app.pane.has_class("-update")
        assert not app.pane.has_class("-backward")
        assert "━ w ●" in app.text()
        assert "0.5000 0.2500 1.5000" in app.text()
        assert "sub ●" not in app.text()


async def test_a_leaf_without_a_gradient_in_the_graph_shows_that_of_the_ledger() -> None:
    app = PaneApp()
    async with app.run_test(size=(80, 30)) as pilot:
        fresh = TensorView((3,), "float32", "cpu", norm=0.125)
        app.pane.moment = moment("backward", three_weights(), gradients={"w": Gradient(fresh=fresh)})
        await pilot.pause()
        assert "||∂|| 0.1250" in app.text()


async def test_it_follows_the_stop() -> None:
    app = PaneApp()
    async with app.run_test(size=(40, 16)) as pilot:
        app.pane.moment = moment("forward", chain(20))
        await pilot.pause()
        assert "═ mul_20 ●" in app.text()
        app.pane.moment = moment("update", chain(20), changed=("w",))
        await pilot.pause()
        assert "━ w ●" in app.text()
        await pilot.press("pagedown")
        assert app.pane.scroll_offset.y > 0


async def test_a_large_graph_is_drawn_in_a_thread() -> None:
    app = PaneApp()
    async with app.run_test(size=(60, 30)) as pilot:
        app.pane.moment = moment("forward", chain(LARGE + 700))
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "mul ×1,000" in app.text()
        assert app.pane.border_subtitle == "1,000 ops · 1 leaf"


async def test_a_late_drawing_of_an_earlier_stop_is_dropped() -> None:
    app = PaneApp()
    async with app.run_test(size=(60, 30)) as pilot:
        app.pane.moment = moment()
        await pilot.pause()
        before = app.text()
        wish = Wish(moment("forward", chain(5)).stop)
        app.pane.post_message(GraphPane.LaidOut(wish, picture(wish)))
        await pilot.pause()
        assert app.text() == before
        assert app.pane.border_subtitle == "3 ops · 1 leaf"


class Large:
    """A pane with a large graph in it."""

    def __init__(self, app: PaneApp, pilot: Pilot[None]) -> None:
        self.app, self.pilot, self.pane = app, pilot, app.pane

    async def settle(self) -> None:
        await self.app.workers.wait_for_complete()
        await self.pilot.pause()
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.settle()

    def titles(self) -> list[str]:
        return [label.title.strip("+ ") for label in self.pane.drawing.labels if label.kind in ("fold", "header")]

    def selected(self) -> str:
        return self.pane.drawing.labels[self.pane.selected].title


@asynccontextmanager
async def large(graph: Graph, size: tuple[int, int] = (100, 40)) -> AsyncIterator[Large]:
    app = PaneApp()
    async with app.run_test(size=size) as pilot:
        run = Large(app, pilot)
        app.pane.moment = moment("forward", graph)
        await run.settle()
        yield run


async def test_enter_opens_and_closes_again_in_the_same_place() -> None:
    async with large(gpt()) as run:
        await run.press("up", *["up"] * 4)
        assert run.selected() == "+ blocks.0…11"
        before = run.app.text()
        run.pane.action_inspect_box()
        await run.settle()
        assert run.selected() == "blocks.0…11 · Block ×12"
        assert "blocks.11" in run.titles()
        run.pane.action_inspect_box()
        await run.settle()
        assert run.selected() == "+ blocks.0…11"
        assert run.app.text() == before


async def test_folding_closes_what_is_around_the_selection() -> None:
    async with large(gpt()) as run:
        run.pane.search("*.3.attn.v")
        await run.settle()
        assert run.selected() == "+ v"
        assert run.pane.border_subtitle == "model.blocks.3.attn · 283 ops · 196 leaves"
        closed = []
        for _ in range(4):
            run.pane.fold()
            await run.settle()
            closed.append(run.selected())
        assert closed == ["+ attn", "+ blocks.3", "+ blocks.0…11", "+ model"]
        run.pane.fold()
        await run.settle()
        assert run.selected() == "+ model"


async def test_keys_that_come_before_the_drawing_are_all_obeyed() -> None:
    async with large(gpt()) as run:
        run.pane.search("model.blocks.3")
        await run.settle()
        run.pane.action_inspect_box()
        run.pane.near()
        await run.settle()
        assert run.pane._pictures.shown.view.near == "/model/blocks/3"
        assert run.titles() == ["blocks.2", "ln_1", "attn", "ln_2", "mlp", "blocks.4"]


async def test_searching_goes_from_match_to_match_and_closes_what_the_one_before_opened() -> None:
    async with large(gpt()) as run:
        run.pane.search("softmax")
        await run.settle()
        assert run.selected() == "softmax"
        run.pane.next_match(1)
        await run.settle()
        assert run.selected() == "softmax_2"
        assert "blocks.1 · Block" in run.titles()
        assert "blocks.0" in run.titles()
        run.pane.next_match(-1)
        run.pane.next_match(-1)
        await run.settle()
        assert run.selected() == "softmax_12"
        box = run.pane.region_of(run.pane.selected)
        assert run.pane.window().contains_region(box)


async def test_a_leaf_that_is_hidden_can_be_found() -> None:
    async with large(gpt()) as run:
        run.pane.search("model.blocks.7.ln_2.bias")
        await run.settle()
        assert "bias   128" in "\n".join(text for _, text in run.pane.drawing.labels[run.pane.selected].lines)


async def test_neighbours_alone_and_back() -> None:
    async with large(gpt()) as run:
        run.pane.search("model.ln_f")
        run.pane.near()
        await run.settle()
        assert run.titles() == ["blocks.0…11", "ln_f", "head"]
        assert "1 edge around: 3 of 8 boxes" in str(run.pane.border_subtitle)
        run.pane.near()
        await run.settle()
        assert "2 edges around: 5 of 8 boxes" in str(run.pane.border_subtitle)
        assert run.pane.widen()
        await run.settle()
        assert run.titles() == ["model · GPT", "wte", "wpe", "blocks.0…11", "ln_f", "head"]
        assert not run.pane.widen()


async def test_modules_and_operations() -> None:
    async with large(gpt()) as run:
        run.pane.moment = moment("forward", gpt(), complete=True)
        run.pane.level()
        await run.settle()
        assert run.pane._pictures.shown.view.level == "op"
        assert len(run.pane.drawing.boxes) > 100
        run.pane.level()
        await run.settle()
        assert "blocks.0…11" in run.titles()


async def test_another_level_begins_at_the_loss() -> None:
    leaves = tuple(f"{node.name}.grad" for node in gpt().nodes if node.kind == "leaf")
    async with large(gpt()) as run:
        run.pane.moment = moment("backward", gpt(), complete=True, changed=leaves)
        await run.settle()
        run.pane.level()
        await run.settle()
        assert len(what_matters(run.pane._pictures.shown)) > 1
        assert run.pane.window().contains_region(run.pane.region_of(run.pane.drawing.root))


def with_autograd(graph: Graph, missing: int = 0) -> Graph:
    """Three weights with autograd's nodes."""
    nodes = (AutogradNode(0, 0, None, ()), *(AutogradNode(at, box, at - 1, (at - 1,)) for at, box in ((1, 2), (2, 4))))
    last = () if missing else (AutogradNode(3, 5, 2, (2,)),)
    names = ("AccumulateGrad", "DotBackward0", "SubBackward0", "PowBackward0")
    return replace(graph, autograd=Autograd((*nodes, *last), names, missing))


def boxes(pane: GraphPane) -> list[str]:
    return [label.title for label in pane.drawing.labels]


async def test_nodes_that_are_on_their_way_are_shown_once_they_are_there() -> None:
    async with large(three_weights()) as run:
        run.pane.level()
        await run.settle()
        assert "y_hat" in boxes(run.pane)
        assert "autograd nodes to come" in str(run.pane.border_subtitle)
        run.pane.moment = moment("forward", with_autograd(three_weights(), missing=1))
        await run.settle()
        assert "y_hat" in boxes(run.pane)
        assert "1 autograd node to come" in str(run.pane.border_subtitle)
        run.pane.moment = moment("forward", with_autograd(three_weights()), complete=True)
        await run.settle()
        assert boxes(run.pane) == ["AccumulateGrad", "DotBackward0", "SubBackward0", "PowBackward0"]
        assert run.pane.border_subtitle == "4 autograd nodes · 1 leaf"
        run.pane.level()
        await run.settle()
        assert "y_hat" in boxes(run.pane)


async def test_a_stop_without_nodes_shows_operations_and_says_so() -> None:
    async with large(three_weights()) as run:
        run.pane.moment = moment("forward", with_autograd(three_weights()), complete=True)
        run.pane.level()
        await run.settle()
        assert "DotBackward0" in boxes(run.pane)
        run.pane.moment = moment("backward", three_weights(True), 2, complete=True)
        await run.settle()
        assert "y_hat" in boxes(run.pane)
        run.pane.moment = moment("forward", with_autograd(three_weights()), 3, complete=True)
        await run.settle()
        assert "DotBackward0" in boxes(run.pane)


async def test_the_selection_goes_from_an_operation_to_its_node_and_back() -> None:
    async with large(with_autograd(three_weights())) as run:
        await run.press("up", "up")
        assert run.selected() == "sub"
        run.pane.level()
        await run.settle()
        assert run.selected() == "SubBackward0"
        await run.press("up")
        assert run.selected() == "DotBackward0"
        assert [message.name for message in run.app.messages][-1] == "y_hat"
        run.pane.level()
        await run.settle()
        assert run.selected() == "y_hat"


async def test_edges_of_nodes_lead_up() -> None:
    async with large(with_autograd(three_weights())) as run:
        assert "▼" in run.app.text()
        run.pane.level()
        await run.settle()
        assert "▲" in run.app.text()
        assert "▼" not in run.app.text()


async def test_the_view_and_the_selection_stay_from_stop_to_stop() -> None:
    async with large(gpt()) as run:
        run.pane.search("model.blocks.3")
        await run.settle()
        titles = run.titles()
        run.pane.moment = moment("backward", gpt(), 2)
        await run.settle()
        assert run.titles() == titles
        assert run.selected() == "+ blocks.3"
        run.pane.moment = moment("backward", three_weights(True), 3)
        run.pane.moment = moment("forward", gpt(), 4)
        await run.settle()
        assert run.titles() == titles


async def test_the_box_of_the_step_comes_into_view() -> None:
    graph = gpt()
    softmax = next(node.id for node in graph.nodes if node.name == "softmax_2")
    async with large(graph, (100, 16)) as run:
        run.pane.moment = moment("forward", graph, 2, reason="op", step=Step("softmax", softmax))
        await run.settle()
        assert "+ blocks.0…11" in run.app.text()


async def test_thirty_thousand_nodes() -> None:
    async with large(lstm()) as run:
        assert "×1,000" in run.app.text()
        run.pane.search("tanh_2000")
        await run.settle()
        assert run.selected() == "tanh_2000"
        assert len(run.pane.drawing.boxes) < 200


async def test_a_small_pane_gets_low_boxes_and_a_large_one_does_not() -> None:
    app = PaneApp()
    async with app.run_test(size=(80, 21)) as pilot:
        app.pane.moment = moment("backward")
        await pilot.pause()
        assert "y_hat = matmul" in app.text()
        assert "1 1 2" in app.text()
        assert "∂ 16 24 8" in app.text()
        assert not app.pane.show_vertical_scrollbar
        await pilot.resize_terminal(80, 40)
        await pilot.pause()
        assert "y_hat = matmul" not in app.text()


async def test_every_theme() -> None:
    app = PaneApp()
    async with app.run_test() as pilot:
        app.pane.moment = moment("backward")
        await pilot.press("up")
        for theme in app.available_themes:
            app.theme = theme
            await pilot.pause()
            assert "▶ loss" in app.text()
