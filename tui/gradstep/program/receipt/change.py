"""One leaf's change at an update: what it held before, the gradient that was used, and the terms of the change."""

from __future__ import annotations

import weakref
from abc import ABC, abstractmethod
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor

from gradstep.model.receipt import Receipt
from gradstep.program.leaves.leaves import Leaf, same_bits
from gradstep.program.receipt.compose import Composition, KeptGradient, compose
from gradstep.program.receipt.hand import Hand, fit
from gradstep.program.receipt.measure import Job, measure
from gradstep.program.receipt.rules import RuleStep, split
from gradstep.program.receipt.sums import adding_up, completed
from gradstep.program.receipt.terms import Flat, Split


class Unchanged:
    """A gradient by weak reference, for as long as nothing has written to it."""

    def __init__(self, tensor: Tensor) -> None:
        self._ref, self._version = weakref.ref(tensor), tensor._version

    def __call__(self) -> Tensor | None:
        """It, if it is as it was."""
        tensor = self._ref()
        return tensor if tensor is not None and tensor._version == self._version else None


@dataclass(frozen=True)
class Account:
    """What a change is said to be."""

    split: Split
    told: Composition = field(default_factory=Composition)
    """The gradient, as far as the split has it."""
    gradient: Composition = field(default_factory=Composition)
    """The gradient that the update used, as far as it is known."""


class Change(ABC):
    """It keeps none of the program's gradients alive, and what it finds is found once."""

    def __init__(self, leaf: Leaf, before: Tensor, kept: KeptGradient | None) -> None:
        tensor = leaf.content
        self.leaf, self.before = leaf, before
        self._kept = kept
        self._grad = Unchanged(tensor.grad) if tensor is not None and tensor.grad is not None else None
        self._account: Account | None = None
        self._known: list[Split | None] = []
        self._became: Split | None = None

    @property
    def is_none(self) -> bool:
        """Whether not a bit has changed."""
        tensor = self.leaf.content
        return tensor is not None and same_bits(self.before, tensor.detach())

    @property
    def grad(self) -> Tensor | None:
        """The gradient as the update used it, if it is to be had still: else it was as backward left it, or scaled."""
        return self._grad() if self._grad is not None else None

    @abstractmethod
    def explain(self, flat: Flat) -> Generator[None, None, Account]:
        """Find out what it is made of, piece by piece."""

    @property
    def sure(self) -> bool:
        """The rule is known: a factor alone may be wanting."""
        return False

    def receipt(self) -> Iterator[Receipt | None]:
        """None after each piece; at last the receipt, if there is anything to tell."""
        tensor = self.leaf.content
        if tensor is None:
            return
        flat = Flat(self.before)
        account = yield from self.explained(flat)
        shown, told, states = self._became or account.split, account.told, self.states()
        yield from measure(Job(flat, self.before, tensor, shown, told.scaled, told.fresh, *states))

    def states(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The optimizer's state for the leaf, before and after."""
        return {}, {}

    def known(self) -> Generator[None, None, Split | None]:
        """The terms, if they add up to the change; None if it is not known what it is made of.

        Where the rule is known and the gradient that it used is gone, the program had changed it by what they miss.
        """
        if self._became is not None:
            return self._became
        if not self._known:
            tensor = self.leaf.content
            if tensor is None or tensor.shape != self.before.shape or tensor.layout is not torch.strided:
                return None
            flat = Flat(self.before)
            account = yield from self.explained(flat)
            found = yield from adding_up(flat, self.before, tensor, account.split, free=self.sure)
            if found is None and self.sure and self.grad is None and account.split.terms:
                found = completed(account.split, self.before, tensor)
            elif found is None and flat.numel > 1:
                plain = Split(account.gradient.terms(-1.0))
                found = yield from adding_up(flat, self.before, tensor, plain, free=True)
                found = found and replace(found, lr=found.terms[0].factor / plain.terms[0].factor)
            self._known.append(found)
        return self._known[0]

    def become(self, split: Split) -> None:
        """The leaf was written to: that is what its change is made of now."""
        self._became = split

    def explained(self, flat: Flat) -> Generator[None, None, Account]:
        """What it is made of, found out once."""
        if self._account is None:
            account = yield from self.explain(flat)
            self._account = Account(account.split, account.told.in_parts(), account.gradient.in_parts())
        return self._account


@dataclass
class OptimizerStep:
    """One leaf at the beginning of its optimizer's step."""

    optimizer: torch.optim.Optimizer
    group: dict[str, Any]
    """The hyperparameters in force: a scheduler may change them right after the step."""
    before: Tensor
    state: dict[str, Any]
    kept: KeptGradient | None = None


class StepChange(Change):
    """An optimizer has made it."""

    def __init__(self, leaf: Leaf, stepped: OptimizerStep, kept: KeptGradient | None, after: dict[str, Any]) -> None:
        super().__init__(leaf, stepped.before, kept)
        self._kind, self._group = type(stepped.optimizer), stepped.group
        self._state, self._after = stepped.state, after

    def explain(self, flat: Flat) -> Generator[None, None, Account]:
        """By the optimizer's rule."""
        gradient = Composition()
        if self._kept is not None:
            gradient = yield from compose(flat, self._kept, self.grad)
        step = RuleStep(self._group, gradient, self.before, self._state, self._after)
        return Account(split(self._kind, step), gradient, gradient)

    @property
    def sure(self) -> bool:
        """It is torch's own optimizer."""
        return self._account is not None and self._account.split.exact

    def states(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The optimizer's state for the leaf, before and after."""
        return self._state, self._after


@dataclass
class Rates:
    """The learning rates that updates by hand have told, by lineage."""

    told: dict[int, float] = field(default_factory=dict)


class HandChange(Change):
    """The program has made it by hand."""

    def __init__(
        self, leaf: Leaf, before: Tensor, last: Tensor | None, tries: list[KeptGradient], sure: bool, rates: Rates
    ) -> None:
        super().__init__(leaf, before, tries[0] if tries else None)
        self._last, self._tries, self._sure, self._rates = last, tries, sure, rates

    def explain(self, flat: Flat) -> Generator[None, None, Account]:
        """Try the gradient as it is now, as backward left it, and the one that was returned."""
        tensor, grad, key = self.leaf.content, self.grad, self.leaf.lineage
        assert tensor is not None
        hand = Hand(flat, self.before, tensor, self._last, self._rates.told.get(key))
        first: Composition | None = None
        for kept in self._tries:
            for used in (grad, None) if grad is not None and kept is self._kept else (None,):
                gradient = yield from compose(flat, kept, used)
                first = first or gradient
                found = yield from fit(hand, gradient, self._sure)
                if found is None:
                    continue
                if found.lr is not None:
                    self._rates.told[key] = found.lr
                return Account(found, gradient, gradient)
        return Account(Split(), gradient=first or Composition())
