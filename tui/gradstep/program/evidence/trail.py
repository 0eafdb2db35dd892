"""Back along a forward graph from a loss that is not finite to the first op that made it so."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from gradstep.model.evidence import NotFinite
from gradstep.model.place import Place
from gradstep.model.tensor import TensorView
from gradstep.program.evidence.saved import Saved, unchanged
from gradstep.program.host.frames import place
from gradstep.program.watch.graphs import Drawn
from gradstep.program.watch.leaves import Leaf
from gradstep.program.watch.ops import Constant, Op
from gradstep.program.watch.views import readable

Badness = tuple[int, int]
"""How many elements are NaN, and how many infinite."""

FINE: Badness = (0, 0)
_MOST_INPUTS = 3
_AGAIN: dict[str, Callable[..., Tensor]] = {
    "linear": functional.linear,
    "matmul": torch.matmul,
    "__matmul__": torch.matmul,
    "mm": torch.mm,
    "bmm": torch.bmm,
    "add": torch.add,
    "sub": torch.sub,
    "mul": torch.mul,
    "div": torch.div,
    "neg": torch.neg,
    "log": torch.log,
    "log2": torch.log2,
    "log10": torch.log10,
    "log1p": torch.log1p,
    "exp": torch.exp,
    "expm1": torch.expm1,
    "sqrt": torch.sqrt,
    "rsqrt": torch.rsqrt,
    "reciprocal": torch.reciprocal,
}
"""Ops without a state, to be run again where they had tensors alone for arguments."""
_MAKERS = frozenset(
    "log log2 log10 log1p logit div truediv true_divide __truediv__ __rtruediv__ rdiv reciprocal exp expm1 sqrt "
    "rsqrt pow __pow__ norm linalg_norm vector_norm matmul mm bmm linear conv1d conv2d conv3d einsum prod acos asin "
    "atanh".split()
)
"""Ops that make NaN or Inf of numbers that are finite; others hand on what they are given, unless it is very large."""


class Trail:
    """One graph, with what is still to be had of its results."""

    def __init__(self, drawn: Drawn, saved: Saved | None) -> None:
        self._drawn = drawn
        self._saved = saved
        self._own = {number: op for op in drawn.ops for number in range(op.first_seq, op.seq + 1)}
        self._known: dict[int, Badness | None] = {}

    def first(self) -> NotFinite | None:
        """The first op on a trail of numbers that are not finite up to the loss, of inputs that are all finite.

        -Inf that the program itself writes in (a mask) counts only once something makes NaN of it.
        """
        trail = self._trail()
        masks: set[int] = set()
        for op in trail:
            bad = self._badness(op)
            if bad is None or bad == FINE:
                continue
            inherited, masked, given = self._inherited(op, masks)
            if inherited:
                continue
            if given is not None:
                return given
            if masked and not bad[0]:
                masks.add(op.seq)
                continue
            return self._bad_data(op) or self._found(*self._maker(op, bad))
        late = next((op for op in trail if self._badness(op) not in (None, FINE)), None)
        return self._found(late, self._badness(late) or FINE) if late is not None else None

    def _trail(self) -> list[Op]:
        """The ops from which the loss can be reached along results that are not finite, or not known."""
        reached = {op.seq for op in self._drawn.ops[-1:]}
        box = self._drawn.graph.root
        reached |= {op.seq for op in self._drawn.ops if box >= 0 and self._drawn.box_of.get(op.seq) == box}
        found = []
        for op in reversed(self._drawn.ops):
            if op.seq in reached and self._badness(op) != FINE:
                found.append(op)
                reached |= {self._own[item].seq for item in op.inputs if type(item) is int and item in self._own}
        return found[::-1]

    def _badness(self, op: Op) -> Badness | None:
        if op.seq not in self._known:
            self._known[op.seq] = badness(self._result(op))
        return self._known[op.seq]

    def _result(self, op: Op) -> Tensor | None:
        """What an op has made: as it is kept somewhere, or made again of what it has read."""
        known = self._saved.any_result(op) if self._saved is not None else unchanged(op)
        call = _AGAIN.get(op.name)
        if known is not None or call is None or op.scalars:
            return known
        inputs = [self._read(item) for item in op.inputs]
        if any(item is None for item in inputs):
            return None
        made: Tensor = call(*inputs)
        return made

    def _read(self, item: int | Leaf | Constant) -> Tensor | None:
        if not isinstance(item, int):
            return _tensor_of(item)
        source = self._own.get(item)
        if source is None:
            return None
        return self._saved.any_result(source) if self._saved is not None else unchanged(source)

    def _inherited(self, op: Op, masks: set[int]) -> tuple[bool, bool, NotFinite | None]:
        """Whether an op was given what is not finite, whether that was a mask, and whether it stood in the data."""
        masked = any(isinstance(item, float) and math.isinf(item) for item in op.scalars)
        for item in op.inputs:
            if isinstance(item, int):
                source = self._own.get(item)
                bad = self._badness(source) if source is not None else None
                if source is not None and source.seq in masks:
                    masked = True
                elif bad is not None and bad != FINE:
                    return True, masked, None
            else:
                bad = badness(_tensor_of(item))
                if bad is None or bad == FINE:
                    continue
                if bad[0] or isinstance(item, Leaf):
                    return False, masked, self._given(op, item, bad)
                masked = True
        return False, masked, None

    def _maker(self, op: Op, bad: Badness) -> tuple[Op, Badness]:
        """The op itself, or where it only hands on a result that is lost by now, the op that made that."""
        while op.name not in _MAKERS and op.name.rstrip("_") not in _MAKERS:
            lost = self._lost(op)
            if lost is None:
                break
            op = lost
        return op, bad

    def _lost(self, op: Op) -> Op | None:
        """An op whose result it has read and nobody has kept."""
        sources = (self._own[item] for item in op.inputs if isinstance(item, int) and item in self._own)
        return next((source for source in sources if self._badness(source) is None), None)

    def _bad_data(self, op: Op) -> NotFinite | None:
        """What was not finite from the beginning, where results between it and the op are lost."""
        pending, seen = [op], {op.seq}
        while pending:
            one = pending.pop()
            given = self._inherited(one, set())[2]
            if given is not None:
                return given
            lost = self._lost(one)
            if lost is not None and lost.seq not in seen:
                seen.add(lost.seq)
                pending.append(lost)
        return None

    def _given(self, op: Op, item: Leaf | Constant, bad: Badness) -> NotFinite:
        what = "NaN" if bad[0] else "Inf"
        return NotFinite(what, self._name(item), op.name, self.inputs(op), _where(op), sum(bad), given=True)

    def _found(self, op: Op, bad: Badness) -> NotFinite:
        box = self._drawn.box_of.get(op.seq, -1)
        name = self._drawn.graph.nodes[box].name if box >= 0 else op.name
        return NotFinite("NaN" if bad[0] else "Inf", name, op.name, self.inputs(op), _where(op), sum(bad))

    def inputs(self, op: Op) -> str:
        """The tensors that an op has read, with their smallest and largest element."""
        words = []
        for item in op.inputs[:_MOST_INPUTS]:
            source = self._own.get(item) if isinstance(item, int) else None
            text = _range(self._result(source) if source is not None else self._read(item))
            words.append(f"{self._name(item)} {text}".rstrip())
        words += [f"{item:g}" for item in op.scalars[:2] if isinstance(item, float)]
        return ", ".join(words)

    def _name(self, item: int | Leaf | Constant) -> str:
        if isinstance(item, Leaf):
            return item.name
        if isinstance(item, int):
            box = self._drawn.box_of.get(item, -1)
        else:
            box = next((number for number, result in self._drawn.results.items() if result is item), -1)
        return self._drawn.graph.nodes[box].name if box >= 0 else "a constant"


def badness(tensor: Tensor | None) -> Badness | None:
    """How many elements are NaN and how many infinite; None where the tensor is not to be had."""
    if tensor is None or not readable(tensor):
        return None
    if not (tensor.is_floating_point() or tensor.is_complex()) or tensor.layout is not torch.strided:
        return FINE
    data = tensor.detach()
    if bool(data.isfinite().all()):
        return FINE
    return int(data.isnan().sum()), int(data.isinf().sum())


def range_of(shown: TensorView, name: str) -> str:
    """`w.grad from -3 to 1e38`, of a tensor of which there is a view."""
    if shown.value is not None:
        flat = [float(item) for item in shown.flat() if not isinstance(item, list)]
        return f"{name} from {_number(min(flat))} to {_number(max(flat))}" if flat else name
    if shown.min is not None and shown.max is not None:
        return f"{name} from {_number(float(shown.min))} to {_number(float(shown.max))}"
    return name


def _range(tensor: Tensor | None) -> str:
    if (
        tensor is None
        or not readable(tensor)
        or tensor.layout is not torch.strided
        or not tensor.numel()
        or tensor.is_complex()
    ):
        return ""
    data = tensor.detach()
    nan = int(data.isnan().sum())
    if nan and nan < data.numel():
        data = data[~data.isnan()]
    low, high = (float(item) for item in data.aminmax()) if data.dtype.is_floating_point else _ints(data)
    if tensor.numel() == 1:
        return f"= {_number(low)}"
    return f"from {_number(low)} to {_number(high)}" + (f" with {nan:,} NaN" if nan else "")


def _ints(data: Tensor) -> tuple[float, float]:
    data = data.long()
    return float(data.min()), float(data.max())


def _number(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return f"{value:.4g}" if math.isfinite(value) else ("Inf" if value > 0 else "-Inf")


def _tensor_of(item: object) -> Tensor | None:
    if isinstance(item, Leaf):
        return item.tensor
    return item.tensor() if isinstance(item, Constant) else None


def _where(op: Op) -> Place:
    return place(op.code, op.line) if op.code is not None else Place()
