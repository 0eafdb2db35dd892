"""The loss of a forward pass: its value, the code that made it, the data that it was fed."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from gradstep.program.graph.graphs import data_of, draws_random, site_of
from gradstep.program.leaves.scaling import Scaling
from gradstep.program.tape.ops import Constant, Op, fingerprint
from gradstep.program.tape.tape import Tape
from gradstep.program.tensors.devices import random_state
from gradstep.program.tensors.quiet import quiet
from gradstep.program.tensors.views import computable, name_of, shortest


@dataclass(frozen=True)
class Root:
    """What backward is called on: one result or several, with the ops that feed it."""

    op: Op
    """That made the (last) root; of a scaled loss that which made the loss."""
    ops: list[Op]
    """All that it depends on, in their order."""
    value: float | None
    """Sum of the roots, without a GradScaler's factor; None if one of them is no scalar."""
    dtype: str
    tensors: list[Tensor]
    """The roots, with their autograd graph; empty if the program has dropped them."""
    newest: int
    """Largest sequence number among the roots."""
    site: str


def coarsest(root: Root) -> str:
    """The half-precision dtype among the results that it was made of; empty if there is none."""
    kinds = {op.dtype if op.kept is None else op.kept.dtype for op in root.ops}
    return next((name_of(kind) for kind in (torch.bfloat16, torch.float16) if kind in kinds), "")


def find_root(tensors: Sequence[Tensor], tape: Tape, scaling: Scaling) -> Root | None:
    """The root that those results are; None for leaves alone."""
    found = [(op, item) for item in tensors if (op := tape.root(item)) is not None]
    if not found:
        return None
    newest = max(op.seq for op, _ in found)
    ops = tape.feeding([op for op, _ in found])
    op, values = found[-1][0], [item for _, item in found]
    loss = scaling.unscaled(values[0]) if len(values) == 1 else None
    if loss is not None:
        op, values = tape.root(loss) or op, [loss]
    value, kind = _sum(values)
    return Root(op, ops, value, kind, values, newest, site_of(op, ops))


def kept_root(op: Op, tape: Tape) -> Root:
    """A root that the program may have dropped, but whose value was kept."""
    tensor = op.tensor()
    value, kind = (None, "float32") if tensor is None else _sum([tensor])
    ops = tape.feeding([op])
    alive = op.ref()
    return Root(op, ops, value, kind, [] if alive is None else [alive], op.seq, site_of(op, ops))


def is_statistic(root: Root) -> bool:
    """Whether a scalar depends on leaves alone: `w[3]`, a weight's norm."""
    return not any(type(item) is Constant for op in root.ops for item in op.inputs)


class PassSeed:
    """The default generator's state where a forward pass began."""

    def __init__(self) -> None:
        self._begin = 0
        self._next: int | None = None

    def note(self) -> None:
        """An op is about to run that may be the first of a pass, and may draw."""
        if self._next is None:
            self._next = _state()

    def begin(self) -> None:
        """A forward pass has begun, with that op if one was noted."""
        self._begin = _state() if self._next is None else self._next
        self._next = None

    def data(self, ops: list[Op]) -> str:
        """What identifies the data that those ops were fed, the random numbers they drew included."""
        return data_of(ops, self._begin if draws_random(ops) and self._begin != _state() else 0)


def _state() -> int:
    with quiet():
        return zlib.crc32(repr([fingerprint(state) for state in random_state()]).encode())


def _sum(tensors: Sequence[Tensor]) -> tuple[float | None, str]:
    total, kind = 0.0, torch.float32
    for tensor in tensors:
        if tensor.numel() != 1 or tensor.is_complex() or not computable(tensor):
            return None, name_of(tensor.dtype)
        kind = tensor.dtype
        total += float(tensor.detach())
    return shortest(total, kind), name_of(kind)
