"""Results of forward ops that the program has dropped and autograd has kept for its backward pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from torch import Tensor
from torch.autograd.graph import Node

from gradstep.program.tape.ops import Op
from gradstep.program.tape.tape import Tape
from gradstep.program.tensors.nodes import nodes_above
from gradstep.program.tensors.views import computable


class Saved:
    """Looks into the nodes under some roots, before backward frees what they hold."""

    def __init__(self, roots: Sequence[Tensor], tape: Tape) -> None:
        self._tape = tape
        self._nodes = {node._sequence_nr(): node for node in nodes_above([item for item in roots if item.grad_fn])}
        self._results: dict[int, Tensor] | None = None

    def result(self, op: Op) -> Tensor | None:
        """An op's result: as the program has it, if it is unchanged, else as the op's own node keeps it."""
        tensor = unchanged(op)
        if tensor is not None:
            return tensor
        node = self._nodes.get(op.seq)
        return None if node is None or op.hooked else _read(node, "_saved_result")

    def any_result(self, op: Op) -> Tensor | None:
        """The same, where the nodes that read it are searched as well: of all nodes at once, and only then."""
        tensor = self.result(op)
        if tensor is None:
            if self._results is None:
                self._results = dict(self._search())
            tensor = self._results.get(op.seq)
        return tensor

    def _search(self) -> Iterator[tuple[int, Tensor]]:
        """What each node keeps of the results of others, by the number of the node that made it."""
        for number, node in self._nodes.items():
            op = self._tape.get(number)
            if op is None or op.hooked or not node.next_functions:
                continue
            for name in dir(node):
                if name.startswith("_saved_") and "_sym_" not in name:
                    tensor = _read(node, name)
                    if tensor is not None and tensor.grad_fn is not None:
                        yield tensor.grad_fn._sequence_nr(), tensor


def unchanged(op: Op) -> Tensor | None:
    """An op's result, if it is still there and was not written to."""
    tensor = op.tensor()
    if tensor is None or not computable(tensor) or (op.kept is None and op.version != tensor._version):
        return None
    return tensor


def _read(node: Node, name: str) -> Tensor | None:
    """One tensor that a node keeps; None where it is freed, was written to, or is no plain tensor."""
    try:
        value = getattr(node, name, None)
    except RuntimeError:
        return None
    return value if isinstance(value, Tensor) and computable(value) else None
