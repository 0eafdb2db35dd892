"""Graphs of models as they would come from a program, with modules, lines and shapes; made by hand, no torch."""

from __future__ import annotations

from typing import Any

from gradstep.model.graph import Graph, GraphNode, Module
from gradstep.model.tensor import TensorView


def shaped(*shape: int) -> TensorView:
    return TensorView(shape, "float32", "cpu")


class Model:
    """Builds a graph call by call; every call gives the new node's id."""

    def __init__(self) -> None:
        self.nodes: list[GraphNode] = []
        self.edges: list[tuple[int, int]] = []
        self.kinds: dict[str, str] = {}
        self.leaves: dict[str, int] = {}
        self.counts: dict[str, int] = {}

    def module(self, path: str, kind: str) -> int:
        self.kinds.setdefault(path, kind)
        return list(self.kinds).index(path)

    def leaf(self, name: str, *shape: int) -> int:
        if name not in self.leaves:
            self.leaves[name] = self._add("leaf", name, view=shaped(*shape))
        return self.leaves[name]

    def input(self, name: str, *shape: int) -> int:
        return self._add("input", name, view=shaped(*shape))

    def op(self, op: str, *inputs: int, at: int = -1, line: int = 1, shape: tuple[int, ...] = (), **rest: Any) -> int:
        self.counts[op] = self.counts.get(op, 0) + 1
        name = rest.pop("name", op if self.counts[op] == 1 else f"{op}_{self.counts[op]}")
        view = rest.pop("view", shaped(*shape))
        node = self._add("op", name, op=op, line=line, file="/p.py", module=at, view=view, **rest)
        self.edges += [(source, node) for source in inputs]
        return node

    def linear(self, x: int, path: str, inner: int, outer: int, *lead: int) -> int:
        at = self.module(path, "Linear")
        weight, bias = self.leaf(f"{path}.weight", outer, inner), self.leaf(f"{path}.bias", outer)
        return self.op("linear", x, weight, bias, at=at, line=5, shape=(*lead, outer))

    def _add(self, kind: Any, name: str, **rest: Any) -> int:
        self.nodes.append(GraphNode(len(self.nodes), kind, name, **rest))
        return len(self.nodes) - 1

    def graph(self) -> Graph:
        modules = tuple(Module(path, kind) for path, kind in self.kinds.items())
        return Graph(tuple(self.nodes), tuple(self.edges), len(self.nodes) - 1, modules=modules)


