"""Folding, views and search: what is seen of a graph, and that the rest stays where it is."""

from __future__ import annotations

import pytest
from gradstep.draw.graph import Drawing, View, draw_shown, folding, show
from gradstep.draw.graph.find import find
from gradstep.draw.graph.fold import Fold, Folding
from gradstep.draw.graph.repeats import Repeat, repeats
from gradstep.draw.graph.shown import Shown
from gradstep.draw.graph.view import (
    enclosing,
    everything,
    modules,
    nearer,
    opening,
    operations,
    revealed,
    seen_as,
    toggled,
)
from gradstep.model.graph import Graph
from hypothesis import given, settings
from hypothesis import strategies as st
from model_graphs import Model, gpt, lstm, plain_loop, resnet
from msgspec.structs import replace
from test_graph_drawing import Cells


def titles(graph: Graph, view: View | None = None) -> list[str]:
    """Names of the operations and folds that are seen, in their order."""
    tree = folding(graph)
    shown = show(graph, tree, view or opening(tree))
    return [node.name for node in shown.graph.nodes if node.kind == "op" and node.id not in shown.headers]


def at(tree: Folding, path: str) -> str:
    return next(fold.key for fold in tree.folds.values() if fold.path == path and fold.kind == "module")


def drawn(graph: Graph, view: View, like: Drawing | None = None) -> Drawing:
    return draw_shown(graph, show(graph, folding(graph), view), like=like, limit=600)


@pytest.mark.parametrize(
    ("signs", "found"),
    [
        ("abcabcabcd", [Repeat(0, 3, 3)]),
        ("xaaaay", [Repeat(1, 1, 4)]),
        ("abab", []),
        ("aabaabaab", [Repeat(0, 3, 3)]),
        ("aaabaaab", [Repeat(0, 1, 3), Repeat(4, 1, 3)]),
        ("", []),
    ],
)
def test_repeats(signs: str, found: list[Repeat]) -> None:
    assert repeats(signs) == found


@given(st.text("abc", max_size=40))
@settings(derandomize=True)
def test_repeats_are_apart_and_true(signs: str) -> None:
    end = 0
    for repeat in repeats(signs):
        assert repeat.start >= end
        end = repeat.end
        first = signs[repeat.start : repeat.start + repeat.period]
        assert first * repeat.rounds == signs[repeat.start : repeat.end]


def test_a_transformer_opens_with_its_top_modules() -> None:
    assert titles(gpt()) == ["wte", "wpe", "add", "blocks.0…11", "ln_f", "head", "view_37", "loss"]


def test_a_residual_net_opens_with_its_stages() -> None:
    layers = [f"layer{number}" for number in (1, 2, 3, 4)]
    assert titles(resnet()) == ["conv1", "bn1", "relu", *layers, "mean", "fc", "loss"]


def test_what_a_loop_repeats_is_one_box_with_a_count() -> None:
    graph = plain_loop(300)
    tree = folding(graph)
    (loop,) = [part for part in tree.root.parts if isinstance(part, Fold)]
    assert (loop.title, loop.text, loop.size) == ("lines 12…13", "matmul matmul … ×300", 1200)
    inner = show(graph, tree, toggled(opening(tree), tree, loop.key))
    assert next(node.name for node in inner.graph.nodes if node.id in inner.inside) == "1…50 of 300"
    parts = [fold.title for fold in tree.around(4 * 119) if fold.kind in ("part", "round")]
    assert parts == ["101…150 of 300", "116…120 of 300", "120 of 300"]


def test_loops_in_loops_are_folds_in_folds() -> None:
    make = Model()
    x = make.input("x", 3)
    for _ in range(3):
        for _ in range(3):
            x = make.op("exp", make.op("mul", x, line=4), line=5)
        x = make.op("tanh", x, line=6)
    tree = folding(make.graph())
    assert [fold.text for fold in tree.around(0)] == ["mul exp ×3 tanh ×3", "mul exp ×3 tanh", "mul exp ×3", "mul exp"]
    assert [fold.size for fold in tree.around(0)] == [21, 7, 6, 2]


