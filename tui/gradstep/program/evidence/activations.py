"""Activation functions: which units are zero, or at an end of their range, on the whole batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from types import CodeType

import torch
from torch import Tensor

from gradstep.model.evidence import Activation
from gradstep.program.evidence.saved import Saved
from gradstep.program.graph.graphs import Drawn
from gradstep.program.leaves.leaves import Leaf
from gradstep.program.tape.ops import Constant, Op
from gradstep.program.tensors.quiet import quiet

END = 0.01
"""A sigmoid this near to 0 or 1 has a derivative below 0.01, a tanh this near to ±1 one below 0.02."""

MOSTLY = 0.9
"""Part of the batch on which a saturated unit is at an end: a sample near its middle does not make it learn."""

NEGLIGIBLE = 1e-5
"""A GELU or SiLU of smaller size all over the batch has units far down their flat side."""

ENOUGH = 16
"""Samples on which a unit must have been silent: half of a healthy ReLU's units are so on any one of them."""

Masks = tuple[Tensor | None, Tensor | None, Tensor | None]
"""Where a result is dead, at an end, and at an end with a derivative of exactly 0; None where it cannot be."""

Key = tuple[CodeType | None, int, tuple[int, ...], int]


def _relu(out: Tensor) -> Masks:
    return out == 0, None, None


def _smooth(out: Tensor) -> Masks:
    return out.abs() < NEGLIGIBLE, None, None


def _sigmoid(out: Tensor) -> Masks:
    return None, (out < END) | (out > 1 - END), (out == 0) | (out == 1)


def _tanh(out: Tensor) -> Masks:
    size = out.abs()
    return None, size > 1 - END, size >= 1


def _hard(out: Tensor) -> Masks:
    flat = (out <= 0) | (out >= 1)
    return None, flat, flat


def _softmax(out: Tensor) -> Masks:
    return None, (out < END) | (out > 1 - END), (out == 0) | (out == 1)


_KINDS: dict[str, Callable[[Tensor], Masks]] = {
    **dict.fromkeys(("relu", "relu_", "relu6", "clamp", "clamp_", "clamp_min", "clamp_min_", "threshold"), _relu),
    **dict.fromkeys(("maximum", "clip", "threshold_"), _relu),
    **dict.fromkeys(("gelu", "silu"), _smooth),
    **dict.fromkeys(("sigmoid", "sigmoid_", "expit"), _sigmoid),
    **dict.fromkeys(("tanh", "tanh_", "hardtanh", "hardtanh_"), _tanh),
    "hardsigmoid": _hard,
    "softmax": _softmax,
}
_AT_ZERO = frozenset("clamp clamp_ clamp_min clamp_min_ clip threshold threshold_".split())
"""Activations only where their first number is 0, and is the smallest."""

_REDUCTIONS = frozenset("mean sum max amax min amin logsumexp norm nanmean".split())
_LOGARITHMS = frozenset("log log2 log10 log1p log_ binary_cross_entropy kl_div logit".split())
_CHANNELS = ("conv", "batch_norm", "group_norm", "instance_norm", "max_pool", "avg_pool", "adaptive_")
_SCALING = frozenset("pow square mul rmul imul div truediv".split())
_JOINING = frozenset("add radd iadd".split())
_NEAR = 5
"""Ops between an output and the logarithm or the sum that is taken of it, at most."""


class Activations:
    """Counts, for each unit of each activation, since how many samples it has been dead or at an end."""

    def __init__(self) -> None:
        self._silent: dict[tuple[Key, int], Tensor] = {}
        """By activation and kind of silence (0 dead, 1 at an end, 2 flat): samples since it was not, for each unit."""

    def look(self, drawn: Drawn, saved: Saved) -> Iterator[Activation | None]:
        """All activations of one forward pass, one at a time; None for an op that is none."""
        after = drawn.readers
        weighted = _before_weights(drawn.ops, after)
        met: Counter[Key] = Counter()
        for op in drawn.ops:
            if not _is_activation(op):
                continue
            key = (op.code, op.instruction, op.modules, 0)
            met[key] += 1
            if not weighted[op.seq] and _is_hinge(op, after):
                continue
            with quiet():
                out = saved.result(op)
                if out is None or not out.is_floating_point() or out.layout is not torch.strided or not out.numel():
                    continue
                yield self._count(op, (*key[:3], met[key]), out.detach(), drawn, weighted[op.seq], after)

    def _count(
        self, op: Op, key: Key, out: Tensor, drawn: Drawn, weighted: bool, after: dict[int, list[Op]]
    ) -> Activation | None:
        masks, rows = _KINDS[op.name](out), op.name == "softmax"
        if rows:
            masks = _by_row(masks, out)
            if masks[1] is None:
                return None
        counts, samples, units = [0, 0, 0], 0, 0
        for kind, mask in enumerate(masks):
            if mask is None:
                continue
            part = 1.0 if kind == 0 else MOSTLY
            silent, samples = _by_unit(mask, out, _above(op, drawn), part) if not rows else (mask.reshape(-1), ENOUGH)
            if rows and silent.numel() < ENOUGH:
                silent, samples = silent.all().reshape(1), silent.numel()
            units = silent.numel()
            counts[kind] = self._since((key, kind), silent, samples)
        box = drawn.box_of.get(op.seq, -1)
        node = drawn.graph.nodes[box] if box >= 0 else None
        module = drawn.graph.modules[node.module].path if node is not None and node.module >= 0 else ""
        return Activation(
            node.name if node is not None else op.name,
            op.name,
            module,
            op.place,
            units,
            counts[0],
            counts[1],
            counts[2],
            samples,
            weighted,
            not weighted and _leads_to_log(op, after),
        )

    def _since(self, key: tuple[Key, int], silent: Tensor, samples: int) -> int:
        """How many units have been silent on enough samples, these and those of earlier passes."""
        if samples >= ENOUGH:
            self._silent.pop(key, None)
            return int(silent.sum())
        known = self._silent.get(key)
        if known is None or known.shape != silent.shape or known.device != silent.device:
            known = torch.zeros_like(silent, dtype=torch.int32)
        known = self._silent[key] = torch.where(silent, known + samples, 0).clamp_(max=1 << 20)
        return int((known >= ENOUGH).sum())


