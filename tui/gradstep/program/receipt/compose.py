"""What the gradient that an update used is made of: fresh, stale, changed by hand."""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from gradstep.model.tensor import TensorView
from gradstep.program.leaves.leaves import Leaf, same_bits
from gradstep.program.receipt.terms import Flat, Mix, Piece, Term
from gradstep.program.tensors.views import shortest

ROUNDINGS = 4.0
"""Roundings that a gradient may have gone through when it was multiplied by a number."""


@dataclass(frozen=True)
class KeptGradient:
    """A leaf's gradient as backward left it."""

    grad: Tensor
    stale: Tensor | None = None
    """The part of it that an update had used before."""
    hand: Tensor | None = None
    """The part that the program had put there before backward."""
    fresh: Tensor | None = None
    """The deposit itself, where something was held and the leaf is small."""
    scale: float | None = None
    """What a GradScaler had multiplied it by."""


@dataclass(frozen=True)
class Composition:
    """gradient = scaled · (fresh + stale) + hand."""

    fresh: Mix = ()
    stale: Mix = ()
    hand: Mix = ()
    scaled: float = 1.0
    whole: Mix = ()
    """All of it, as the update used it."""
    deposit: Tensor | None = None
    """The fresh part itself, where it is known better than as a difference."""

    def terms(self, factor: float, divided: bool = False) -> tuple[Term, ...]:
        """The terms of factor × gradient."""
        known = (
            Term("fresh", factor * self.scaled, self.fresh, divided, self.deposit),
            Term("stale", factor * self.scaled, self.stale, divided),
            Term("by-hand", factor, self.hand, divided),
        )
        return tuple(term for term in known if term.of)

    def in_parts(self) -> Composition:
        """The same without the whole, which may be the program's own gradient."""
        return replace(self, whole=())


def remembered(leaf: Leaf, grad: Tensor) -> KeptGradient:
    """What the ledger knows of a gradient; `grad`: it, or a copy of it."""
    if leaf.used and leaf.stale_part is None:
        return KeptGradient(grad, stale=grad)
    base = leaf.stale_part if leaf.stale_part is not None else leaf.hand_part
    fresh = None
    if base is not None and _is(base, leaf.held):
        fresh = _from_view(leaf.fresh, grad)
    return KeptGradient(grad, leaf.stale_part, leaf.hand_part, fresh, leaf.scale)


def compose(flat: Flat, kept: KeptGradient, grad: Tensor | None) -> Generator[None, None, Composition]:
    """Compare the gradient that was used with what backward left, piece by piece; None: it was that.

    The terms keep none of the program's own gradients alive: what is no multiple is copied.
    """
    known = composed(kept)
    if grad is None or grad is kept.grad or _are_same(grad, kept.grad):
        return known
    factor = yield from _multiple(flat, kept, grad)
    if factor == 1.0:
        return known
    if factor is not None:
        hand = tuple((weight * factor, tensor) for weight, tensor in known.hand)
        return replace(known, scaled=factor, hand=hand, whole=((1.0, grad),))
    factor = 1.0 / kept.scale if kept.scale is not None else 1.0
    hand = tuple((weight * factor, tensor) for weight, tensor in known.hand)
    used = grad.detach().clone()
    return replace(known, scaled=factor, hand=(*hand, (1.0, used), (-factor, kept.grad)), whole=((1.0, used),))


def composed(kept: KeptGradient) -> Composition:
    """The composition of a gradient as backward left it."""
    if kept.stale is kept.grad:
        return Composition(stale=((1.0, kept.grad),), whole=((1.0, kept.grad),))
    stale: Mix = ((1.0, kept.stale),) if kept.stale is not None else ()
    hand: Mix = ((1.0, kept.hand),) if kept.hand is not None else ()
    held = tuple((-weight, tensor) for weight, tensor in (*stale, *hand))
    fresh: Mix = ((1.0, kept.fresh),) if kept.fresh is not None else ((1.0, kept.grad), *held)
    return Composition(fresh, stale, hand, 1.0, ((1.0, kept.grad),), kept.fresh)


def _multiple(flat: Flat, kept: KeptGradient, grad: Tensor) -> Generator[None, None, float | None]:
    """k, if grad = k · kept to rounding."""
    dots = torch.zeros(2, dtype=torch.float64)
    equal = True
    for piece in flat.pieces():
        old, new = piece.double(kept.grad), piece.double(grad)
        equal = equal and torch.equal(old, new)
        sound = old.isfinite() & new.isfinite()
        old, new = old * sound, new * sound
        dots += torch.stack([old.nan_to_num() @ new.nan_to_num(), old.nan_to_num() @ old.nan_to_num()]).cpu()
        yield
    if equal:  # (0.0 and -0.0, or sparse)
        return 1.0
    over, under = dots.tolist()
    if not under or not math.isfinite(over / under):
        return None
    factor = over / under
    if kept.scale is not None and math.isclose(factor * kept.scale, 1.0, rel_tol=1e-6):
        factor = 1.0 / kept.scale
    for piece in flat.pieces():
        if not _is_multiple(piece, factor, kept.grad, grad):
            return None
        yield
    return shortest(factor, torch.float32) if factor * (kept.scale or 0.0) != 1.0 else factor


def _are_same(one: Tensor, two: Tensor) -> bool:
    return one.layout is two.layout is torch.strided and same_bits(one, two)


def _is_multiple(piece: Piece, factor: float, old: Tensor, new: Tensor) -> bool:
    told = piece.double(new)
    rest = (told - factor * piece.double(old)).abs()
    unit = torch.finfo(new.dtype)
    return bool((rest <= ROUNDINGS * unit.eps * told.abs() + unit.tiny).all())


def _is(base: Tensor, held: TensorView | None) -> bool:
    """Whether that is what was held before the last pass: then there was one pass since."""
    known = _from_view(held, base)
    return known is not None and torch.equal(known, base.to_dense() if base.is_sparse else base)


def _from_view(view: TensorView | None, like: Tensor) -> Tensor | None:
    """The tensor that a view of all elements shows."""
    if view is None or view.value is None or not view.size:
        return None
    if like.dtype.is_complex:
        pairs = torch.tensor(view.value, dtype=torch.float64, device="cpu")
        return torch.view_as_complex(pairs).to(like.dtype).to(like.device)
    return torch.tensor(view.value, dtype=like.dtype, device=like.device)
