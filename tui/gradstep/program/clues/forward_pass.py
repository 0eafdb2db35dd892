"""A forward pass as it is searched for clues: ops with their arguments by name, and what they have read."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator

import torch
from torch import Tensor

from gradstep.formulas.call import Argument, Call, Ref, parse
from gradstep.model.graph import plain
from gradstep.model.place import Place
from gradstep.program.evidence.saved import Saved
from gradstep.program.graph.graphs import Drawn
from gradstep.program.leaves.leaves import Leaf
from gradstep.program.tape.ops import Constant, Op
from gradstep.program.tensors.quiet import quiet
from gradstep.program.tensors.views import readable

Item = int | Leaf | Constant
"""What an op has read: a result by its node's number, a leaf, a constant."""

_LOSS = ("input", "target")
_PARAMETERS: dict[str, tuple[str, ...]] = {
    "cross_entropy": (*_LOSS, "weight", "size_average", "ignore_index", "reduce", "reduction", "label_smoothing"),
    "nll_loss": (*_LOSS, "weight", "size_average", "ignore_index", "reduce", "reduction"),
    "kl_div": (*_LOSS, "size_average", "reduce", "reduction", "log_target"),
    "ctc_loss": ("input",),
    "binary_cross_entropy": (*_LOSS, "weight"),
    "binary_cross_entropy_with_logits": (*_LOSS, "weight"),
    **dict.fromkeys(("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "soft_margin_loss"), _LOSS),
    **dict.fromkeys(("softmax", "log_softmax", "gumbel_softmax"), ("input", "dim")),
}
"""Names of the first parameters of those ops, as PyTorch documents them; methods have the same order."""

LOSSES = frozenset(
    "cross_entropy nll_loss kl_div binary_cross_entropy binary_cross_entropy_with_logits mse_loss l1_loss "
    "smooth_l1_loss huber_loss soft_margin_loss".split()
)
"""Ops that compare an input with a target."""

RESHAPING = frozenset(
    "view view_as reshape reshape_as flatten unflatten squeeze unsqueeze transpose permute movedim moveaxis swapaxes "
    "swapdims t T mT contiguous clone __getitem__ getitem narrow select index_select chunk split unbind expand "
    "expand_as alias to float double half type bfloat16 type_as".split()
)
"""Ops that hand on the same numbers, or some of them."""


class ForwardPass:
    """One forward pass that led to a loss; `seen`: how many of the same site there were before it."""

    def __init__(
        self, drawn: Drawn, saved: Callable[[], Saved], seen: int, log_probabilities: Container[int] = ()
    ) -> None:
        self.drawn = drawn
        self.ops = drawn.ops
        self.seen = seen
        self.log_probabilities = log_probabilities
        """Numbers of the nodes whose results a distribution's log_prob has returned."""
        self._look_into = saved
        self._saved: Saved | None = None

    @property
    def root(self) -> Op | None:
        """The op that made the loss, if it is drawn."""
        box = self.drawn.graph.root
        return (
            next((op for op in reversed(self.ops) if self.drawn.box_of.get(op.seq) == box), None) if self.ops else None
        )

    def maker(self, item: object) -> Op | None:
        """The op that made what was read; None of a leaf or a constant."""
        return self.drawn.makers.get(item) if type(item) is int else None

    def readers(self, op: Op) -> list[Op]:
        """The ops that read its result."""
        return self.drawn.readers.get(op.seq, [])

    def arguments(self, op: Op) -> dict[str, object]:
        """What an op was given, by the names of its parameters: items, numbers, strings. Empty if that is not known."""
        names = _PARAMETERS.get(op.name)
        parsed = parse(Call(op.name, (_NONE,) * len(op.inputs), op.scalars, _NONE, op.signature)) if names else None
        if parsed is None or names is None:
            return {}
        positional, keywords = parsed
        given = dict(zip(names, positional, strict=False)) | keywords
        return {name: op.inputs[value.index] if isinstance(value, Ref) else value for name, value in given.items()}

    def behind(self, item: object) -> tuple[Op | None, bool]:
        """The op that made those numbers, past ops that only hand them on; and whether there were any of these."""
        op, passed = self.maker(item), False
        while op is not None and op.name.strip("_") in RESHAPING and op.inputs:
            op, passed = self.maker(op.inputs[0]), True
        return op, passed

    def above(self, op: Op) -> Iterator[Op]:
        """The ops that it depends on, itself included, the latest first."""
        reached = {op.seq}
        for one in reversed(self.ops):
            if one.seq in reached:
                yield one
                reached |= {source.seq for item in one.inputs if (source := self.maker(item)) is not None}

    def tensor(self, item: object) -> Tensor | None:
        """What was read, as it was then; None where it is gone or cannot be looked into."""
        source = self.maker(item)
        if source is not None:
            self._saved = self._saved or self._look_into()
            found = self._saved.any_result(source)
        elif isinstance(item, Leaf):
            found = item.tensor
        else:
            found = item.tensor() if isinstance(item, Constant) else None
        return found.detach() if found is not None and readable(found) and found.layout is torch.strided else None

    def shape(self, item: object) -> tuple[int, ...] | None:
        """Its shape, if that is known."""
        if isinstance(item, Leaf):
            return tuple(item.shape)
        result = item if isinstance(item, (Constant, Op)) else self.maker(item)
        if result is None:
            return None
        shape = result.kept.shape if result.kept is not None else result.shape
        return None if shape is None else tuple(shape)

    def name(self, item: object) -> str:
        """What the user calls it; empty if it has no name."""
        if isinstance(item, Leaf):
            return item.name
        if isinstance(item, (Op, int)):
            box = self.drawn.box_of.get(item if isinstance(item, int) else item.seq, -1)
        else:
            box = next((number for number, result in self.drawn.results.items() if result is item), -1)
        node = self.drawn.graph.nodes[box] if box >= 0 else None
        if node is None or node.name in ("constant", "earlier result"):
            return ""
        own, number = plain(node.op), node.name.rpartition("_")[2]
        return (
            ""
            if own and node.name in (own, f"{own}_{number}") and (number.isdigit() or node.name == own)
            else node.name
        )

    def module(self, op: Op) -> str:
        """Path of the innermost module that it ran in and that has a name; empty if there is none."""
        box = self.drawn.box_of.get(op.seq, -1)
        number = self.drawn.graph.nodes[box].module if box >= 0 else -1
        return self.drawn.graph.modules[number].path if number >= 0 else ""


_NONE = Argument()


def place_of(op: Op | None) -> Place:
    """The user's line that made the call."""
    return op.place if op is not None else Place()


def value(tensor: Tensor | None) -> float | None:
    """Of a tensor of one element."""
    if tensor is None or tensor.numel() != 1 or tensor.is_complex():
        return None
    with quiet():
        return float(tensor)
