"""What must hold of every drawing, checked on its characters alone."""

import itertools
from collections import Counter, defaultdict
from typing import Any

import pytest
from gradstep.draw.graph import Drawing, draw_graph
from gradstep.draw.graph.drawing import ARMS, ARROW, DOWN, LEFT, RIGHT, UP
from gradstep.draw.graph.label import short
from gradstep.model.graph import Graph, GraphNode, NodeKind
from gradstep.model.tensor import TensorView
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from test_graph_samples import SAMPLES, Maker, densenet, rnn, square, tensor, three_weights, transformer

SIDES = {sign: arms for arms, sign in ARMS.items()}
STEPS = {UP: (0, -1, DOWN), DOWN: (0, 1, UP), LEFT: (-1, 0, RIGHT), RIGHT: (1, 0, LEFT)}
PORTS = "┬┯╤"


class Cells:
    """The characters of a drawing and what they belong to."""

    def __init__(self, drawing: Drawing) -> None:
        self.drawing = drawing
        self.text = ["".join(text for text, _ in drawing.line(y)).ljust(drawing.width) for y in range(drawing.height)]
        self.aside = {
            (x, y) for y in range(drawing.height) for x, role in self._roles(y) if role in ("shape", "frame", "shape*")
        }
        self.owner: dict[tuple[int, int], int] = {}

    def _roles(self, y: int) -> list[tuple[int, str]]:
        """The role of every character of a row."""
        return list(enumerate(role for text, role in self.drawing.line(y) for _ in text))

    def at(self, x: int, y: int) -> str:
        inside = 0 <= y < len(self.text) and 0 <= x < len(self.text[y])
        return self.text[y][x] if inside else " "

    def check(self) -> None:
        """Every invariant."""
        self.check_boxes()
        self.check_signs()
        self.check_edges()

    def check_boxes(self) -> None:
        """Boxes are within the drawing, whole, and apart from each other."""
        for number, box in enumerate(self.drawing.boxes):
            assert box.x >= 0
            assert box.y >= 0
            assert box.x + box.width <= self.drawing.width
            assert box.y + box.height <= self.drawing.height
            if self.drawing.labels[number].kind == "header":
                self.owner |= {(x, box.y): number for x in range(box.x, box.x + box.width)}
                continue
            assert self.at(box.x, box.y) in "╭┏┌╔┍"
            assert self.at(box.x + box.width - 1, box.y + box.height - 1) in "╯┛┘╝┙"
            for y in range(box.y, box.y + box.height):
                assert self.at(box.x, y) in "╭┏┌╔┍│┃║┆╰┗└╚┕"
                for x in range(box.x, box.x + box.width):
                    assert (x, y) not in self.owner
                    self.owner[x, y] = number

    def check_signs(self) -> None:
        """Outside boxes each sign goes on at exactly the sides that it shows."""
        for y, row in enumerate(self.text):
            assert len(row) == self.drawing.width
            for x, sign in enumerate(row):
                if (x, y) in self.owner or (x, y) in self.aside or sign == " ":
                    continue
                if sign == ARROW:
                    box = self.drawing.boxes[self.owner[x, y + 1]]
                    assert y + 1 == box.y
                    assert box.x < x < box.x + box.width - 1
                    assert self.goes(x, y - 1, DOWN)
                    continue
                for side, (dx, dy, back) in STEPS.items():
                    assert bool(SIDES[sign] & side) == self.goes(x + dx, y + dy, back), (x, y, sign)

    def goes(self, x: int, y: int, side: int) -> bool:
        """Whether what is in that cell goes on at that side."""
        if (x, y) in self.aside:
            return False
        if (x, y) in self.owner:
            box = self.drawing.boxes[self.owner[x, y]]
            return side == DOWN and y == box.y + box.height - 1 and self.at(x, y) in PORTS
        return side == UP if self.at(x, y) == ARROW else bool(SIDES.get(self.at(x, y), 0) & side)

    def check_edges(self) -> None:
        """Lines lead from each box down to what it feeds, and nowhere else; parallel edges arrive apart."""
        feeds = defaultdict[int, Counter[int]](Counter)
        for source, target in self.drawing.structure[1]:
            feeds[source][target] += 1
        for number, box in enumerate(self.drawing.boxes):
            bottom = box.y + box.height - 1
            arrivals: set[tuple[int, int]] = set()
            for x in range(box.x + 1, box.x + box.width - 1):
                if self.at(x, bottom) in PORTS:
                    arrivals |= self.follow(x, bottom + 1)
            reached = Counter(self.owner[x, y + 1] for x, y in arrivals)
            assert reached.keys() == feeds[number].keys()
            assert all(reached[target] in (1, count) for target, count in feeds[number].items())

    def follow(self, x: int, y: int) -> set[tuple[int, int]]:
        """Arrows that are reached from there downwards; `┼` is a crossing, at any other sign lines meet."""
        found, seen, todo = set(), set(), [(x, y, DOWN)]
        while todo:
            state = todo.pop()
            if state in seen:
                continue
            seen.add(state)
            x, y, heading = state
            sign = self.at(x, y)
            if sign == ARROW:
                found.add((x, y))
                continue
            back = STEPS[heading][2]
            for side, (dx, dy, _) in STEPS.items():
                if SIDES[sign] & side and side not in (UP, back) and (sign != "┼" or side == heading):
                    todo.append((x + dx, y + dy, side))
        return found