def _is_activation(op: Op) -> bool:
    """Whether it is one of those that are looked at, with the bounds that they have by default."""
    if op.name in _AT_ZERO:
        return op.scalars[:1] in ((0,), (0.0,)) and not op.signature.startswith("t max=")
    if op.name.startswith("hardtanh"):
        return op.scalars[:2] in ((), (-1.0, 1.0))
    if op.name == "maximum":
        other = next((item for item in op.inputs if type(item) is Constant), None)
        floor = other.tensor() if other is not None else None
        with quiet():
            return floor is not None and not bool(floor.any())
    return op.name in _KINDS


def _by_row(masks: Masks, out: Tensor) -> Masks:
    """A softmax is at its end row by row: one element near 1, all others near 0. One of a single element always is."""
    ends = [mask for mask in masks if mask is not None]
    rows = (out > 1 - END).sum(-1, keepdim=True)
    if out.ndim == 0 or out.shape[-1] < 2:
        return None, None, None
    axis = -1
    if not bool(((out.sum(-1) - 1).abs() < 0.05).all()):
        axis = next((at for at in range(out.ndim) if bool(((out.sum(at) - 1).abs() < 0.05).all())), -1)
        rows = (out > 1 - END).sum(axis, keepdim=True)
    if out.shape[axis] < 2:
        return None, None, None
    return None, rows.squeeze(axis) > 0, ends[1].all(axis)


def _by_unit(mask: Tensor, out: Tensor, above: str, part: float) -> tuple[Tensor, int]:
    """Which units are silent on that part of the batch, and how many samples the batch has."""
    if out.ndim == 0:
        return mask.reshape(1), 1
    channels = out.ndim >= 3 and ((out.ndim > 3 and above not in ("linear", "matmul")) or above.startswith(_CHANNELS))
    axis = (1 if out.ndim < 6 else -1) if channels else out.ndim - 1
    others = [at for at in range(out.ndim) if at != axis % out.ndim]
    units = mask.float().mean(others) >= part if others else mask
    return units, out.numel() // max(1, units.numel())


def _above(op: Op, drawn: Drawn) -> str:
    """Name of the op whose result an op reads, past sums."""
    names = {item.seq: item for item in drawn.ops}
    for _ in range(3):
        source = next((names[item] for item in op.inputs if type(item) is int and item in names), None)
        if source is None:
            return ""
        if source.name not in ("add", "add_", "iadd", "__add__"):
            return source.name
        op = source
    return op.name


def _before_weights(ops: Sequence[Op], after: dict[int, list[Op]]) -> dict[int, bool]:
    """Whether an op that reads a leaf comes after it."""
    found: dict[int, bool] = {}
    for op in reversed(ops):
        found[op.seq] = any(
            found.get(item.seq, False) or any(type(one) is Leaf for one in item.inputs) for item in after[op.seq]
        )
    return found


def _is_hinge(op: Op, after: dict[int, list[Op]], depth: int = _NEAR) -> bool:
    """Whether it is a term of the loss, which may be 0: it is scaled, squared and summed, and compared with nothing."""
    for reader in after[op.seq]:
        name = reader.name.strip("_")
        if name in _REDUCTIONS:
            continue
        of_results = all(type(item) is int for item in reader.inputs) and len(reader.inputs) > 1
        if not (name in _SCALING or (name in _JOINING and of_results)) or depth == 0:
            return False
        if not after[reader.seq] or not _is_hinge(reader, after, depth - 1):
            return False
    return True


def _leads_to_log(op: Op, after: dict[int, list[Op]]) -> bool:
    """Whether a logarithm is taken soon after."""
    level = [op]
    for _ in range(_NEAR):
        level = [item for one in level for item in after[one.seq]][:64]
        if any(item.name in _LOGARITHMS for item in level):
            return True
    return False
