"""Autograd's nodes, and what of a large graph comes late: as torch itself tells it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import gradstep.lessons
import pytest
from gradstep.app.runs.history import History
from gradstep.draw.graph.at_stop import current_node, graph_at
from gradstep.draw.graph.find import find
from gradstep.draw.graph.fold import folding
from gradstep.model.message import Go, Launch, Statistics, Stopped
from gradstep.model.stop import Stop
from running import PROGRAMS, Runner, Stage

LESSONS = Path(gradstep.lessons.__path__[0])
WALK = Path(__file__).parent / "torch_walk.py"
RNN = PROGRAMS / "deep_rnn.py"
OPS = 299 * 10 + 1
"""Of one forward pass of the RNN, without those that need no gradient."""


def met_from_root(stop: Stop) -> list[tuple[str, list[int], Any]]:
    """The same as `torch_walk` writes, from what the screen knows."""
    autograd = stop.graph.autograd
    met = [len(autograd.nodes) - 1]
    places = {met[0]: 0}
    found = []
    for at in met:
        node = autograd.nodes[at]
        for other in node.to:
            if other not in places:
                places[other] = len(met)
                met.append(other)
        leaf = stop.graph.node(node.box) if autograd.name(at) == "AccumulateGrad" else None
        view = None if leaf is None else stop.tensors[leaf.name]
        content = None if view is None else view.value if view.value is not None else view.shape
        found.append((autograd.name(at), [places[other] for other in node.to], content))
    assert len(met) == len(autograd.nodes), "a node is not under the root"
    return found


def shape_of(content: Any) -> list[int]:
    return [len(content), *shape_of(content[0])] if isinstance(content, list) else []


def flat(content: Any) -> list[float]:
    return [one for part in content for one in flat(part)] if isinstance(content, list) else [content]


def is_leaf(found: Any, expected: Any) -> bool:
    """Whether what the screen knows of a leaf, its content or of a large one its shape, is what torch says."""
    if isinstance(found, tuple):
        return list(found) == shape_of(expected)
    return (found is None) == (expected is None) and (found is None or flat(found) == pytest.approx(flat(expected)))


@pytest.mark.parametrize(
    "path",
    [
        LESSONS / "three_weights.py", LESSONS / "one_weight.py", PROGRAMS / "custom_function.py",
        PROGRAMS / "batchnorm_inplace.py", PROGRAMS / "shared_frozen_unused.py", PROGRAMS / "checkpoint.py",
        PROGRAMS / "sparse_embedding.py", PROGRAMS / "gan.py", PROGRAMS / "two_losses.py", RNN,
    ],
    ids=lambda path: path.stem,
)  # fmt: skip
def test_the_nodes_are_those_that_torch_walks(path: Path, runner: Runner, tmp_path: Path) -> None:
    out = tmp_path / "walked.json"
    assert runner.plain(WALK, str(path), str(out)) == 0
    walks = [json.loads(line) for line in out.read_text().splitlines()]
    watched, _ = runner.drive(path, *[Go("phase")] * 4)
    compared = 0
    backwards = -1
    for stop in watched.stops[:5]:
        backwards += stop.phase == "backward"
        if not stop.graph.autograd.nodes:
            continue
        assert stop.graph.autograd.missing == 0
        expected = walks[backwards + (stop.phase == "forward")]
        found = met_from_root(stop)
        assert [(name, to) for name, to, _ in found] == [(name, to) for name, to, _ in expected]
        for (name, _, mine), (_, _, theirs) in zip(found, expected, strict=True):
            assert is_leaf(mine, theirs), name
        compared += 1
    assert compared


def test_each_node_knows_its_operation(runner: Runner) -> None:
    watched, _ = runner.drive(LESSONS / "three_weights.py", Go("phase"))
    graph = graph_at(watched.stops[1], autograd=True)
    assert [(node.op, node.name) for node in graph.nodes] == [
        ("AccumulateGrad", "w"),
        ("DotBackward0", "y_hat = matmul"),
        ("SubBackward0", "sub"),
        ("PowBackward0", "loss = pow"),
    ]
    assert (graph.edges, graph.root) == (((0, 1), (1, 2), (2, 3)), 3)


@pytest.mark.parametrize("name", ["batchnorm_inplace.py", "shared_frozen_unused.py", "gan.py", "deep_rnn.py"])
def test_nodes_hand_on_along_the_edges_of_the_operations(name: str, runner: Runner) -> None:
    watched, _ = runner.drive(PROGRAMS / name, Go("phase"))
    graph, nodes = watched.stops[1].graph.joined(), watched.stops[1].graph.autograd.nodes
    handed = {(nodes[above].box, node.box) for node in nodes for above in node.to}
    assert {(source, to) for source, to in handed if source != to} <= set(graph.edges)
    assert {node.box for node in nodes} == {node.id for node in graph.nodes if node.kind != "input"}


def events_of(stage: Stage, *hurried: int) -> list[Stopped | Statistics]:
    """What the RNN tells up to its second forward stop; at these stops the next phase is asked for at once."""
    found: list[Stopped | Statistics] = []
    launch = Launch("file", str(RNN), (str(RNN),), str(PROGRAMS), None, 7)
    with stage.source(launch, quiet=True) as (source, events):
        while True:
            event = events.get(timeout=120)
            if isinstance(event, Stopped):
                found.append(event)
                ready = event.stop.phase == "start" or event.stop.index in hurried
            elif isinstance(event, Statistics):
                found.append(event)
                ready = event.last and event.index not in hurried
                if ready and event.index == 4:
                    return found
            else:
                ready = False
            if ready:
                source.send(Go("phase"))


def history_of(events: list[Stopped | Statistics]) -> History:
    history = History()
    for event in events:
        if isinstance(event, Stopped):
            history.add(event.stop)
        else:
            history.complete(event)
    return history


def test_what_was_too_much_at_once_comes_late_and_is_found(stage: Stage) -> None:
    history = history_of(events_of(stage))
    forward, backward, update, second = history.stops[1:]
    for stop in (forward, backward, update, second):
        assert stop.graph.omitted == OPS - 2000
        assert stop.graph.awaited == 0
        assert len(stop.graph.autograd.nodes) == OPS + 4
        graph = graph_at(stop)
        ops = [at for at, node in enumerate(graph.nodes) if node.kind == "op"]
        assert len(ops) == OPS
        assert graph.root == ops[-1]
        assert all(source < to for source, to in graph.edges)
        tree = folding(graph)
        names = [graph.nodes[tree.ops[match.place]].name for match in find(graph, tree, "tanh*")]
        assert names == ["tanh", *(f"tanh_{number}" for number in range(2, 299)), "h"]
    assert backward.graph.earlier is forward.graph.earlier
    assert second.graph.earlier is forward.graph.earlier
    assert second.graph.autograd is forward.graph.autograd


def test_a_stop_that_is_left_at_once_gets_what_comes_at_the_next(stage: Stage) -> None:
    history = history_of(events_of(stage, 1))
    forward, backward = history.stops[1:3]
    for stop in (forward, backward):
        assert stop.graph.awaited == 0
        assert len(stop.graph.autograd.nodes) == OPS + 4
    assert graph_at(forward).edges == graph_at(backward).edges


def test_every_node_of_backward_is_found_among_the_nodes(stage: Stage) -> None:
    """Where nobody leaves the forward stop before they have come."""
    path = LESSONS / "three_weights.py"
    history = History()
    launch = Launch("file", str(path), (str(path),), str(LESSONS), None, 7)
    with stage.source(launch, quiet=True) as (source, events):
        while len(history) < 10:
            event = events.get(timeout=120)
            if isinstance(event, Stopped):
                history.add(event.stop)
            elif isinstance(event, Statistics):
                history.complete(event)
            inside = history.last.phase == "start" or not history.last.whole
            left = isinstance(event, Stopped) and inside
            if left or (isinstance(event, Statistics) and event.last and not inside):
                source.send(Go("op"))
    steps = [stop for stop in history.stops if stop.phase == "backward" and stop.step is not None]
    ran = []
    for stop in steps:
        graph = graph_at(stop, autograd=True)
        ran.append(graph.nodes[current_node(stop, graph, autograd=True)].op)
    assert ran == ["PowBackward0", "SubBackward0", "DotBackward0", "AccumulateGrad"]
