"""Receipts of updates: keeps what they need, from the end of backward to the end of the update, and makes them."""

from __future__ import annotations

import time
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from gradstep.model.message import Statistics
from gradstep.model.receipt import Receipt
from gradstep.model.stop import Stop
from gradstep.model.tensor import SMALL
from gradstep.program.receipt.compose import Composition, Kept, compose, remembered
from gradstep.program.receipt.hand import Hand, fit
from gradstep.program.receipt.keep import Copies, Key, can_be_kept
from gradstep.program.receipt.measure import Job, measure
from gradstep.program.receipt.rules import Step, split
from gradstep.program.receipt.terms import Flat, Split
from gradstep.program.watch.leaves import Leaf, Leaves
from gradstep.program.watch.quiet import quiet

AT_ONCE = 8
"""So many small leaves get their receipt at the stop itself, the others after it."""
_BATCH = 0.02
"""Seconds of receipts that are sent in one message."""


@dataclass
class Stepped:
    """One leaf at the beginning of its optimizer's step."""

    optimizer: torch.optim.Optimizer
    group: dict[str, Any]
    before: Tensor
    grad: Tensor | None
    kept: Kept | None
    state: dict[str, Any] = field(default_factory=dict)


class Receipts:
    """Everything is kept only while somebody will look at the update."""

    def __init__(self, leaves: Leaves) -> None:
        self._leaves = leaves
        self._copies = Copies()
        self._kept: dict[int, Kept] = {}
        self._returned: dict[int, weakref.ref[Tensor]] = {}
        self._given: dict[int, Tensor] = {}
        self._steps: dict[int, Stepped] = {}
        self._last: dict[int, Tensor] = {}
        self._spare: dict[int, Tensor] = {}
        self._rates: dict[int, float] = {}
        self._jobs: dict[str, Iterator[Receipt | None]] = {}

    def returned(self, leaf: Leaf, grad: Tensor) -> None:
        """`torch.autograd.grad` has returned that."""
        self._returned[leaf.lineage] = weakref.ref(grad)

    def after_backward(self, looked_at: bool) -> None:
        """The program goes on after a backward stop; `looked_at`: the update will be."""
        self._jobs.clear()
        if not looked_at:
            self.forget()
            return
        with quiet():
            copies = self._copies.take(self._gradients())
            for leaf in self._leaves:
                if (leaf.lineage, "grad") in copies:
                    self._kept[leaf.lineage] = remembered(leaf, copies[leaf.lineage, "grad"])
                if (leaf.lineage, "given") in copies:
                    self._given[leaf.lineage] = copies[leaf.lineage, "given"]

    def _gradients(self) -> dict[Key, Tensor]:
        """What is in `.grad`, and what was returned instead."""
        found: dict[Key, Tensor] = {}
        for leaf in self._leaves:
            tensor, given = leaf.tensor, self._returned.get(leaf.lineage, _nothing)()
            if tensor is not None and tensor.grad is not None:
                found[leaf.lineage, "grad"] = tensor.grad
            if given is not None:
                found[leaf.lineage, "given"] = given
        self._returned.clear()
        return found

    def before_step(self, optimizer: torch.optim.Optimizer, closure: bool) -> None:
        """An optimizer's step begins that will be looked at: copy the leaves and its state."""
        self._jobs.clear()
        with quiet():
            found: list[tuple[Leaf, Tensor, dict[str, Any]]] = []
            wanted: dict[Key, Tensor] = {}
            for group in optimizer.param_groups:
                for parameter in group["params"]:
                    leaf = self._leaves.find(parameter)
                    if leaf is not None and (parameter.grad is not None or closure):
                        found.append((leaf, parameter, group))
                        wanted |= _content(leaf, parameter, optimizer)
            copies = self._copies.take(wanted)
            for leaf, parameter, group in found:
                if (leaf.lineage, "value") in copies:
                    self._steps[leaf.lineage] = self._stepped(leaf, parameter, optimizer, group, copies)

    def _stepped(
        self,
        leaf: Leaf,
        parameter: Tensor,
        optimizer: torch.optim.Optimizer,
        group: dict[str, Any],
        copies: dict[Key, Tensor],
    ) -> Stepped:
        kept = self._kept.get(leaf.lineage)
        if kept is None and parameter.grad is not None and can_be_kept(parameter.grad):
            kept = remembered(leaf, parameter.grad)
        state = {
            name: copies.get((leaf.lineage, f"state {name}")) if isinstance(value, Tensor) else value
            for name, value in optimizer.state.get(parameter, {}).items()
        }
        return Stepped(optimizer, group, copies[leaf.lineage, "value"], parameter.grad, kept, state)

    def at_update(self, moved: list[Leaf], by_hand: bool) -> dict[str, Receipt]:
        """An update is over that is looked at, and its leaves have their names: the receipts of the first small ones.

        To be called before the ledger takes their gradients for used, and before snapshots are taken anew.
        """
        self._jobs.clear()
        with quiet():
            for leaf in moved:
                tensor, stepped = leaf.tensor, self._steps.pop(leaf.lineage, None)
                if tensor is None or not can_be_kept(tensor):
                    continue
                if by_hand:
                    self._take_hand(leaf, tensor)
                elif stepped is not None:
                    self._take_step(leaf, tensor, stepped)
                self._kept.pop(leaf.lineage, None)
                self._given.pop(leaf.lineage, None)
            self._steps.clear()
            small = [leaf.name for leaf in moved if leaf.name in self._jobs and leaf.shape.numel() <= SMALL]
            made = {name: _finished(self._jobs.pop(name)) for name in small[:AT_ONCE]}
        return {name: receipt for name, receipt in made.items() if receipt is not None}

    def rest(self, stop: Stop) -> Iterator[Statistics | None]:
        """The other receipts, in pieces."""
        made: dict[str, Receipt] = {}
        since = time.perf_counter()
        try:
            for name, job in self._jobs.items() if stop.phase == "update" and stop.whole else ():
                for receipt in _quietly(job):
                    if receipt is not None:
                        made[name] = receipt
                    ripe = made and time.perf_counter() - since > _BATCH
                    yield Statistics(stop.index, receipts=made) if ripe else None
                    if ripe:
                        made, since = {}, time.perf_counter()
            if made:
                yield Statistics(stop.index, receipts=made)
        finally:
            self._jobs.clear()

    def forget(self) -> None:
        """The program runs through: keep nothing, and give the memory back."""
        for kept in (self._kept, self._given, self._returned, self._steps, self._last, self._spare, self._jobs):
            kept.clear()
        self._copies.forget()

    def _take_step(self, leaf: Leaf, tensor: Tensor, stepped: Stepped) -> None:
        """Note a leaf that an optimizer has moved."""
        after = dict(stepped.optimizer.state.get(tensor, {}))
        grad = tensor.grad if tensor.grad is not None else stepped.grad
        kept = self._kept.get(leaf.lineage, stepped.kept)
        self._jobs[leaf.name] = _explain_step(tensor, stepped, grad, kept, after)
        self._last.pop(leaf.lineage, None)

    def _take_hand(self, leaf: Leaf, tensor: Tensor) -> None:
        """Note a leaf that the program has changed; its snapshot becomes ours, and our oldest its next one."""
        before, key = leaf.snapshot, leaf.lineage
        if before is None or before.shape != tensor.shape or before.dtype != tensor.dtype:
            return
        last, spare = self._last.get(key), self._spare.pop(key, None)
        leaf.snapshot, self._last[key] = spare, before
        if last is not None:
            self._spare[key] = last
        grad = tensor.grad if tensor.grad is not None and can_be_kept(tensor.grad) else None
        kept = self._kept.get(key)
        sure = kept is not None or key in self._given or not leaf.used
        if kept is None and grad is not None:
            kept = remembered(leaf, grad)
        hand = Hand(Flat(before), before, tensor, last, self._rates.get(key))
        self._jobs[leaf.name] = self._explain_hand(key, hand, kept, grad, sure)

    def _explain_hand(
        self, key: int, hand: Hand, kept: Kept | None, grad: Tensor | None, sure: bool
    ) -> Iterator[Receipt | None]:
        """Try the gradient as it is now, as backward left it, and the one that was returned."""
        tries: list[tuple[Kept, Tensor | None]] = []
        if kept is not None:
            tries += [(kept, grad), (kept, None)] if grad is not None and grad is not kept.grad else [(kept, None)]
        if key in self._given:
            tries.append((Kept(self._given[key]), None))
        found, gradient = None, Composition()
        for known, now in tries:
            gradient = yield from compose(hand.flat, known, now)
            found = yield from fit(hand, gradient, sure)
            if found is not None:
                break
        if found is not None and found.lr is not None:
            self._rates[key] = found.lr
        told = gradient if found is not None else Composition()
        job = Job(hand.flat, hand.before, hand.after, found or Split(), told.scaled, told.fresh)
        yield from measure(job)