@pytest.mark.parametrize("name", SAMPLES)
def test_samples(name: str) -> None:
    graph = SAMPLES[name]()
    Cells(draw_graph(graph)).check()
    Cells(draw_graph(graph, frozenset(range(len(graph.nodes))), limit=30)).check()


@st.composite
def graphs(draw: st.DrawFn, most: int = 22) -> Graph:
    count = draw(st.integers(1, most))
    make = Maker()
    for node in range(count):
        inputs = draw(st.lists(st.integers(0, node - 1), max_size=6)) if node else []
        kind: NodeKind = "op" if inputs else draw(st.sampled_from(["leaf", "input"]))
        view = draw(st.sampled_from([None, tensor(1.0)]))
        make.add(kind, "n" * draw(st.integers(1, 24)), "mul", tuple(inputs), view=view)
    return make.graph()


@given(graphs())
@settings(max_examples=150, deadline=None, derandomize=True)
def test_random_graphs(graph: Graph) -> None:
    Cells(draw_graph(graph)).check()
    Cells(draw_graph(graph, limit=6)).check()


@given(st.integers(2, 40), st.data())
@settings(max_examples=60, deadline=None, derandomize=True)
def test_random_graphs_without_leaves_to_copy(count: int, data: st.DataObject) -> None:
    pairs = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)).filter(lambda pair: pair[0] < pair[1])
    edges = data.draw(st.lists(pairs, max_size=3 * count))
    nodes = tuple(GraphNode(node, "op", f"n{node}", "add") for node in range(count))
    Cells(draw_graph(Graph(nodes, tuple(edges), count - 1))).check()


def test_three_weights_fits_beside_the_loss() -> None:
    drawing = draw_graph(three_weights())
    assert drawing.width <= 46
    assert drawing.height <= 24


def test_text_of_the_boxes() -> None:
    text = "\n".join(Cells(draw_graph(three_weights(), frozenset({0}))).text)
    parts = ["w ●", "0.2515 -0.1228 1.6257", "∂ -2.4796 -3.7194 …", "2 3 1", "y_hat", "matmul", "∂ 1.0000", "╔═ loss ═"]
    assert [part for part in parts if part not in text] == []


def lines_of(node: GraphNode) -> list[str]:
    return [text.strip() for _, text in draw_graph(Graph((node,), (), 0)).labels[0].lines]


@pytest.mark.parametrize(
    ("value", "shape", "text"),
    [
        (16.0, (), "16.0000"),
        (-1.2345678, (), "-1.2346"),
        (1.5e-6, (), "1.5000e-06"),
        (float("nan"), (), "nan"),
        (7, (), "7"),
        ([1.0, -2.0, 3.0], (3,), "1 -2 3"),
        ([[0.5, 1.0, 2.0]], (1, 3), "0.5000 1.0000 2.0000"),
        ([0.1] * 9, (9,), "0.1000 0.1000 0.1000 …"),
        ([[1.0, 2.0], [3.0, 4.0]], (2, 2), "2×2 float32"),
        ([], (0,), "0 float32"),
        ([1.0, 2.0], (), "1.0000+2.0000j"),
        (None, (64, 128), "64×128 float32"),
    ],
)
def test_values(value: Any, shape: tuple[int, ...], text: str) -> None:
    assert lines_of(GraphNode(0, "leaf", "w", view=tensor(value, shape))) == [text]


