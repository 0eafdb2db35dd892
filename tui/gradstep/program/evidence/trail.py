"""Back along a forward graph from a loss that is not finite to the first op that made it so."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from gradstep.model.evidence import NotFinite
from gradstep.model.place import Place
from gradstep.program.evidence.again import ReplayedResults
from gradstep.program.evidence.assignments import origin_of
from gradstep.program.evidence.numbers import FINE, Badness, badness, range_in
from gradstep.program.evidence.saved import Saved, unchanged
from gradstep.program.graph.graphs import Drawn
from gradstep.program.leaves.leaves import Leaf
from gradstep.program.tape.ops import Constant, Op
from gradstep.program.tensors.views import name_of

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


_MASKING = frozenset(
    "add radd iadd masked_fill where scaled_dot_product_attention multi_head_attention_forward max min maximum minimum "
    "clamp softmax log_softmax logsumexp logaddexp cat stack index_put scatter setitem".split()
)
"""Ops that may well be given Inf as a constant: a mask."""


class Trail:
    """One graph, with what is still to be had of its results."""

    def __init__(self, drawn: Drawn, saved: Saved | None, again: ReplayedResults | None = None) -> None:
        self._drawn = drawn
        self._saved = saved
        self._again = again
        self._own = drawn.makers
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
            seen = self._again.of(op) if self._again is not None else None
            self._known[op.seq] = seen.bad if seen is not None else badness(self._result(op))
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
                if bad[0] or isinstance(item, Leaf) or op.name.strip("_") not in _MASKING:
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
        name = self._name(item)
        made = origin_of(name, op.code, op.instruction) if op.code is not None else Place()
        return NotFinite(what, name, op.name, self.inputs(op), op.place, sum(bad), given=True, made=made)

    def _found(self, op: Op, bad: Badness) -> NotFinite:
        box = self._drawn.box_of.get(op.seq, -1)
        name = self._drawn.graph.nodes[box].name if box >= 0 else op.name
        seen = self._again.of(op) if self._again is not None else None
        what, kind = "NaN" if bad[0] else "Inf", name_of(seen.dtype) if seen is not None else ""
        return NotFinite(what, name, op.name, self.inputs(op), op.place, sum(bad), dtype=kind)

    def inputs(self, op: Op) -> str:
        """The tensors that an op has read, with their smallest and largest element."""
        words = []
        for item in op.inputs[:_MOST_INPUTS]:
            source = self._own.get(item) if isinstance(item, int) else None
            seen = self._again.of(source) if self._again is not None and source is not None else None
            text = seen.range if seen is not None else range_in(self._result(source) if source else self._read(item))
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


def _tensor_of(item: object) -> Tensor | None:
    if isinstance(item, Leaf):
        return item.tensor
    return item.tensor() if isinstance(item, Constant) else None
