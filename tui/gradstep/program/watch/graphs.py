"""Recorded ops to the graph of one loss, and to what identifies it: its site and its data."""

from __future__ import annotations

import linecache
import zlib
from collections.abc import Callable

from torch import Tensor

from gradstep.model.graph import Graph, GraphNode
from gradstep.model.tensor import TensorView
from gradstep.program.host.frames import line_of
from gradstep.program.watch.leaves import Leaf
from gradstep.program.watch.ops import Constant, Op, Result
from gradstep.program.watch.views import quick

MOST_DRAWN = 2_000
"""Ops of one graph that are sent to the screen."""

_RANDOM = ("dropout", "rrelu", "bernoulli", "gumbel", "attention", "lstm", "gru", "rnn_", "compiled", "checkpoint")


def feeding(roots: list[Op], by_seq: dict[int, Op]) -> list[Op]:
    """The ops that the roots depend on, in the order of execution."""
    found: dict[int, Op] = {}
    pending = list(roots)
    while pending:
        op = pending.pop()
        if op.number in found:
            continue
        found[op.number] = op
        pending += [by_seq[item] for item in op.inputs if isinstance(item, int) and item in by_seq]
    return [found[number] for number in sorted(found)]


def site_of(root: Op, ops: list[Op]) -> str:
    """Equal for roots made by the same code from the same leaves: same lines on the call stack, same sequence of ops.

    Lines are compared by their text, for a notebook repeats a line in another cell and a script in another place.
    """
    check = 0
    for code, instruction in root.stack or (((root.code, root.instruction),) if root.code is not None else ()):
        text = linecache.getline(code.co_filename, line_of(code, instruction)).strip()
        check = zlib.crc32(f"{code.co_name}:{text}".encode(), check)
    leaves = sorted({item.lineage for op in ops for item in op.inputs if type(item) is Leaf})
    check = zlib.crc32(f"{' '.join(op.name for op in ops)} {leaves}".encode(), check)
    return f"{check:08x}"


def data_of(ops: list[Op], random_state: int, later_state: int) -> str:
    """Equal for roots of equal site fed the same constants and, where ops draw from it, the same random state."""
    parts: list[object] = []
    for op in ops:
        parts += [item.print() for item in op.inputs if type(item) is Constant]
        parts += op.scalars
    check = zlib.crc32(repr(parts).encode())
    if random_state != later_state and any(part in op.name for op in ops for part in _RANDOM):
        check = zlib.crc32(str(random_state).encode(), check)
    return f"{check:08x}"


class GraphBuilder:
    """Makes the drawable graph; asks `name_of` for the user's name of a tensor."""

    def __init__(self, name: Callable[[Tensor | None], str | None], by_seq: dict[int, Op]) -> None:
        self._name = name
        self._by_seq = by_seq
        self._nodes: list[GraphNode] = []
        self._edges: list[tuple[int, int]] = []
        self._ids: dict[object, int] = {}
        self._used: dict[str, int] = {}
        self.node_of: dict[int, int] = {}
        """Node of each op, by the sequence number of its result."""

    def build(self, ops: list[Op], root: Op) -> Graph:
        """Nodes and edges of those ops, of a very large graph only of the last ones; the root is the loss."""
        for op in ops[-MOST_DRAWN:]:
            sources = [source for source in (self._input(item) for item in op.inputs) if source is not None]
            node = self._add(op, "op", self._op_name(op), op.name, _small(op.tensor(), op), op)
            self.node_of[op.seq] = node
            self._edges += [(source, node) for source in sources]
        omitted = max(0, len(ops) - MOST_DRAWN)
        return Graph(tuple(self._nodes), tuple(self._edges), self._ids.get(root, -1), omitted)

    def _op_name(self, op: Op) -> str:
        self._used[op.name] = self._used.get(op.name, 0) + 1
        number = self._used[op.name]
        own = op.name if number == 1 else f"{op.name}_{number}"
        return self._name(op.ref()) or own

    def _input(self, item: int | Leaf | Constant) -> int | None:
        if isinstance(item, int):
            op = self._by_seq.get(item)
            if op in self._ids:
                return self._ids[op]
            known = self._ids.get(item)
            return self._add(item, "input", "earlier result", "", None, None) if known is None else known
        if item in self._ids:
            return self._ids[item]
        if isinstance(item, Leaf):
            return self._add(item, "leaf", item.name, "", _small(item.tensor, None), None)
        name = self._name(item.ref())
        shown = _small(item.tensor(), item)
        return self._add(item, "input", name or "constant", "", shown, None)

    def _add(self, key: object, kind: str, name: str, op: str, shown: TensorView | None, made_by: Op | None) -> int:
        code = made_by.code if made_by is not None else None
        line = line_of(code, made_by.instruction) if code is not None and made_by is not None else 0
        number = self._ids[key] = len(self._nodes)
        file = code.co_filename if code is not None else ""
        self._nodes.append(GraphNode(number, kind, name, op, shown, None, line, file))  # type: ignore[arg-type]
        return number


def _small(tensor: Tensor | None, result: Result | None) -> TensorView | None:
    """A small tensor's values, of a large one the shape alone."""
    if tensor is None:
        return None if result is None else result.frame()
    return quick(tensor)