def test_one_operation_a_few_times_in_a_line_is_no_loop() -> None:
    def sigmoids(count: int) -> list[str]:
        make = Model()
        x = make.input("x", 3)
        gates = [make.op("sigmoid", x, line=4) for _ in range(count)]
        make.op("stack", *gates, line=5, name="loss")
        return [fold.text for fold in folding(make.graph()).folds.values()]

    assert sigmoids(4) == []
    assert sigmoids(8) == ["sigmoid ×8"]


@pytest.mark.parametrize("with_modules", [True, False])
def test_thirty_thousand_nodes_open_with_few_boxes(with_modules: bool) -> None:
    graph = lstm(1000, with_modules)
    assert len(graph.nodes) > 32_000
    drawing = drawn(graph, opening(folding(graph)))
    assert len(drawing.boxes) <= 13
    assert "×1,000" in "\n".join(Cells(drawing).text)


def test_a_small_graph_opens_as_a_whole() -> None:
    graph = gpt(1)
    tree = folding(graph)
    shown = show(graph, tree, opening(tree))
    assert shown.graph is graph
    assert not shown.bars


def test_a_module_box_says_what_is_inside() -> None:
    graph = gpt()
    graded = [
        replace(node, gradient=replace(node.view, norm=3.0)) if node.name.endswith("0.ln_1.weight") else node
        for node in graph.nodes
        if node.view is not None
    ]
    graph = replace(graph, nodes=tuple(graded))
    tree = folding(graph)
    view = revealed(opening(tree), tree, tree.folds[at(tree, "model.blocks.0")].first, at(tree, "model.blocks.0"))
    text = "\n".join(Cells(drawn(graph, view)).text)
    for part in ("+ blocks.0 ", "Block, 23 ops", "16 parameters, 198K", "||∂|| 3.0000", "│[8,64,128]", "model · GPT"):
        assert part in text


def test_parameters_are_hidden_in_what_alone_uses_them_and_shown_beside_what_is_open() -> None:
    graph = gpt()
    tree = folding(graph)
    leaves = {node.name for node in show(graph, tree, opening(tree)).graph.nodes if node.kind == "leaf"}
    assert leaves == set()
    opened = show(graph, tree, toggled(opening(tree), tree, at(tree, "model.ln_f"))).graph
    assert {node.name for node in opened.nodes if node.kind == "leaf"} == {"model.ln_f.weight", "model.ln_f.bias"}


def test_edges_are_there_once_and_lead_forward() -> None:
    graph = resnet()
    tree = folding(graph)
    for view in (opening(tree), modules(tree), View()):
        edges = show(graph, tree, view).graph.edges
        assert len(set(edges)) == len(edges)
        assert all(source < target for source, target in edges)


def test_neighbours_alone_and_further_ones() -> None:
    graph = gpt()
    tree = folding(graph)
    key = at(tree, "model.ln_f")
    one = nearer(opening(tree), key)
    assert titles(graph, one) == ["blocks.0…11", "ln_f", "head"]
    two = nearer(one, key)
    assert titles(graph, two) == ["add", "blocks.0…11", "ln_f", "head", "view_37"]
    assert everything(two) == opening(tree)


def test_closing_around_a_box_goes_outwards() -> None:
    graph = gpt()
    tree = folding(graph)
    block = tree.folds[at(tree, "model.blocks.3.attn")]
    view = revealed(opening(tree), tree, block.first)
    closed = []
    while key := enclosing(view, tree, seen_as(view, tree, block.first)):
        closed.append(tree.folds[key].title)
        view = toggled(view, tree, key)
    assert closed == [
        "model.blocks.3.attn.q", "model.blocks.3.attn", "model.blocks.3", "model.blocks.0…11", "model"
    ]  # fmt: skip


def test_operations_of_a_very_large_graph_are_those_around_the_chosen_one() -> None:
    graph = lstm(300)
    tree = folding(graph)
    place = tree.root.size // 2
    shown = show(graph, tree, operations(tree, place))
    assert f"op:{tree.ops[place]}" in shown.keys
    assert 100 < len(shown.keys) < 400


