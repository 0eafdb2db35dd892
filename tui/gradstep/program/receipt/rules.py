"""The steps of torch's optimizers as sums of terms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from gradstep.program.receipt.compose import Composition
from gradstep.program.receipt.terms import Piece, Split, Term


@dataclass(frozen=True)
class RuleStep:
    """One optimizer's step on one leaf."""

    group: Mapping[str, Any]
    gradient: Composition
    weight: Tensor
    """Before the step."""
    before: Mapping[str, Any]
    """The optimizer's state before it."""
    after: Mapping[str, Any]

    @property
    def lr(self) -> float:
        """Learning rate of the leaf's group."""
        return float(self.group["lr"])

    @property
    def sign(self) -> float:
        """-1 where the step maximizes."""
        return -1.0 if self.group.get("maximize") else 1.0

    @property
    def decay(self) -> float:
        """Weight decay of the leaf's group."""
        return float(self.group.get("weight_decay", 0.0))

    def decayed(self, factor: float, divided: bool = False) -> tuple[Term, ...]:
        """The terms of factor × (gradient + decay · weight)."""
        terms = self.gradient.terms(self.sign * factor, divided)
        if self.decay:
            terms += (Term("weight-decay", factor * self.decay, ((1.0, self.weight),), divided),)
        return terms

    def momentum(self, name: str, factor: float, divided: bool = False) -> tuple[Term, ...]:
        """The term of factor × that entry of the state before the step."""
        buffer = self.before.get(name)
        if not isinstance(buffer, Tensor) or not factor:
            return ()
        return (Term("momentum", factor, ((1.0, buffer),), divided),)


def sgd(step: RuleStep) -> Split:
    """w ← w - lr·b with b = μ·b + (1 - dampening)·g; Nesterov: w - lr·(g + μ·b)."""
    lr, decay = step.lr, step.decay
    momentum, damped = float(step.group.get("momentum", 0.0)), 1.0 - float(step.group.get("dampening", 0.0))
    grad = ("g" if step.sign > 0 else "-g", _scaled(decay, "w"))
    if not momentum:
        return Split(step.decayed(-lr), f"w ← w - {_times(lr, *grad)}", lr)
    had = isinstance(step.before.get("momentum_buffer"), Tensor)
    damped = damped if had else 1.0
    own, kept = (1.0 + momentum * damped, momentum**2) if step.group.get("nesterov") else (damped, momentum)
    terms = step.decayed(-lr * own) + step.momentum("momentum_buffer", -lr * kept)
    buffer = _scaled(kept if had else 0.0, "buf")
    rule = _times(lr, *grad, buffer) if own == 1.0 else _times(lr, _times(own, *grad), buffer)
    return Split(terms, f"w ← w - {rule}", lr)


def adam(step: RuleStep) -> Split:
    """w ← w - lr·m̂ / (√v̂ + ε), m = β₁·m + (1 - β₁)·g; decoupled decay (AdamW): -lr·decay·w, not divided."""
    group, lr = step.group, step.lr
    (first, second), eps = map(float, group["betas"]), float(group["eps"])
    count = float(step.after["step"])
    size = lr / (1.0 - first**count)
    root = (1.0 - second**count) ** 0.5
    square = step.after["max_exp_avg_sq" if group.get("amsgrad") else "exp_avg_sq"]

    def divisor(piece: Piece) -> Tensor:
        return piece.raw(square).sqrt().div_(root).add_(eps)

    own = -size * (1.0 - first)
    rule = f"w ← w - {lr:g}·m̂/(√v̂ + {eps:g})"
    if group.get("decoupled_weight_decay"):
        terms = step.gradient.terms(step.sign * own, divided=True)
        if step.decay:
            terms += (Term("weight-decay", -lr * step.decay, ((1.0, step.weight),)),)
            rule += f" - {lr * step.decay:g}·w"
    else:
        terms = step.decayed(own, divided=True)
    return Split(terms + step.momentum("exp_avg", -size * first, divided=True), rule, lr, divisor)


def rmsprop(step: RuleStep) -> Split:
    """w ← w - lr·b with b = μ·b + g / (√v + ε); centered: v less the square of the gradient's average."""
    group, lr, eps = step.group, step.lr, float(step.group["eps"])
    momentum = float(group.get("momentum", 0.0))
    square, average = step.after["square_avg"], step.after.get("grad_avg") if group.get("centered") else None

    def divisor(piece: Piece) -> Tensor:
        own = piece.raw(square)
        if average is not None:
            own = own.addcmul(piece.raw(average), piece.raw(average), value=-1)
        return own.sqrt().add_(eps)

    terms = step.decayed(-lr, divided=True) + step.momentum("momentum_buffer", -lr * momentum)
    quotient = f"g/(√{'(v - g_avg²)' if average is not None else 'v'} + {eps:g})"
    return Split(terms, f"w ← w - {_times(lr, quotient, _scaled(momentum, 'buf'))}", lr, divisor)


def adagrad(step: RuleStep) -> Split:
    """w ← w - lr / (1 + (t - 1)·lr_decay) · g / (√Σg² + ε)."""
    group, eps = step.group, float(step.group["eps"])
    lr = step.lr / (1.0 + (float(step.after["step"]) - 1.0) * float(group.get("lr_decay", 0.0)))
    square = step.after["sum"]

    def divisor(piece: Piece) -> Tensor:
        return piece.raw(square).sqrt().add_(eps)

    return Split(step.decayed(-lr, divided=True), f"w ← w - {lr:g}·g/(√Σg² + {eps:g})", lr, divisor)


RULES: dict[type[torch.optim.Optimizer], Callable[[RuleStep], Split]] = {
    torch.optim.SGD: sgd,
    torch.optim.Adam: adam,
    torch.optim.AdamW: adam,
    torch.optim.RMSprop: rmsprop,
    torch.optim.Adagrad: adagrad,
}


def split(optimizer: type[torch.optim.Optimizer], step: RuleStep) -> Split:
    """The step as a sum of terms; without terms where the optimizer's rule is not known."""
    try:
        lr = float(step.group["lr"]) if "lr" in step.group else None
    except (TypeError, ValueError):
        return Split()
    kind = next((kind for kind in optimizer.__mro__ if kind in RULES), None)
    if kind is None or not step.gradient.whole:
        return Split(lr=lr)
    try:
        found = RULES[kind](step)
    except (KeyError, TypeError):
        return Split(lr=lr)
    exact = kind is optimizer
    return Split(found.terms, found.rule, found.lr, found.divisor, exact)


def _times(factor: float, *terms: str) -> str:
    """`0.01·(g + 0.9·buf)`; empty terms are left out."""
    inner = " + ".join(filter(None, terms))
    plain = sum(map(bool, terms)) == 1 and not inner.startswith("-")
    return f"{factor:g}·{inner if plain else f'({inner})'}"


def _scaled(factor: float, name: str) -> str:
    return f"{factor:g}·{name}" if factor else ""
