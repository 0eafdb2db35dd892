"""Does what the user wishes at the stop at which the program waits, and says what that has changed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import FrameType

import torch
from msgspec.structs import replace

from gradstep.model.message import Edit, Evaluate, Evaluated, Rate, Swap
from gradstep.model.receipt import Receipt
from gradstep.model.stop import Stop
from gradstep.program.edit.bits import digest
from gradstep.program.edit.evaluate import Answer, evaluate
from gradstep.program.edit.rate import rates_of, scale_rate
from gradstep.program.edit.swap import swap
from gradstep.program.edit.variables import scopes_of
from gradstep.program.host.talk import Talk
from gradstep.program.host.watcher import completed
from gradstep.program.leaves.leaves import Leaf, Leaves
from gradstep.program.leaves.names import Scope
from gradstep.program.leaves.updates import Updates
from gradstep.program.receipt.fresh import Changes
from gradstep.program.stops.describe import Describer
from gradstep.program.tensors.quiet import quiet

_KEPT = {"weight-decay": "weight decay", "by-hand": "what was added by hand"}
"""Parts of a step that are no earlier gradient."""


@dataclass(frozen=True)
class _StateBefore:
    """How everything was before an edit."""

    bits: dict[Leaf, tuple[int, int]]
    """Checksums of content and gradient."""
    pending: frozenset[Leaf]
    """Leaves that the program itself has changed and for which no update was shown yet."""
    bound: dict[str, int]
    """Name -> the leaf that it stands for, by identity."""


class Editor:
    """Changes the program, and settles what is remembered of it, so that an edit is not taken for an update."""

    def __init__(
        self,
        talk: Talk,
        leaves: Leaves,
        updates: Updates,
        changes: Changes,
        describer: Describer,
        unwatched: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._talk = talk
        self._leaves = leaves
        self._updates = updates
        self._changes = changes
        self._describer = describer
        self._unwatched = unwatched
        self._rates: dict[int, list[float]] = {}
        """Of optimizers by identity: the rates before the last edit of them, until their next step."""

    def edit(self, edit: Edit, stop: Stop) -> Evaluated:
        """Do it. `stop`: that at which the program waits."""
        frame = sys._getframe(1)
        with quiet():
            before = self._before(frame)
        with self._unwatched():
            answer = self._run(edit, stop, frame)
        with quiet():
            replaced = [leaf.name for leaf in self._rebind(before, Scope(frame))]
            changed = replaced + self._settle(before, isinstance(edit, Swap))
            now = self._described(stop, changed, frame) if changed else None
            if now is not None and isinstance(edit, Swap):
                now = replace(now, receipts={**now.receipts, **self._receipts(changed, now)})
        text = answer.text or (f"{_listed(changed)} changed" if changed else "done")
        if replaced and stop.phase == "update" and stop.reason == "by-hand":
            text += "; the line under way has the old one still"
        return Evaluated(edit, text, answer.error, now)

    def _run(self, edit: Edit, stop: Stop, frame: FrameType) -> Answer:
        if isinstance(edit, Evaluate):
            return evaluate(edit.text, scopes_of(frame), self._talk.interruptible)
        if isinstance(edit, Rate):
            optimizers = self._updates.optimizers()
            self._rates = {id(optimizer): rates_of(optimizer) for optimizer in optimizers}
            return scale_rate(edit.factor, optimizers, scopes_of(frame))
        return self._swap(stop)

    def stepped(self, optimizer: torch.optim.Optimizer) -> None:
        """An optimizer has stepped: tell it, once, if the program had put the rate back by then."""
        before = self._rates.pop(id(optimizer), [])
        if before and rates_of(optimizer) == before:
            rate = f"{before[0]:.6g}"
            text = f"the program has set the learning rate back to {rate}: change what it comes from, with :"
            self._talk.notice(text)

    def _swap(self, stop: Stop) -> Answer:
        if stop.update is None:
            return Answer("a step can be changed at an update stop only: u runs to the next one", error=True)
        named = {leaf.name: leaf for leaf in self._leaves}
        leaves = [named[name] for name in stop.update.leaves if name in named]
        with quiet():
            done, unknown = swap(leaves, self._changes)
        only = "now only the step of the fresh gradient is taken"
        told = [f"{_listed(done)}: {only}{self._kept_of(leaves, done)}"] if done else []
        told += [f"{_listed(unknown)}: it is not known what this step was made of"] if unknown else []
        if not told:
            return Answer("this step came from the fresh gradient alone already: nothing stale, no momentum")
        return Answer("; ".join(told), error=not done)

    def _kept_of(self, leaves: list[Leaf], done: list[str]) -> str:
        """What else is in those steps: `, with weight decay`."""
        kinds: set[str] = set()
        for leaf in leaves:
            kinds |= (self._changes.kinds(leaf) or set()) if leaf.name in done else set()
        kept = [text for kind, text in _KEPT.items() if kind in kinds]
        return f", with {' and '.join(kept)}" if kept else ""

    def _before(self, frame: FrameType) -> _StateBefore:
        leaves = list(self._leaves)
        pending = frozenset(leaf for leaf in leaves if leaf.trained and leaf.differs())
        bits = {leaf: _bits(leaf) for leaf in leaves}
        return _StateBefore(bits, pending, Scope(frame).bound)

    def _settle(self, before: _StateBefore, known: bool) -> list[str]:
        """Names of what is not as it was, of a gradient `w.grad`; that is no update of the program.

        `known`: what the leaves' steps are made of is known all the same.
        """
        leaves, changed = self._leaves, []
        for leaf in leaves:
            content, grad = before.bits.get(leaf, (0, 0))
            now = _bits(leaf) if leaf in before.bits else (0, 0)
            if now[0] != content:
                changed.append(leaf.name)
                leaf.view = None
                if not known:
                    self._changes.drop(leaf)
                if leaf.trained and leaf.snapshot is not None and leaf not in before.pending:
                    leaf.remember()
            if now[1] != grad:
                changed.append(f"{leaf.name}.grad")
                leaf.now_of = None
        leaves.index_storages()
        return changed

    def _rebind(self, before: _StateBefore, scope: Scope) -> list[Leaf]:
        """Leaves that have taken the place of others: another tensor has their name now."""
        leaves, found = self._leaves, []
        for leaf in list(leaves):
            tensor = scope.tensors.get(scope.bound.get(leaf.name, 0))
            was = before.bound.get(leaf.name)
            if tensor is None or was is None or was == id(tensor) or was != id(leaf.tensor):
                continue
            if tensor.requires_grad and tensor.is_leaf and leaves.find(tensor) is None:
                new = leaves.add(tensor)
                trained = leaf.trained
                new.follow(leaf)
                new.trained = trained
                if trained and new.owner < 0:
                    new.remember()
                leaves.forget(leaf)
                self._changes.drop(new)
                found.append(new)
        return found

    def _described(self, stop: Stop, changed: list[str], frame: FrameType) -> Stop:
        """The stop as it is now."""
        describer = self._describer
        describer.look(frame)
        now = completed(describer.fill(stop, eager=False), describer.rest)
        others = {name: shown for name, shown in stop.tensors.items() if name not in stop.leaves}
        names = tuple(dict.fromkeys((*stop.changed, *changed)))
        return replace(now, tensors={**others, **now.tensors}, changed=names)

    def _receipts(self, changed: list[str], stop: Stop) -> dict[str, Receipt]:
        """Of leaves whose step was swapped, of which there was one."""
        leaves = [leaf for leaf in self._leaves if leaf.name in changed and leaf.name in stop.receipts]
        made = {leaf.name: self._changes.receipt(leaf) for leaf in leaves}
        return {name: receipt for name, receipt in made.items() if receipt is not None}


def _bits(leaf: Leaf) -> tuple[int, int]:
    """Checksums of content and gradient; without a gradient -1."""
    tensor = leaf.tensor
    if tensor is None:
        return 0, 0
    return digest(tensor), digest(tensor.grad) if tensor.grad is not None else -1


def _listed(names: list[str], most: int = 3) -> str:
    """`w, b and 4 more`."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")
