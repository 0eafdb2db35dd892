"""The graph pane on hand-made stops."""

from typing import Any

import pytest
from gradstep.app.panes.graph import LARGE, GraphPane
from gradstep.draw.graph import Drawing
from gradstep.model.graph import Graph, GraphNode
from gradstep.model.moment import Moment
from gradstep.model.stop import Gradient, Phase, Stop
from gradstep.model.tensor import TensorView
from textual.app import App, ComposeResult
from textual.geometry import Region

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
        assert "without being looked at" in app.text()
        assert not app.pane.has_class("-forward")


async def test_arrow_keys_walk_from_box_to_box() -> None:
    app = PaneApp()
    async with app.run_test(size=(80, 30)) as pilot:
        app.pane.moment = moment()
        await pilot.pause()
        await pilot.press("up", "up", "right", "left", "up", "right", "down", "down", "down", "down")
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
        assert "∇ 16 24 8" in app.text()
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
        assert "‖∇‖ 0.1250" in app.text()


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
        assert "═ mul_1000" in app.text()
        assert app.pane.border_subtitle == "1,000 ops · 1 leaf · last 199 shown"


async def test_a_late_drawing_of_an_earlier_stop_is_dropped() -> None:
    app = PaneApp()
    async with app.run_test(size=(60, 30)) as pilot:
        app.pane.moment = moment()
        await pilot.pause()
        before = app.text()
        drawing: Drawing = app.pane._drawing
        app.pane.post_message(GraphPane.LaidOut(moment("forward", chain(5)).stop, drawing))
        await pilot.pause()
        assert app.text() == before
        assert app.pane.border_subtitle == "3 ops · 1 leaf"


async def test_every_theme() -> None:
    app = PaneApp()
    async with app.run_test() as pilot:
        app.pane.moment = moment("backward")
        await pilot.press("up")
        for theme in app.available_themes:
            app.theme = theme
            await pilot.pause()
            assert "▶ loss" in app.text()
