"""Measures the terms of a step against the change that was really made; gives the receipt."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from gradstep.model.receipt import OptimizerState, Part, Receipt
from gradstep.model.tensor import TensorView
from gradstep.program.receipt.terms import Flat, Mix, Piece, Split, Term, beyond, rounding
from gradstep.program.tensors.views import frame_of, name_of, norm_view, shortest, view


@dataclass
class Job:
    """One leaf's change, to be explained."""

    flat: Flat
    before: Tensor
    after: Tensor
    split: Split
    scaled: float = 1.0
    deposit: Mix = ()
    """The fresh gradient, for the angle with the step."""
    state_before: Mapping[str, Any] = field(default_factory=dict)
    state_after: Mapping[str, Any] = field(default_factory=dict)


def measure(job: Job) -> Iterator[Receipt | None]:
    """None after each piece; at last the receipt, unless the leaf has not changed and was not meant to."""
    sums = Sums(job)
    for piece in job.flat.pieces():
        sums.add(piece)
        yield None
    if not sums.adds_up and not job.split.exact and job.split.terms:
        yield from measure(Job(job.flat, job.before, job.after, Split(lr=job.split.lr), job.scaled, job.deposit,
                               job.state_before, job.state_after))  # fmt: skip
    elif sums.counts:
        yield sums.receipt()


