"""Whether terms add up to the change that was really made, and with which factor of the gradient they do."""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass, replace

from torch import Tensor

from gradstep.model.receipt import PartKind
from gradstep.program.receipt.terms import Flat, Piece, Split, Term, beyond, rounding

CLOSE = 1e-4
"""What terms miss of a change beyond rounding, relative to it, and are still what it is made of."""

OF_GRADIENT: frozenset[PartKind] = frozenset({"fresh", "stale", "by-hand"})
"""Kinds of the terms that the gradient consists of."""


@dataclass(frozen=True)
class _SumStep:
    flat: Flat
    before: Tensor
    after: Tensor
    split: Split


def adding_up(
    flat: Flat, before: Tensor, after: Tensor, split: Split, free: bool
) -> Generator[None, None, Split | None]:
    """The split, if its terms add up to after - before; None if not.

    `free`: else with the gradient multiplied by the one number with which they do: it was scaled after backward (by
    clipping), or the learning rate is not known.
    """
    if not split.terms:
        return None
    step = _SumStep(flat, before, after, split)
    over, under, close = yield from _compared(step, 1.0)
    if close:
        return split
    factor = over / under if free and under and math.isfinite(over / under) else 0.0
    if not factor:
        return None
    *_, close = yield from _compared(step, factor)
    return _times(split, factor) if close else None


def completed(split: Split, before: Tensor, after: Tensor) -> Split:
    """The split with one more term, by hand: all that its terms miss of the change."""
    missed = Term("by-hand", 1.0, ((1.0, after.detach().clone()), (-1.0, before)))
    others = (replace(term, kind="by-hand", factor=-term.factor, exact=None) for term in split.terms)
    return replace(split, terms=(*split.terms, missed, *others))


def _compared(step: _SumStep, factor: float) -> Generator[None, None, tuple[float, float, bool]]:
    """⟨gradient terms, what they have to be⟩ and ⟨they, they⟩; whether all are what is needed, they times a factor."""
    over = under = missed = whole = 0.0
    for piece in step.flat.pieces():
        before, after = piece.double(step.before), piece.double(step.after)
        change = after - before
        own, others, size = _totals(step.split, piece, factor)
        over += float(own @ (change - others))
        under += float(own @ own)
        total = factor * own + others
        excess = beyond(change - total, rounding(step.after.dtype, before, after, size), total)
        missed += float(excess @ excess)
        whole += max(float(change @ change), float(total @ total))
        yield
    close = math.isfinite(missed) and math.sqrt(missed) <= CLOSE * math.sqrt(whole)
    return over, under, close


def _totals(split: Split, piece: Piece, factor: float) -> tuple[Tensor, Tensor, Tensor]:
    """The gradient's terms, the others, and the absolute values of all."""
    divisor = split.scaling(piece)
    own, others, size = (piece.zeros() for _ in range(3))
    for term in split.terms:
        part = term.times(piece.mix(term.of), divisor)
        if term.kind in OF_GRADIENT:
            own += part
            size += (factor * part).abs()
        else:
            others += part
            size += part.abs()
    return own, others, size


def _times(split: Split, factor: float) -> Split:
    terms = tuple(
        replace(term, factor=factor * term.factor) if term.kind in OF_GRADIENT else term for term in split.terms
    )
    return replace(split, terms=terms)
