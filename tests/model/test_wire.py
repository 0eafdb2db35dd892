"""A stop that goes without what the one before had arrives whole."""

import msgspec
import pytest
from gradstep.model.autograd import Autograd, AutogradNode
from gradstep.model.graph import Earlier, Graph, GraphNode, Local, Module
from gradstep.model.stop import Gradient, Stop
from gradstep.model.tensor import TensorView
from gradstep.model.wire import Kept, Receiver, Sender
from msgspec.structs import replace
from running import Runner

ENCODE = msgspec.msgpack.Encoder().encode


def view(value: float) -> TensorView:
    return TensorView((), "float32", "cpu", value=value)


def node(number: int, value: float = 0.0) -> GraphNode:
    return GraphNode(number, "op", f"n{number}", "mul", view(value))


def passed_on(stops: list[Stop]) -> tuple[list[Stop], list[int]]:
    """The stops as they arrive, and how many bytes each took."""
    sender, receiver, arrived, sizes = Sender(), Receiver(), list[Stop](), list[int]()
    for stop in stops:
        body = ENCODE(sender.shorten(stop))
        sizes.append(len(body))
        short, kept = msgspec.msgpack.decode(body, type=tuple[Stop, Kept])
        arrived.append(receiver.whole(short, kept))
    return arrived, sizes


NODES = tuple(node(number, float(number)) for number in range(4))
GRAPH = Graph(
    NODES, ((0, 2), (1, 2), (2, 3)), 3, 0, (Module("a", "A"),), (Local("f"), Local("g"), Local()), 1,
    Earlier((node(4),), ops=1), Autograd((AutogradNode(0, 0, 0, ()),), ("Mul",)), {1: view(3.0)},
)  # fmt: skip
STEPS = [
    GRAPH,
    GRAPH,
    replace(GRAPH, nodes=(*NODES[:2], node(2, 9.0), NODES[3])),
    replace(GRAPH, nodes=(*NODES, node(4)), edges=(*GRAPH.edges, (3, 4)), locals=(*GRAPH.locals, Local("h"))),
    replace(GRAPH, nodes=NODES[:3], edges=GRAPH.edges[:2], locals=GRAPH.locals[:2], root=2),
    replace(GRAPH, locals=(Local("f"), Local("other"), Local())),
    replace(GRAPH, locals=()),
    replace(GRAPH, edges=((1, 2), (0, 2), (2, 3)), modules=(Module("b", "B"), Module("a", "A"))),
    replace(GRAPH, inner={}, autograd=Autograd(), earlier=Earlier()),
    Graph(),
    replace(GRAPH, nodes=tuple(node(number, -0.0) for number in range(4))),
    replace(GRAPH, nodes=tuple(node(number, 0.0) for number in range(4))),
]


@pytest.mark.parametrize("first", STEPS)
def test_any_graph_arrives_whole_after_any_other(first: Graph) -> None:
    for second in STEPS:
        stops = [Stop(graph=first), Stop(graph=second), Stop(graph=first)]
        arrived, _ = passed_on(stops)
        assert list(map(ENCODE, arrived)) == list(map(ENCODE, stops))


def test_tensors_and_gradients_keep_their_order_and_may_go() -> None:
    one, two, other = view(1.0), view(2.0), view(-0.0)
    entry = Gradient(fresh=one)
    stops = [
        Stop(tensors={"a": one, "b": two}, gradients={"a": entry}),
        Stop(tensors={"b": two, "a": other}, gradients={"b": Gradient(), "a": entry}),
        Stop(tensors={"a": view(0.0)}),
        Stop(tensors={"c": two, "a": one}),
    ]
    arrived, _ = passed_on(stops)
    assert list(map(ENCODE, arrived)) == list(map(ENCODE, stops))


def test_what_has_not_changed_is_not_sent_again() -> None:
    nodes = tuple(node(number) for number in range(500))
    tensors = {f"t{number}": view(1.0) for number in range(500)}
    graph = Graph(nodes, tuple((number, number + 1) for number in range(499)))
    _, sizes = passed_on([Stop(graph=graph, tensors=tensors), Stop(graph=graph, tensors=tensors | {"t1": view(2.0)})])
    assert sizes[1] < sizes[0] / 5


@pytest.mark.parametrize(
    "name", ["gan.py", "two_losses.py", "variable_length.py", "batchnorm_inplace.py", "meta_step.py"]
)
def test_stops_of_a_program_node_by_node_arrive_whole(runner: Runner, name: str) -> None:
    stops = runner.watch(name, each=True).stops
    arrived, sizes = passed_on(stops)
    assert list(map(ENCODE, arrived)) == list(map(ENCODE, stops))
    assert sum(sizes) < 0.7 * sum(len(ENCODE(stop)) for stop in stops)
