"""Receipts of updates: keeps what they need, from the end of backward to the end of the update, and makes them."""

from __future__ import annotations

import weakref
from collections.abc import Generator, Iterator
from typing import Any

import torch
from torch import Tensor

from gradstep.model.message import Statistics
from gradstep.model.receipt import Receipt
from gradstep.model.stop import Stop
from gradstep.model.tensor import SMALL
from gradstep.program.host.watcher import Pace
from gradstep.program.leaves.leaves import Leaf, Leaves
from gradstep.program.receipt.brief import brief
from gradstep.program.receipt.change import Change, HandChange, OptimizerStep, Rates, StepChange, Unchanged
from gradstep.program.receipt.compose import KeptGradient, remembered
from gradstep.program.receipt.fresh import Changes, finished
from gradstep.program.receipt.keep import Copies, Key, can_be_kept
from gradstep.program.tensors.allowance import Allowance
from gradstep.program.tensors.quiet import quiet, quietly

AT_ONCE = 8
"""Where no more leaves have moved, the small ones get their receipt at the stop itself; else all after it."""
_BATCH = 0.02
"""Seconds of receipts that are sent in one message."""


class Receipts:
    """Everything is kept only while somebody will look at the update."""

    def __init__(self, leaves: Leaves, allowance: Allowance, brief: bool = False) -> None:
        """`brief`: where many leaves have moved only what findings need, where that takes less."""
        self._brief = brief
        self._told = False
        self._short: set[int] = set()
        """Leaves, by lineage, of which the step now under way could not be copied."""
        self.without: tuple[str, ...] = ()
        """Those that the latest update has moved, by name."""
        self.changes = Changes()
        """What the leaves' latest changes were made of."""
        self._leaves = leaves
        self._copies = Copies(allowance)
        self._kept: dict[int, KeptGradient] = {}
        self._returned: dict[int, weakref.ref[Tensor]] = {}
        self._given: dict[int, Tensor] = {}
        self._steps: dict[int, OptimizerStep] = {}
        self._last: dict[int, Tensor] = {}
        self._spare: dict[int, Tensor] = {}
        self._spent: dict[int, tuple[Tensor, Unchanged]] = {}
        """Of gradients that an update has used since: the copy, and they."""
        self._rates = Rates()
        self._jobs: dict[str, Change] = {}

    def returned(self, leaf: Leaf, grad: Tensor) -> None:
        """`torch.autograd.grad` has returned that."""
        self._returned[leaf.lineage] = weakref.ref(grad)

    def after_backward(self, looked_at: bool) -> None:
        """The program goes on after a backward stop; `looked_at`: the update will be, or its proof."""
        self._jobs.clear()
        self._spent.clear()
        self.changes.clear()
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
                inforce = {key: _fixed(value) for key, value in group.items() if key != "params"}
                for parameter in group["params"]:
                    leaf = self._leaves.find(parameter)
                    if leaf is not None and (parameter.grad is not None or closure):
                        self.changes.drop(leaf)
                        found.append((leaf, parameter, inforce))
                        wanted |= _content(leaf, parameter, optimizer)
                        if parameter.grad is not None and self._gradient(leaf, parameter.grad) is None:
                            wanted[leaf.lineage, "grad"] = parameter.grad
            copies = self._copies.take(wanted)
            self._short = {key[0] for key, item in wanted.items() if key not in copies and can_be_kept(item)}
            for leaf, parameter, group in found:
                if (leaf.lineage, "value") in copies and leaf.lineage not in self._short:
                    self._steps[leaf.lineage] = self._stepped(leaf, parameter, optimizer, group, copies)

    def _stepped(
        self,
        leaf: Leaf,
        parameter: Tensor,
        optimizer: torch.optim.Optimizer,
        group: dict[str, Any],
        copies: dict[Key, Tensor],
    ) -> OptimizerStep:
        key = leaf.lineage
        state = {
            name: copies.get((key, f"state {name}")) if isinstance(value, Tensor) else value
            for name, value in optimizer.state.get(parameter, {}).items()
        }
        stepped = OptimizerStep(optimizer, group, copies[key, "value"], state)
        if (key, "grad") in copies:
            stepped.kept = remembered(leaf, copies[key, "grad"])
        elif parameter.grad is not None:
            stepped.kept = self._gradient(leaf, parameter.grad)
        return stepped

    def _gradient(self, leaf: Leaf, grad: Tensor) -> KeptGradient | None:
        """What is in `.grad`, as it was kept after backward, or for the update before; None if it was not."""
        copy, used = self._spent.get(leaf.lineage, (None, _nothing))
        if copy is not None and used() is grad:
            return KeptGradient(copy, stale=copy)
        return self._kept.get(leaf.lineage)

    def at_update(self, moved: list[Leaf], by_hand: bool, shown: bool) -> dict[str, Receipt]:
        """An update is over: the receipts of its first small leaves, if it is shown, and these have their names.

        To be called before the ledger takes their gradients for used, and before snapshots are taken anew.
        """
        self._jobs.clear()
        with quiet():
            for leaf in moved:
                tensor, stepped = leaf.tensor, self._steps.pop(leaf.lineage, None)
                self.changes.drop(leaf)
                if tensor is None or not can_be_kept(tensor):
                    continue
                change = self._by_hand(leaf, tensor) if by_hand else self._by_step(leaf, tensor, stepped)
                if change is not None:
                    self.changes.add(change)
                    if shown:
                        self._jobs[leaf.name] = change
                self._spend(leaf, tensor)
            self._steps.clear()
            self.without = tuple(leaf.name for leaf in moved if leaf.lineage in self._short)
            self._short.clear()
            small = [leaf.name for leaf in moved if leaf.name in self._jobs and leaf.shape.numel() <= SMALL]
            made = {name: finished(self._jobs.pop(name).receipt()) for name in small} if len(moved) <= AT_ONCE else {}
        return {name: receipt for name, receipt in made.items() if receipt is not None}

    def _spend(self, leaf: Leaf, tensor: Tensor) -> None:
        """The update has used its gradient."""
        kept, key = self._kept.pop(leaf.lineage, None), leaf.lineage
        self._given.pop(key, None)
        if kept is not None and tensor.grad is not None:
            self._spent[key] = kept.grad, Unchanged(tensor.grad)

    def rest(self, stop: Stop) -> Iterator[Statistics | None]:
        """The other receipts, in pieces."""
        made: dict[str, Receipt] = {}
        same: list[str] = []
        pace = Pace(_BATCH)
        try:
            for name, change in self._jobs.items() if stop.phase == "update" and stop.whole else ():
                for receipt in quietly(self._made(change)):
                    if receipt is not None:
                        made[name] = receipt
                    if made and pace.is_due():
                        told, made, same = Statistics(stop.index, receipts=made, same=tuple(same)), {}, []
                        yield told
                    else:
                        yield None
                with quiet():
                    same += [name] * change.is_none
            if made or same:
                yield Statistics(stop.index, receipts=made, same=tuple(same))
        finally:
            self._jobs.clear()

    def _made(self, change: Change) -> Generator[Receipt | None, None, None]:
        """The receipt; a brief one where that is enough."""
        told = (yield from brief(change)) if self._brief and isinstance(change, StepChange) else None
        if told is None:
            yield from change.receipt()
        else:
            yield told

    def lack(self) -> str:
        """What the user should know of receipts that could not be made; told once."""
        if self._told or not self._copies.refused:
            return ""
        self._told = True
        return "--history is too small to explain what updates do to the largest leaves"

    def forget(self) -> None:
        """The program runs through: keep nothing, and give the memory back."""
        for kept in (self._kept, self._given, self._returned, self._steps, self._last, self._spare, self._spent):
            kept.clear()
        self._jobs.clear()
        self.changes.clear()
        self._copies.forget()

    def _by_step(self, leaf: Leaf, tensor: Tensor, stepped: OptimizerStep | None) -> Change | None:
        """What an optimizer has made of a leaf."""
        if stepped is None:
            return None
        self._last.pop(leaf.lineage, None)
        kept = self._kept.get(leaf.lineage)
        return StepChange(leaf, stepped, kept or stepped.kept, dict(stepped.optimizer.state.get(tensor, {})))

    def _by_hand(self, leaf: Leaf, tensor: Tensor) -> Change | None:
        """What the program has made of a leaf; its snapshot becomes ours, and our oldest its next one."""
        before, key = leaf.snapshot, leaf.lineage
        if before is None or before.shape != tensor.shape or before.dtype != tensor.dtype:
            return None
        last, spare = self._last.get(key), self._spare.pop(key, None)
        leaf.snapshot, self._last[key] = spare, before
        if last is not None:
            self._spare[key] = last
        sure = key in self._kept or key in self._given or not leaf.used
        tries = [KeptGradient(self._given[key])] if key in self._given else []
        grad = tensor.grad if tensor.grad is not None and can_be_kept(tensor.grad) else None
        kept = self._kept.get(key) if grad is None else self._gradient(leaf, grad)
        if kept is None and grad is not None:
            copies = self._copies.take({(key, "grad"): grad})
            kept = remembered(leaf, copies[key, "grad"]) if copies else None
        return HandChange(leaf, before, last, [kept, *tries] if kept is not None else tries, sure, self._rates)


def _content(leaf: Leaf, parameter: Tensor, optimizer: torch.optim.Optimizer) -> dict[Key, Tensor]:
    """A leaf's value, and the tensors of the optimizer's state for it."""
    states = optimizer.state.get(parameter, {}).items()
    found: dict[Key, Tensor] = {(leaf.lineage, f"state {name}"): v for name, v in states if isinstance(v, Tensor)}
    return {(leaf.lineage, "value"): parameter, **found}


def _fixed(value: object) -> object:
    """A hyperparameter as it is now."""
    return value.clone() if isinstance(value, Tensor) else value


def _nothing() -> None:
    return None
