"""What is known of each leaf besides its value and its gradient."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from gradstep.model.evidence import LeafFacts
from gradstep.model.place import Place
from gradstep.model.tensor import length
from gradstep.program.host.frames import line_of, place
from gradstep.program.leaves.leaves import Leaf, Leaves
from gradstep.program.tape.tape import Tape
from gradstep.program.tensors.views import computable


def facts_of(leaves: Leaves) -> dict[str, LeafFacts]:
    """The facts of all leaves, by their names."""
    return {leaf.name: _facts(leaf, leaf.tensor) for leaf in leaves if leaf.name and leaf.tensor is not None}


def note_reads(leaves: Leaves, tape: Tape) -> None:
    """Of every leaf that no gradient has ever reached: find an op that reads it all the same."""
    missing = {leaf for leaf in leaves if not leaf.passes}
    if not missing:
        return
    for op in tape.ops():
        for item in op.inputs:
            if type(item) is Leaf and item in missing and op.code is not None:
                item.read = (op.code, op.instruction)


def note_peaks(leaves: Leaves) -> None:
    """Remember the largest gradient of each leaf, as backward left it, without a GradScaler's factor."""
    for leaf in leaves:
        for shown in (leaf.now, leaf.returned):
            norm = (length(shown) or 0.0) / (leaf.scale or 1.0)
            if math.isfinite(norm):
                leaf.peak = max(leaf.peak, norm)


def _facts(leaf: Leaf, tensor: Tensor | None) -> LeafFacts:
    parameter = isinstance(tensor, nn.Parameter)
    owner, dot, _ = leaf.name.rpartition(".")
    return LeafFacts(
        module=owner if parameter and dot else "",
        owner=leaf.owner,
        parameter=parameter,
        passes=leaf.passes,
        missed=leaf.missed,
        updates=leaf.updates,
        given=leaf.given,
        peak=leaf.peak,
        read=Place() if leaf.read is None or leaf.passes else place(leaf.read[0], line_of(*leaf.read)),
        library="" if leaf.passes else leaf.library,
        equal_units=tensor is not None and _equal_units(leaf, tensor),
    )


def _equal_units(leaf: Leaf, tensor: Tensor) -> bool:
    """The same, found out once for all stops at which the leaf looks the same."""
    known = leaf.units
    if leaf.view is None or known is None or known[0] is not leaf.view:
        equal = equal_units(tensor.detach())
        leaf.units = (leaf.view, equal) if leaf.view is not None else None
        return equal
    return known[1]


def equal_units(tensor: Tensor) -> bool:
    """Whether all rows are equal, or all columns. Two of them tell almost always."""
    if (
        type(tensor) is not Tensor
        or tensor.is_nested
        or tensor.ndim < 2
        or tensor.layout is not torch.strided
        or not tensor.numel()
    ):
        return False
    if not computable(tensor) or tensor.is_quantized:
        return False
    for axis in (0, 1):
        size = tensor.shape[axis]
        first = tensor.select(axis, 0)
        if size < 2 or not torch.equal(first, tensor.select(axis, 1)):
            continue
        if torch.equal(first.unsqueeze(axis).expand_as(tensor), tensor):
            return True
    return False
