"""Op by op the graph grows; what it becomes is what is drawn at the end of the pass at once."""

from __future__ import annotations

import pytest
from gradstep.model.graph import Graph, GraphNode
from gradstep.model.stop import Stop
from running import PROGRAMS, Runner

PROGRAM = """
import torch
torch.manual_seed(0)
w = torch.randn(3, requires_grad=True)
x = torch.tensor([1.0, 2.0, 3.0])
optimizer = torch.optim.SGD([w], lr=0.01)
for _ in range(2):
    h = w * x
    h = torch.relu(h)
    h = h + w
    kept = h.sum()
    h = h.exp()
    loss = h.mean() + kept
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""


def drawn(node: GraphNode) -> tuple[object, ...]:
    return node.kind, node.op, node.line, str(node.view.value) if node.view is not None else ""


def edges(graph: Graph) -> list[tuple[str, str]]:
    return [(graph.nodes[source].op or graph.nodes[source].name, graph.nodes[to].op) for source, to in graph.edges]


def passes(stops: list[Stop]) -> list[list[Stop]]:
    """The op stops of each forward pass, with the stop at its end."""
    found: list[list[Stop]] = [[]]
    for stop in stops:
        if stop.phase == "forward":
            found[-1].append(stop)
            if stop.whole:
                found.append([])
    return found[:-1]


@pytest.mark.parametrize("name", ["two_losses.py", "minibatch.py", "variable_length.py", "batchnorm_inplace.py", ""])
def test_the_last_op_shows_the_graph_of_the_whole_pass(name: str, runner: Runner, tmp_path_factory) -> None:  # type: ignore[no-untyped-def]
    path = PROGRAMS / name
    if not name:
        path = tmp_path_factory.mktemp("grows") / "rebinds.py"
        path.write_text(PROGRAM)
    for *ops, end in passes(runner.watch(path, each=True).stops):
        last = ops[-1].graph
        assert {drawn(node) for node in end.graph.nodes} <= {drawn(node) for node in last.nodes}
        assert set(edges(end.graph)) <= set(edges(last))
        assert [stop.step.box for stop in ops if stop.step is not None] == [
            node.id for node in last.nodes if node.kind == "op"
        ]


def test_an_op_keeps_its_box_and_gives_its_name_on(runner: Runner, tmp_path_factory) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path_factory.mktemp("rebinds") / "rebinds.py"
    path.write_text(PROGRAM)
    first, second = passes(runner.watch(path, each=True).stops)
    for ops in (first, second):
        names = [[node.name for node in stop.graph.nodes if node.kind == "op"] for stop in ops[:-1]]
        assert names[0] == ["h"]
        assert names[1] == ["mul", "h"]
        assert names[2] == ["mul", "relu", "h"]
        assert names[4][-2:] == ["kept", "h"]
        assert names[-1][-1] == "loss"