def test_gradients_are_their_elements_or_their_norm() -> None:
    def gradient(view: TensorView) -> str:
        return lines_of(GraphNode(0, "leaf", "w", gradient=view))[0]

    assert gradient(tensor([16.0, 24.0, 8.0])) == "∂ 16 24 8"
    assert gradient(tensor([[3.0, 0.0], [0.0, 4.0]], (2, 2))) == "||∂|| 5.0000"
    assert gradient(TensorView((64, 128), "float32", "cpu", norm=0.25)) == "||∂|| 0.2500"
    assert gradient(TensorView((64, 128), "float32", "cpu")) == "∂ 64×128 float32"


def test_what_is_not_finite_is_counted() -> None:
    view = TensorView((64, 128), "float32", "cpu", nan=3, inf=1)
    assert lines_of(GraphNode(0, "op", "relu_2", "relu", view)) == ["64×128 float32", "! 3 nan, 1 inf"]


def test_a_square_has_one_box_and_two_arrows() -> None:
    drawing = draw_graph(square())
    assert len(drawing.boxes) == 2
    assert "".join(Cells(drawing).text).count(ARROW) == 2


def test_a_huge_graph_shows_what_is_nearest_the_root() -> None:
    graph = rnn(300)
    drawing = draw_graph(graph, limit=40)
    assert len(drawing.boxes) <= 41
    assert (graph.root,) in drawing.nodes
    assert drawing.nodes[drawing.root] == (graph.root,)
    assert f"… {drawing.hidden:,} more operations" in "\n".join(Cells(drawing).text)


def test_a_long_recurrence_is_a_straight_spine() -> None:
    drawing = draw_graph(rnn(300))
    spine = [box for box, text in zip(drawing.boxes, drawing.labels, strict=True) if text.title.startswith("tanh")]
    centres = [box.x + (box.width - 1) // 2 for box in spine]
    assert max(centres) - min(centres) <= 2


@pytest.mark.parametrize(("graph", "widest"), [(transformer(), 100), (rnn(), 140), (densenet(), 100)])
def test_deep_graphs_are_narrow(graph: Graph, widest: int) -> None:
    assert draw_graph(graph).width <= widest


def test_the_same_structure_is_drawn_in_the_same_place() -> None:
    before = draw_graph(three_weights(gradients=False))
    after = draw_graph(three_weights(), room={before.structure: before.sizes})
    assert before.structure == after.structure
    again = draw_graph(three_weights(gradients=False), room={after.structure: after.sizes})
    assert again.layout is after.layout


def test_parameters_stand_beside_each_use_in_a_large_graph_and_once_in_a_small_one() -> None:
    def chain(steps: int) -> Drawing:
        make = Maker()
        w = make.leaf("w", 3)
        x = make.input("x", 3)
        for _ in range(steps):
            x = make.op("mul", x, w)
        return draw_graph(make.graph())

    assert chain(2).nodes.count((0,)) == 1
    assert chain(20).nodes.count((0,)) == 20


def test_nothing_is_drawn_of_nothing() -> None:
    drawing = draw_graph(Graph())
    assert (drawing.width, drawing.height, drawing.line(0)) == (0, 0, [])


def test_wide_characters_keep_the_columns() -> None:
    make = Maker()
    make.op("mul", make.leaf("重み", view=tensor([1.0, 2.0])), make.input("x", view=tensor(3.0)), name="損失")
    drawing = draw_graph(make.graph(), frozenset({0}))
    box = drawing.boxes[0]
    for y in range(box.y, box.y + box.height):
        ends = itertools.accumulate(cell_len(text) for text, _ in drawing.line(y))
        assert box.x + box.width in ends


def test_a_long_name_begins_with_a_whole_part() -> None:
    assert short("agent.policy.mlp_extractor.policy_net.0") == "…policy_net.0"
    assert short("agent.policy.action_net") == "…policy.action_net"
    assert short("binary_cross_entropy_with_logits") == "…s_entropy_with_logits"
    assert short("a.very_long_name_of_one_layer.w") == "…g_name_of_one_layer.w"