def gpt(blocks: int = 12, b: int = 8, t: int = 64, c: int = 128) -> Graph:
    """A transformer as nanoGPT writes it: blocks in a ModuleList, pre-norm, two residuals a block."""
    make = Model()

    def norm(x: int, path: str) -> int:
        at = make.module(path, "LayerNorm")
        weight, bias = make.leaf(f"{path}.weight", c), make.leaf(f"{path}.bias", c)
        return make.op("layer_norm", x, weight, bias, at=at, line=9, shape=(b, t, c))

    def attention(x: int, path: str) -> int:
        at = make.module(path, "Attention")
        heads = []
        for part, line in zip("qkv", (30, 31, 32), strict=True):
            h = make.linear(x, f"{path}.{part}", c, c, b, t)
            h = make.op("view", h, at=at, line=line, shape=(b, t, 4, c // 4))
            heads.append(make.op("transpose", h, at=at, line=line, shape=(b, 4, t, c // 4)))
        k = make.op("transpose", heads[1], at=at, line=33, shape=(b, 4, c // 4, t))
        weights = make.op("matmul", heads[0], k, at=at, line=33, shape=(b, 4, t, t))
        mask = make.input(f"{path}.mask", t, t)
        weights = make.op("masked_fill", weights, mask, at=at, line=34, shape=(b, 4, t, t))
        weights = make.op("softmax", weights, at=at, line=35, shape=(b, 4, t, t))
        mixed = make.op("matmul", weights, heads[2], at=at, line=36, shape=(b, 4, t, c // 4))
        mixed = make.op("reshape", mixed, at=at, line=37, shape=(b, t, c))
        return make.linear(mixed, f"{path}.proj", c, c, b, t)

    top, wte, wpe = (
        make.module("model", "GPT"),
        make.module("model.wte", "Embedding"),
        make.module("model.wpe", "Embedding"),
    )
    tokens = make.op("embedding", make.input("x", b, t), make.leaf("model.wte.weight", 1000, c), at=wte, line=60,
                     shape=(b, t, c))  # fmt: skip
    places = make.op("embedding", make.input("constant", t), make.leaf("model.wpe.weight", t, c), at=wpe, line=60,
                     shape=(t, c))  # fmt: skip
    x = make.op("add", tokens, places, at=top, line=61, shape=(b, t, c))
    for block in range(blocks):
        path = f"model.blocks.{block}"
        at = make.module(path, "Block")
        x = make.op("add", x, attention(norm(x, f"{path}.ln_1"), f"{path}.attn"), at=at, line=50, shape=(b, t, c))
        mlp = make.module(f"{path}.mlp", "MLP")
        hidden = make.linear(norm(x, f"{path}.ln_2"), f"{path}.mlp.fc", c, 4 * c, b, t)
        hidden = make.op("gelu", hidden, at=mlp, line=44, shape=(b, t, 4 * c))
        x = make.op("add", x, make.linear(hidden, f"{path}.mlp.proj", 4 * c, c, b, t), at=at, line=51, shape=(b, t, c))
    head = make.module("model.head", "Linear")
    normed, tied = norm(x, "model.ln_f"), make.leaf("model.wte.weight")
    logits = make.op("linear", normed, tied, at=head, line=5, shape=(b, t, 1000))
    flat = make.op("view", logits, line=80, shape=(b * t, 1000))
    make.op(
        "cross_entropy", flat, make.input("y", b * t), line=80, name="loss", view=TensorView((), "float32", "cpu", 6.9)
    )
    return make.graph()


def resnet(stages: tuple[int, ...] = (2, 2, 2, 2)) -> Graph:
    """A residual net: stages of basic blocks in Sequentials, the first of a stage with a downsampled skip."""
    make = Model()
    top = make.module("net", "ResNet")

    def conv(x: int, path: str, outer: int, inner: int, size: int, kernel: int = 3) -> int:
        at = make.module(path, "Conv2d")
        weight = make.leaf(f"{path}.weight", outer, inner, kernel, kernel)
        return make.op("conv2d", x, weight, at=at, line=3, shape=(32, outer, size, size))

    def norm(x: int, path: str, c: int, size: int) -> int:
        at = make.module(path, "BatchNorm2d")
        weight, bias = make.leaf(f"{path}.weight", c), make.leaf(f"{path}.bias", c)
        return make.op("batch_norm", x, weight, bias, at=at, line=4, shape=(32, c, size, size))

    x = norm(conv(make.input("images", 32, 3, 32, 32), "net.conv1", 64, 3, 32), "net.bn1", 64, 32)
    x = make.op("relu", x, at=top, line=40, shape=(32, 64, 32, 32))
    before, size = 64, 32
    for number, blocks in enumerate(stages, 1):
        width = 64 * 2 ** (number - 1)
        for block in range(blocks):
            path = f"net.layer{number}.{block}"
            at = make.module(path, "BasicBlock")
            size //= 2 if block == 0 and number > 1 else 1
            h = norm(conv(x, f"{path}.conv1", width, before, size), f"{path}.bn1", width, size)
            h = make.op("relu", h, at=at, line=20, shape=(32, width, size, size))
            h = norm(conv(h, f"{path}.conv2", width, width, size), f"{path}.bn2", width, size)
            if before != width:
                x = conv(x, f"{path}.downsample.0", width, before, size, 1)
                x = norm(x, f"{path}.downsample.1", width, size)
            x = make.op("add", h, x, at=at, line=24, shape=(32, width, size, size))
            x = make.op("relu", x, at=at, line=24, shape=(32, width, size, size))
            before = width
    x = make.op("mean", x, at=top, line=45, shape=(32, before))
    x = make.linear(x, "net.fc", before, 10, 32)
    make.op(
        "cross_entropy", x, make.input("labels", 32), line=70, name="loss", view=TensorView((), "float32", "cpu", 2.3)
    )
    return make.graph()


def lstm(steps: int = 1000, modules: bool = True) -> Graph:
    """An LSTM unrolled by hand: 32 operations a step over two layers, in modules or in a plain loop."""
    make = Model()
    b, h = 16, 64
    x = make.input("x", steps, b, h)
    state = [make.op("zeros_like", x, line=18, shape=(b, h)) for _ in range(4)]
    outputs = []
    for _ in range(steps):
        part = make.op("select", x, line=20, shape=(b, h))
        for layer in range(2):
            path = f"rnn.cells.{layer}"
            at = make.module(path, "Cell") if modules else -1
            names = [f"{path}.weight_ih", f"{path}.weight_hh"] if modules else [f"W_{layer}", f"U_{layer}"]
            weights = [make.leaf(name, 4 * h, h) for name in names]
            old, cell = state[2 * layer], state[2 * layer + 1]
            gates = [
                make.op("matmul", v, w, at=at, line=8, shape=(b, 4 * h))
                for v, w in zip((part, old), weights, strict=True)
            ]
            both = make.op("add", *gates, at=at, line=8, shape=(b, 4 * h))
            i, f, g, o = (make.op("chunk", both, at=at, line=9, shape=(b, h)) for _ in range(4))
            i, f, o = (make.op("sigmoid", gate, at=at, line=10, shape=(b, h)) for gate in (i, f, o))
            g = make.op("tanh", g, at=at, line=10, shape=(b, h))
            kept = make.op("mul", f, cell, at=at, line=11, shape=(b, h))
            new = make.op("add", kept, make.op("mul", i, g, at=at, line=11, shape=(b, h)), at=at, line=11, shape=(b, h))
            part = make.op("mul", o, make.op("tanh", new, at=at, line=12, shape=(b, h)), at=at, line=12, shape=(b, h))
            state[2 * layer : 2 * layer + 2] = [part, new]
        outputs.append(part)
    last = make.op("stack", *outputs[-16:], line=30, shape=(16, b, h))
    make.op(
        "mse_loss", last, make.input("y", 16, b, h), line=31, name="loss", view=TensorView((), "float32", "cpu", 1.0)
    )
    return make.graph()


def plain_loop(steps: int = 300) -> Graph:
    """A recurrence by hand, without modules."""
    make = Model()
    w, u, h = make.leaf("W", 64, 64), make.leaf("U", 64, 64), make.input("h0", 32, 64)
    for _ in range(steps):
        x = make.input("constant", 32, 64)
        both = [make.op("matmul", x, w, line=12, shape=(32, 64)), make.op("matmul", h, u, line=12, shape=(32, 64))]
        h = make.op("tanh", make.op("add", *both, line=12, shape=(32, 64)), line=13, shape=(32, 64))
    out = make.op("linear", h, make.leaf("V", 10, 64), line=15, shape=(32, 10))
    make.op("cross_entropy", out, make.input("y", 32), line=16, name="loss", view=TensorView((), "float32", "cpu", 2.3))
    return make.graph()
