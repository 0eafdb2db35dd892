"""An update by hand as a sum of terms: change = -lr · gradient, + decay · weight, + momentum · the change before.

The factors are those of least squares, each element weighted by what rounding may have done to it; a sum is accepted
only if every element then agrees to rounding. Of several that do, the one with the simplest numbers is taken.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from gradstep.program.receipt.compose import Composition
from gradstep.program.receipt.terms import Flat, Mix, Piece, Split, Term

MARGIN = 4.0
"""Roundings of an element that a sum may be off."""
SIMPLER = 3
"""So many digits fewer make the longer of two sums the better one."""
Factors = tuple[float, float, float]
"""Of the gradient, the weight before, and the change before."""


@dataclass(frozen=True)
class Hand:
    """What is known of an update by hand of one leaf."""

    flat: Flat
    before: Tensor
    after: Tensor
    last: Tensor | None = None
    """The content before the last update, if that was looked at and ended where this one begins."""
    rate: float | None = None
    """The learning rate that the last update told."""


def fit(hand: Hand, gradient: Composition, sure: bool) -> Generator[None, None, Split | None]:
    """The update as a sum of terms; None if it is none. `sure`: one element alone is believed too."""
    bases: tuple[Mix, Mix, Mix] = (gradient.whole, ((1.0, hand.before),), ())
    if hand.last is not None:
        bases = (*bases[:2], ((1.0, hand.before), (-1.0, hand.last)))
    if not gradient.whole or (hand.flat.numel == 1 and not sure):
        return None
    grams = torch.zeros(4, 4, dtype=torch.float64, device="cpu")
    for piece in hand.flat.pieces():
        rows = torch.stack([*(piece.mix(base) for base in bases), _change(hand, piece)]) / _tolerance(hand, piece)
        if not bool(rows.isfinite().all()):
            return None
        grams += (rows @ rows.T).cpu()
        yield
    tries = [factors for factors in _tries(grams.tolist(), hand) if any(factors)]
    for piece in hand.flat.pieces():
        tries = [factors for factors in tries if _agrees(hand, bases, factors, piece)]
        yield
    return _split(hand, gradient, _simplest(tries)) if tries else None


def _change(hand: Hand, piece: Piece) -> Tensor:
    return piece.double(hand.after) - piece.double(hand.before)


def _tolerance(hand: Hand, piece: Piece) -> Tensor:
    unit = torch.finfo(hand.after.dtype)
    before, after = piece.double(hand.before), piece.double(hand.after)
    return MARGIN * unit.eps * (torch.maximum(before.abs(), after.abs()) + (after - before).abs()) + unit.tiny


def _agrees(hand: Hand, bases: tuple[Mix, ...], factors: Factors, piece: Piece) -> bool:
    terms = [factor * piece.mix(base) for factor, base in zip(factors, bases, strict=True) if factor]
    change = _change(hand, piece)
    sizes = sum((term.abs() for term in terms), torch.zeros_like(change))
    tolerance = _tolerance(hand, piece) + MARGIN * torch.finfo(hand.after.dtype).eps * sizes
    return bool(((change - sum(terms)).abs() <= tolerance).all())


def _tries(grams: list[list[float]], hand: Hand) -> Iterator[Factors]:
    """Least squares on the gradient; with the weight; with the change before; with that at the known rate; on all."""
    for which in ((0,), (0, 1), (0, 2), (0, 1, 2)):
        if len(which) == 1 or len(which) < hand.flat.numel:
            found = _solve(grams, which)
            if found is not None:
                yield found
    if hand.rate is not None and grams[2][2] > 0.0:
        rest = (grams[2][3] + hand.rate * grams[0][2]) / grams[2][2]
        yield -hand.rate, 0.0, _shortest(rest, grams[2][2] ** -0.5)


def _solve(grams: list[list[float]], which: tuple[int, ...]) -> Factors | None:
    """Least squares on some bases; None where they are not independent."""
    sizes = [grams[at][at] ** 0.5 for at in which]
    if not all(sizes):
        return None
    pairs = list(zip(which, sizes, strict=True))
    matrix = torch.tensor([[grams[a][b] / one / two for b, two in pairs] for a, one in pairs], dtype=torch.float64,
                          device="cpu")  # fmt: skip
    if len(which) > 1 and float(torch.linalg.det(matrix)) < 1e-9:
        return None
    inverse = torch.linalg.inv(matrix)
    right = torch.tensor([grams[a][3] / one for a, one in pairs], dtype=torch.float64, device="cpu")
    found = [0.0, 0.0, 0.0]
    for at, value, spread in zip(pairs, (inverse @ right).tolist(), inverse.diagonal().tolist(), strict=True):
        found[at[0]] = _shortest(value / at[1], spread**0.5 / at[1])
    return found[0], found[1], found[2]


def _shortest(value: float, spread: float) -> float:
    """The shortest decimal within the spread."""
    if abs(value) <= spread:
        return 0.0
    for digits in range(1, 17):
        text = float(f"{value:.{digits}g}")
        if abs(text - value) <= spread:
            return text
    return value


def _simplest(tries: list[Factors]) -> Factors:
    best = tries[0]
    for factors in tries[1:]:
        if _digits(factors) <= _digits(best) - SIMPLER:
            best = factors
    return best


def _digits(factors: Factors) -> int:
    """Significant digits of all factors."""
    texts = (f"{abs(factor):.16g}".partition("e")[0].replace(".", "").strip("0") for factor in factors)
    return sum(map(len, texts))


def _split(hand: Hand, gradient: Composition, factors: Factors) -> Split:
    own, decay, kept = factors
    terms = gradient.terms(own) if own else ()
    rule = f"{_signed(own)}·g" if own else ""
    if decay:
        terms += (Term("weight-decay", decay, ((1.0, hand.before),)),)
        rule += f" {_signed(decay)}·w"
    if kept and hand.last is not None:
        terms += (Term("momentum", kept, ((1.0, hand.before), (-1.0, hand.last))),)
        rule += f" {_signed(kept)}·Δw"
    return Split(terms, f"w ← w {rule.strip()}", -own if own else None)


def _signed(factor: float) -> str:
    return f"{'-' if factor < 0 else '+'} {abs(factor):g}"