class Sums:
    """What is gathered over the pieces: norms and inner products, in float64."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._squares: dict[str, float] = {}
        self._small: dict[str, Tensor] = {}
        self._shares = [0.0] * len(job.split.terms)
        self._along = 0.0
        self._low, self._high, self._sum = math.inf, -math.inf, 0.0
        self._states = {key: value for key, value in _entries(job).items() if self._is_alike(value)}

    @property
    def adds_up(self) -> bool:
        """Whether the parts sum to the change, to rounding."""
        return self._norm("excess") == 0.0

    @property
    def counts(self) -> bool:
        """Whether there is anything to tell: the leaf has changed, or its whole step was lost in rounding."""
        return self._norm("change") != 0.0 or (self.adds_up and self._norm("total") != 0.0)

    def add(self, piece: Piece) -> None:
        """Measure one piece."""
        job = self._job
        before, after = piece.double(job.before), piece.double(job.after)
        change = after - before
        self._take("before", before)
        self._take("after", after)
        self._take("change", change)
        divisor = job.split.scaling(piece)
        if divisor is not None:
            self._take("scaling", divisor)
            self._range(divisor)
        total, size = torch.zeros_like(change), torch.zeros_like(change)
        fresh = piece.mix(job.deposit) if job.deposit else None
        if fresh is not None:
            self._take("fresh", fresh)
        if fresh is not None and not job.split.terms:
            self._along += float(change @ fresh)
        for at, term in enumerate(job.split.terms):
            part = self._part(at, term, piece, divisor)
            self._shares[at] += float(part @ change)
            total += part
            size += part.abs()
            if term.kind == "fresh" and fresh is not None:
                self._along += float(part @ fresh)
        self._take("total", total)
        rest, tolerance = change - total, rounding(job.after.dtype, before, after, size)
        self._take("excess", beyond(rest, tolerance, total))
        self._take("rounding", torch.where(rest.isfinite(), torch.minimum(rest.abs(), tolerance), 0.0))
        for key, tensor in self._states.items():
            self._take(key, piece.double(tensor))

    def _part(self, at: int, term: Term, piece: Piece, divisor: Tensor | None) -> Tensor:
        of = piece.mix(term.of)
        self._take(f"of {at}", of)
        part = term.times(of, divisor)
        self._take(f"part {at}", part)
        return part

    def _take(self, key: str, values: Tensor) -> None:
        self._squares[key] = self._squares.get(key, 0.0) + float(values @ values)
        if self._job.flat.small:
            self._small[key] = values

    def _range(self, values: Tensor) -> None:
        low, high = values.aminmax()
        self._low, self._high = min(self._low, float(low)), max(self._high, float(high))
        self._sum += float(values.sum())

    def _norm(self, key: str) -> float:
        return math.sqrt(self._squares.get(key, 0.0))

    def _is_alike(self, value: object) -> bool:
        return isinstance(value, Tensor) and tuple(value.shape) == self._job.flat.shape

    def receipt(self) -> Receipt:
        """Everything that was found."""
        job, split = self._job, self._job.split
        change, total = self._norm("change"), self._norm("total")
        scale = max(change, total) if split.terms else change
        parts = tuple(self._told(at, term) for at, term in enumerate(split.terms) if self._norm(f"part {at}") != 0.0)
        excess, rounding = self._norm("excess"), self._norm("rounding")
        if not split.terms:
            parts, excess, rounding = (Part("other", self._view("change"), 1.0),), 0.0, 0.0
        own = math.hypot(*(self._norm(f"part {at}") for at in self._fresh())) if split.terms else change
        lengths = own * self._norm("fresh")
        return Receipt(
            before=self._view("before"), after=self._view("after"), change=self._view("change"), parts=parts,
            rule=split.rule, lr=split.lr, scaled=job.scaled,
            scaling=self._scaling() if split.divisor is not None else None,
            state={name: self._state(name) for name in dict.fromkeys((*job.state_before, *job.state_after))},
            unexplained=_share(excess, scale), rounding=_share(rounding, scale), uphill=_share(self._along, lengths),
        )  # fmt: skip

    def _fresh(self) -> list[int]:
        return [at for at, term in enumerate(self._job.split.terms) if term.kind == "fresh"]

    def _told(self, at: int, term: Term) -> Part:
        share = _share(self._shares[at], self._squares["change"])
        of = view(term.exact) if term.exact is not None and self._job.flat.small else self._view(f"of {at}")
        return Part(term.kind, self._view(f"part {at}"), share, term.factor, of, term.divided)

    def _view(self, key: str) -> TensorView:
        """Values of a small leaf, the norm of a large one."""
        job = self._job
        if job.flat.small:
            return view(job.flat.shaped(self._small[key], exact=key in ("before", "after")))
        kind = torch.float64 if job.flat.dtype in (torch.float64, torch.complex128) else torch.float32
        return TensorView(
            job.flat.shape, name_of(job.flat.dtype), str(job.after.device), norm=shortest(self._norm(key), kind)
        )

    def _scaling(self) -> TensorView:
        job = self._job
        if job.flat.small and not job.flat.dtype.is_complex:
            return self._view("scaling")
        low, high, mean = (
            shortest(value, torch.float32) for value in (self._low, self._high, self._sum / job.flat.numel)
        )
        norm = shortest(self._norm("scaling"), torch.float32)
        return TensorView(job.flat.shape, name_of(job.flat.dtype), str(job.after.device), None, low, high, mean, norm)

    def _state(self, name: str) -> OptimizerState:
        job = self._job
        return OptimizerState(
            self._entry(name, "state before", job.state_before), self._entry(name, "state after", job.state_after)
        )

    def _entry(self, name: str, when: str, state: Mapping[str, Any]) -> TensorView | None:
        value = state.get(name)
        if isinstance(value, Tensor):
            if f"{when} {name}" not in self._states:
                return norm_view(value)
            if self._job.flat.small:
                return view(value)
            return TensorView(*_frame(value), norm=shortest(self._norm(f"{when} {name}"), torch.float32))
        if isinstance(value, bool | int | float):
            return TensorView((), "float64" if isinstance(value, float) else "int64", "cpu", value)
        return None


def _frame(value: Tensor) -> tuple[tuple[int, ...], str, str]:
    known = frame_of(value)
    return known.shape, known.dtype, known.device


def _entries(job: Job) -> dict[str, Any]:
    known = {f"state before {name}": value for name, value in job.state_before.items()}
    return known | {f"state after {name}": value for name, value in job.state_after.items()}


def _share(part: float, whole: float) -> float:
    """part / whole, 0 where that is no number."""
    if not whole or math.isnan(part) or not math.isfinite(whole):
        return 0.0
    return part / whole
