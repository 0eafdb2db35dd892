"""One op's part of autograd's graph, run by hand."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.autograd.graph import Node

from gradstep.program.tape.ops import Op
from gradstep.program.tensors.private import FunctionBase

_NOT_TO_BE_RUN = ("CopySlices", "Checkpoint", "Rnn", "rnn", "Compiled", "AccumulateGrad")
"""Nodes that deposit, run the program's own code, or may not be run twice."""

Leaving = list[tuple[Node, Tensor]]
"""Gradients that leave an op, each with the node that it goes to."""


def pull_back(op: Op, nodes: dict[int, Node], delta: Tensor) -> Leaving | None:
    """What an op makes of the gradient `delta` of its (first) result: its vector-Jacobian product.

    Its nodes are called as autograd's engine would call them, without the program's hooks and without freeing the
    graph. None where that is not possible: a node of Python, one already freed.
    """
    arrived: dict[int, list[Tensor | None]] = {}
    last = nodes.get(op.seq)
    if last is None:
        return None
    arrived[op.seq] = [delta, *[None] * (_results(last) - 1)]
    leaving: Leaving = []
    for seq in range(op.seq, op.first_seq - 1, -1):
        grads = arrived.get(seq)
        if grads is None:
            continue
        node = nodes[seq]
        if not _may_be_run(node):
            return None
        try:
            made = node(*grads)  # type: ignore[operator]
        except RuntimeError:
            return None
        for (above, number), raw in zip(node.next_functions, made if isinstance(made, tuple) else (made,), strict=True):
            if above is None or raw is None:
                continue
            if raw.is_nested:
                return None
            grad = _fitted(raw, above, number)
            number_above = above._sequence_nr()
            if above.next_functions and op.first_seq <= number_above < seq:
                entries = arrived.setdefault(number_above, [None] * _results(above))
                before = entries[number]
                entries[number] = grad if before is None else before + grad
            else:
                leaving.append((above, grad))
    return leaving


def _fitted(grad: Tensor, node: Node, number: int) -> Tensor:
    """As the engine does: what was broadcast is summed up, and the dtype is that of the result."""
    expected = node._input_metadata[number]
    if grad.layout is torch.strided and grad.shape != expected.shape:
        grad = grad.sum_to_size(expected.shape)
    return grad.to(expected.dtype)


def _may_be_run(node: Node) -> bool:
    name = node.name()
    python = FunctionBase is None or isinstance(node, FunctionBase)
    return not python and not any(part in name for part in _NOT_TO_BE_RUN)


def _results(node: Node) -> int:
    return len(node._input_metadata)