def test_the_same_graph_of_another_iteration_has_the_same_folds() -> None:
    one, other = gpt(), gpt()
    assert folding(one).fits(other, one)
    assert not folding(one).fits(gpt(11), one)
    assert folding(one).folds.keys() == folding(other).folds.keys()


@pytest.mark.parametrize(
    ("pattern", "count", "first"),
    [
        ("attn", 12 * (1 + 4 + 1 + 8), "model.blocks.0.attn"),
        ("*.attn.q", 12, "model.blocks.0.attn.q"),
        ("WTE", 2, "model.wte"),
        ("softmax_1?", 3, "softmax_10"),
        ("mask", 24, "masked_fill"),
        ("nothing", 0, ""),
        ("  ", 0, ""),
    ],
)
def test_find(pattern: str, count: int, first: str) -> None:
    graph = gpt()
    found = find(graph, folding(graph), pattern)
    assert len(found) == count
    assert (found[0].name if found else "") in (first, "model.blocks.0.attn.mask")


@given(st.integers(0, 10**6), st.sampled_from(["gpt", "resnet", "lstm", "random"]), st.data())
@settings(max_examples=60, deadline=None, derandomize=True)
def test_opening_one_fold_leaves_the_others_in_their_order(seed: int, name: str, data: st.DataObject) -> None:
    made = {"gpt": gpt(), "resnet": resnet(), "lstm": lstm(30)}
    graph = made[name] if name in made else data.draw(nested())
    tree = folding(graph)
    view = modules(tree)
    before = drawn(graph, view)
    for _ in range(3):
        closed = sorted(key for key in before.keys if key in tree.folds and key not in view.open)
        if not closed:
            return
        key = closed[seed % len(closed)]
        view = toggled(view, tree, key)
        after = drawn(graph, view, before)
        Cells(after).check()
        in_order(before, after, key)
        before = after


def in_order(before: Drawing, after: Drawing, opened: str) -> None:
    """No operation or fold is now above or left of one that it was below or right of."""
    old = {key: box for key, box in zip(before.keys, before.boxes, strict=True) if not key.startswith("leaf")}
    new = {key: box for key, box in zip(after.keys, after.boxes, strict=True) if key in old and key != opened}
    assert set(new) == set(old) - {opened}
    headers = {before.keys[bracket.header] for bracket in before.brackets}
    for one, here in new.items():
        for other, there in new.items():
            if old[one].y + old[one].height <= old[other].y:
                assert here.y < there.y + there.height
            if here.y == there.y and old[one].x < old[other].x and not {one, other} & headers:
                assert here.x < there.x


@st.composite
def nested(draw: st.DrawFn) -> Graph:
    """Modules in modules, with edges from anywhere before."""
    make = Model()
    made = [make.input("x", 3)]

    def inside(path: str, depth: int) -> None:
        for number in range(draw(st.integers(1, 4))):
            if depth < 3 and draw(st.booleans()):
                inside(f"{path}.m{number}", depth + 1)
            else:
                at_ = make.module(path, path[-2:].upper())
                sources = draw(st.lists(st.sampled_from(made[-8:]), min_size=1, max_size=3, unique=True))
                if draw(st.booleans()):
                    sources.append(make.leaf(f"{path}.w{number}", 3))
                made.append(make.op(draw(st.sampled_from(["add", "mul"])), *sources, at=at_, line=depth, shape=(3,)))

    for number in range(draw(st.integers(1, 3))):
        inside(f"net{number}", 0)
    return make.graph()


@given(nested())
@settings(max_examples=80, deadline=None, derandomize=True)
def test_every_view_of_random_models(graph: Graph) -> None:
    tree = folding(graph)
    for view in (View(), modules(tree), opening(tree)):
        shown: Shown = show(graph, tree, view)
        Cells(draw_shown(graph, shown)).check()
        ops = sum(shown.inside[node].fold.size if node in shown.inside else 1 for node in op_nodes(shown))
        assert ops == tree.root.size


def op_nodes(shown: Shown) -> list[int]:
    return [node.id for node in shown.graph.nodes if node.kind == "op" and node.id not in shown.headers]
