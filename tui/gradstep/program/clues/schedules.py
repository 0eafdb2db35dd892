"""Learning rates: how far they have fallen, and schedulers that nobody steps."""

from __future__ import annotations

import functools
import sys
import weakref
from typing import Any

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from gradstep.model.clue import Clue
from gradstep.model.place import Place
from gradstep.model.stop import Loss
from gradstep.program.clues.book import ClueBook
from gradstep.program.host.frames import here

_GONE = 1e-5
"""A learning rate below this part of its peak trains nothing."""
_RUNNING = 5
_OF_ALL = 0.02
"""Part of all updates: the end of a schedule that goes down to zero has far fewer with such a rate."""
_LEARNED = 0.1
"""A loss below this part of its first value has been learned: the rate may go."""
_UPDATES = 3
"""Updates after which a scheduler should have been stepped."""


class Schedules:
    """Of each optimizer the largest learning rate so far, and how long it has been next to nothing."""

    def __init__(self, book: ClueBook) -> None:
        self._book = book
        self._peaks: weakref.WeakKeyDictionary[Optimizer, float] = weakref.WeakKeyDictionary()
        self._gone: weakref.WeakKeyDictionary[Optimizer, int] = weakref.WeakKeyDictionary()
        self._updates = 0
        self._first: dict[str, float] = {}
        """The first loss of each site."""
        self._made: dict[int, tuple[weakref.ref[Any], Place]] = {}
        self._idle: dict[int, tuple[str, Place]] = {}
        """Schedulers that had not been stepped at the latest update: their class, and where they were made."""

    def watch(self) -> None:
        """Follow the making of every scheduler."""
        owner: Any = LRScheduler
        begin = owner.__init__
        schedules = self

        @functools.wraps(begin)
        def begin_seen(self: Any, *args: Any, **kwargs: Any) -> None:
            begin(self, *args, **kwargs)
            schedules._made[id(self)] = weakref.ref(self), here(sys._getframe(1))

        owner.__init__ = begin_seen

    def at_loss(self, loss: Loss | None) -> None:
        """A forward pass has given that loss."""
        if loss is not None and loss.value is not None:
            self._first.setdefault(loss.site, loss.value)

    def peak(self, optimizer: Optimizer) -> float | None:
        """Its largest learning rate at a step so far."""
        return self._peaks.get(optimizer)

    def stepped(self, optimizer: Optimizer, loss: Loss | None) -> None:
        """An optimizer has stepped, after a pass with that loss."""
        self._updates += 1
        rate = max((float(group.get("lr") or 0.0) for group in optimizer.param_groups), default=0.0)
        peak = self._peaks[optimizer] = max(rate, self._peaks.get(optimizer, 0.0))
        gone = self._gone[optimizer] = self._gone.get(optimizer, 0) + 1 if rate < _GONE * peak else 0
        if gone >= max(_RUNNING, _OF_ALL * self._updates) and loss is not None and loss.value is not None:
            first = self._first.get(loss.site, 0.0)
            if abs(loss.value) > _LEARNED * abs(first) > 0:
                numbers = {"lr": rate, "peak": peak, "updates": float(gone), "loss": loss.value, "first": first}
                self._book.add(Clue("learning-rate-gone", by=type(optimizer).__name__, numbers=numbers))
        if self._made:
            self._look()

    def _look(self) -> None:
        alive = {key: (item, where) for key, (ref, where) in self._made.items() if (item := ref()) is not None}
        self._made = {key: self._made[key] for key in alive}
        inside = {id(part) for item, _ in alive.values() for part in getattr(item, "_schedulers", ())}
        self._idle = {
            key: (type(item).__name__, where)
            for key, (item, where) in alive.items()
            if key not in inside and not getattr(item, "last_epoch", 1)
        }

    def at_end(self) -> None:
        """The program has come to its end."""
        if self._updates < _UPDATES:
            return
        if self._made:
            self._look()
        for name, where in self._idle.values():
            self._book.add(Clue("scheduler-idle", by=name, place=where, numbers={"updates": float(self._updates)}))
