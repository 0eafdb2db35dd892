"""Graphs of the shapes that real programs make, for the tests of the drawing."""

from collections.abc import Callable
from typing import Any

import pytest
from gradstep.model.graph import Graph, GraphNode, NodeKind
from gradstep.model.tensor import TensorView


def tensor(value: Any = None, shape: tuple[int, ...] | None = None) -> TensorView:
    if shape is None:
        shape = (len(value),) if isinstance(value, list) else ()
    return TensorView(shape, "float32", "cpu", value)


class Maker:
    """Builds a graph node by node; every call returns the new node's id."""

    def __init__(self) -> None:
        self.nodes: list[GraphNode] = []
        self.edges: list[tuple[int, int]] = []
        self.counts: dict[str, int] = {}

    def add(self, kind: NodeKind, name: str, op: str = "", inputs: tuple[int, ...] = (), **rest: Any) -> int:
        node = GraphNode(len(self.nodes), kind, name, op, line=len(self.nodes) + 1, file="/p.py", **rest)
        self.nodes.append(node)
        self.edges += [(source, node.id) for source in inputs]
        return node.id

    def leaf(self, name: str, *shape: int, **rest: Any) -> int:
        return self.add("leaf", name, **({"view": tensor(shape=shape)} | rest))

    def input(self, name: str, *shape: int, **rest: Any) -> int:
        return self.add("input", name, **({"view": tensor(shape=shape)} | rest))

    def op(self, op: str, *inputs: int, name: str = "", shape: tuple[int, ...] = (32, 64), **rest: Any) -> int:
        self.counts[op] = self.counts.get(op, 0) + 1
        number = f"_{self.counts[op]}" if self.counts[op] > 1 else ""
        return self.add("op", name or op + number, op, inputs, **({"view": tensor(shape=shape)} | rest))

    def linear(self, x: int, name: str, a: int, b: int) -> int:
        weight, bias = self.leaf(f"{name}.weight", b, a), self.leaf(f"{name}.bias", b)
        return self.op("linear", x, weight, bias, shape=(32, b))

    def graph(self) -> Graph:
        return Graph(tuple(self.nodes), tuple(self.edges), len(self.nodes) - 1)


def three_weights(gradients: bool = True) -> Graph:
    make = Maker()

    def of(*values: float) -> dict[str, Any]:
        value = list(values) if len(values) > 1 else values[0]
        return {"gradient": tensor(value)} if gradients else {}

    w = make.leaf("w", view=tensor([0.2515, -0.1228, 1.6257]), **of(-2.4796, -3.7194, -1.2398))
    x = make.input("x", view=tensor([2.0, 3.0, 1.0]))
    y_hat = make.op("matmul", w, x, name="y_hat", view=tensor(1.7602), **of(-1.2398))
    y = make.input("y", view=tensor(3.0))
    sub = make.op("sub", y_hat, y, view=tensor(-1.2398), **of(-2.4796))
    make.op("pow", sub, name="loss", view=tensor(1.5371), **of(1.0))
    return make.graph()


def square() -> Graph:
    make = Maker()
    x = make.leaf("x", view=tensor(3.0))
    make.op("mul", x, x, name="loss", view=tensor(9.0))
    return make.graph()


def mlp() -> Graph:
    make = Maker()
    hidden = make.op("relu", make.linear(make.input("x", 32, 784), "model.fc1", 784, 128), shape=(32, 128))
    logits = make.linear(hidden, "model.fc2", 128, 10)
    make.op("cross_entropy", logits, make.input("labels", 32), name="loss", view=tensor(2.3026))
    return make.graph()


def gan() -> Graph:
    make = Maker()
    discriminator = [make.leaf(f"D.net.{i}.{what}", 64, 64) for i in (0, 2) for what in ("weight", "bias")]
    ones = make.input("ones", 32, 1)

    def judge(x: int, label: int) -> int:
        hidden = make.op("leaky_relu", make.op("linear", x, *discriminator[:2]))
        logit = make.op("linear", hidden, *discriminator[2:])
        return make.op("bce_with_logits", logit, label, shape=())

    fake = make.linear(make.op("relu", make.linear(make.input("z", 32, 16), "G.net.0", 16, 64)), "G.net.2", 64, 64)
    real_loss = judge(make.input("real", 32, 64), ones)
    fake_loss = judge(fake, make.input("zeros", 32, 1))
    make.op("add", real_loss, fake_loss, name="loss_D", view=tensor(1.3863))
    return make.graph()


def rnn(steps: int = 8) -> Graph:
    make = Maker()
    weights = [make.leaf(f"rnn.{name}", 64, 64) for name in ("weight_ih", "bias_ih", "weight_hh", "bias_hh")]
    head = [make.leaf("head.weight", 10, 64), make.leaf("head.bias", 10)]
    h, losses = make.input("h0", 32, 64), []
    for step in range(steps):
        left = make.op("linear", make.input(f"x[{step}]", 32, 8), *weights[:2])
        right = make.op("linear", h, *weights[2:])
        h = make.op("tanh", make.op("add", left, right))
        losses.append(make.op("linear", h, *head, shape=(32, 10)))
    out = make.op("stack", *losses, shape=(steps, 32, 10))
    make.op("cross_entropy", out, make.input("target", steps, 32), name="loss", view=tensor(2.3))
    return make.graph()


def transformer(blocks: int = 12) -> Graph:
    make = Maker()
    x = make.op("embedding", make.input("tokens", 8, 64), make.leaf("wte.weight", 1000, 64), shape=(8, 64, 64))
    for block in range(blocks):
        name = f"h.{block}"

        def norm(x: int, which: str, name: str = name) -> int:
            weight, bias = make.leaf(f"{name}.{which}.weight", 64), make.leaf(f"{name}.{which}.bias", 64)
            return make.op("layer_norm", x, weight, bias)

        normed = norm(x, "ln_1")
        q, k, v = (make.linear(normed, f"{name}.attn.{part}", 64, 64) for part in "qkv")
        weights = make.op("softmax", make.op("masked_fill", make.op("matmul", q, make.op("transpose", k))))
        mixed = make.linear(make.op("matmul", weights, v), f"{name}.attn.proj", 64, 64)
        x = make.op("add", x, mixed)
        hidden = make.op("gelu", make.linear(norm(x, "ln_2"), f"{name}.mlp.fc", 64, 256))
        x = make.op("add", x, make.linear(hidden, f"{name}.mlp.proj", 256, 64))
    logits = make.linear(x, "lm_head", 64, 1000)
    make.op("cross_entropy", logits, make.input("targets", 8, 64), name="loss", view=tensor(6.9078))
    return make.graph()


def densenet(layers: int = 10) -> Graph:
    make = Maker()
    features = [make.input("image", 8, 3, 32, 32)]
    for layer in range(layers):
        joined = make.op("cat", *features)
        features.append(make.op("relu", make.op("conv2d", joined, make.leaf(f"conv{layer}.weight", 12, 12, 3, 3))))
    make.op("mean", make.op("cat", *features), name="loss", view=tensor(0.5))
    return make.graph()


SAMPLES: dict[str, Callable[[], Graph]] = {
    "three weights": three_weights,
    "square": square,
    "mlp": mlp,
    "gan": gan,
    "rnn": rnn,
    "rnn of 300 steps": lambda: rnn(300),
    "attention block": lambda: transformer(1),
    "transformer": transformer,
    "densenet": densenet,
}


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_are_in_topological_order(name: str) -> None:
    graph = SAMPLES[name]()
    assert all(source < target for source, target in graph.edges)
    assert [node.id for node in graph.nodes] == list(range(len(graph.nodes)))