def _content(leaf: Leaf, parameter: Tensor, optimizer: torch.optim.Optimizer) -> dict[Key, Tensor]:
    """A leaf's value, and the tensors of the optimizer's state for it."""
    states = optimizer.state.get(parameter, {}).items()
    found: dict[Key, Tensor] = {(leaf.lineage, f"state {name}"): v for name, v in states if isinstance(v, Tensor)}
    return {(leaf.lineage, "value"): parameter, **found}


def _explain_step(
    tensor: Tensor, stepped: Stepped, grad: Tensor | None, kept: Kept | None, after: dict[str, Any]
) -> Iterator[Receipt | None]:
    """One leaf that an optimizer has moved."""
    flat = Flat(stepped.before)
    gradient = Composition()
    if kept is not None:
        gradient = yield from compose(flat, kept, grad)
    found = split(stepped.optimizer, Step(stepped.group, gradient, stepped.before, stepped.state, after))
    yield from measure(Job(flat, stepped.before, tensor, found, gradient.scaled, gradient.fresh, stepped.state, after))


def _finished(job: Iterator[Receipt | None]) -> Receipt | None:
    """All of it at once."""
    return next((receipt for receipt in job if receipt is not None), None)


def _quietly(job: Iterator[Receipt | None]) -> Iterator[Receipt | None]:
    """Each piece quietly, and nothing of that in between."""
    while True:
        with quiet():
            try:
                piece = next(job)
            except StopIteration:
                return
        yield piece


def _nothing() -> None:
    return None
