"""Calls of clip_grad_norm_ and clip_grad_value_: what there was to clip, and when."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Collection, Iterator
from types import FrameType, FunctionType
from typing import Any

import torch
from torch import Tensor
from torch.compiler import is_compiling
from torch.nn.utils import clip_grad

from gradstep.model.clue import Clue
from gradstep.program.clues.book import ClueBook
from gradstep.program.host.frames import here
from gradstep.program.host.guard import Guard
from gradstep.program.leaves.leaves import Leaves
from gradstep.program.leaves.scaling import Scaling
from gradstep.program.tape.modules import disguised, last_line
from gradstep.program.tensors.quiet import quiet
from gradstep.program.tensors.views import readable

_FUNCTIONS = ("clip_grad_norm_", "clip_grad_value_")
_CRUSHING = 1000.0
"""A norm so many times the largest one allowed is not clipped to bound an outlier."""
_CRUSHED_RUNNING = 10
_AFTER_STEP_RUNNING = 3
_LINES = 3
"""Lines from the head of our wrapper to its call of the original."""


class Clipping:
    """What each call of them met: nothing, gradients that a scaler has multiplied, gradients that were used already."""

    def __init__(self, leaves: Leaves, scaling: Scaling, guard: Guard, book: ClueBook) -> None:
        self._leaves = leaves
        self._scaling = scaling
        self._guard = guard
        self._book = book
        self._empty: Clue | None = None
        """A call that found no gradient since the last update."""
        self._clipped = False
        """A call since the last backward pass that found some."""
        self._used: Clue | None = None
        """A call that found gradients which an update had used."""
        self._late = self._crushed = 0
        self._passed = False
        """Backward has run since the last update."""
        self._stepped = False
        """An optimizer has stepped since the last backward pass."""

    def watch(self) -> None:
        """Follow the two functions, under every name that torch gives them."""
        for name in _FUNCTIONS:
            run = getattr(clip_grad, name)
            seen = disguised(_following(self, run), run.__code__.co_filename, last_line(run), _LINES)
            functools.update_wrapper(seen, run)
            for owner in (clip_grad, torch.nn.utils):
                setattr(owner, name, seen)

    def before(
        self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """A call begins; gives its arguments, with a list for a generator, which can be read only once."""
        parameters = args[0] if args else kwargs.get("parameters")
        known = [parameters] if isinstance(parameters, Tensor) else parameters
        if isinstance(known, Iterator):
            known = list(known)
            args, kwargs = ((known, *args[1:]), kwargs) if args else (args, kwargs | {"parameters": known})
        if isinstance(known, Collection):
            with self._guard, quiet():
                self._look(name, known, sys._getframe(2))
        return args, kwargs

    def _look(self, name: str, parameters: Collection[Any], frame: FrameType) -> None:
        leaves = [
            leaf for item in parameters if isinstance(item, Tensor) and (leaf := self._leaves.find(item)) is not None
        ]
        grads = [tensor.grad for leaf in leaves if (tensor := leaf.tensor) is not None and tensor.grad is not None]
        where = here(frame)
        if not any(_is_something(grad) for grad in grads):
            if not self._passed:  # else backward has brought zeros
                self._empty = Clue("clip-without-effect", "empty", by=name, place=where)
            return
        if any(leaf.scale for leaf in leaves) and self._scaling.factor() is not None:
            factor = self._scaling.factor() or 1.0
            self._book.add(Clue("clip-without-effect", "scaled", by=name, place=where, numbers={"factor": factor}))
        if leaves and all(leaf.used for leaf in leaves if leaf.tensor is not None and leaf.tensor.grad is not None):
            self._used = Clue("clip-without-effect", "late", by=name, place=where)
        else:
            self._clipped = True

    def after(self, name: str, limit: Any, total: Any) -> None:
        """It has returned; `total`: the norm that it found."""
        if name != _FUNCTIONS[0] or not isinstance(total, Tensor) or not isinstance(limit, (int, float)) or not limit:
            return
        with self._guard, quiet():
            if readable(total) and total.device.type == "cpu":
                ratio = float(total) / limit
                self._crushed = self._crushed + 1 if ratio > _CRUSHING else 0
                if self._crushed >= _CRUSHED_RUNNING:
                    numbers = {"ratio": ratio, "limit": float(limit), "running": float(self._crushed)}
                    self._book.add(
                        Clue("clip-without-effect", "crushed", by=name, place=here(sys._getframe(2)), numbers=numbers)
                    )

    def before_backward(self) -> None:
        """A backward pass begins."""
        self._passed = True
        used, self._used = self._used, None
        if used is not None or self._stepped:  # else one more micro-batch of the same update
            self._late = self._late + 1 if used is not None and not self._is_held() else 0
        self._stepped = False
        if used is not None and self._late >= _AFTER_STEP_RUNNING:
            self._book.add(used)

    def _is_held(self) -> bool:
        """Whether gradients of before are still there."""
        grads = (tensor.grad for leaf in self._leaves if (tensor := leaf.tensor) is not None)
        return any(grad is not None and _is_something(grad) for grad in grads)

    def at_update(self, has_gradient: bool) -> None:
        """An optimizer has stepped, with gradients or without."""
        empty, self._empty = self._empty, None
        if empty is not None and has_gradient and not self._clipped:
            self._book.add(empty)
        self._clipped = self._passed = False
        self._stepped = True


def _following(clipping: Clipping, run: Callable[..., Any]) -> FunctionType:
    def call(*args: Any, **kwargs: Any) -> Any:
        if not is_compiling():
            args, kwargs = clipping.before(run.__name__, args, kwargs)
        total = run(*args, **kwargs)
        if not is_compiling():
            clipping.after(run.__name__, args[1] if len(args) > 1 else kwargs.get("max_norm"), total)
        return total

    return call  # type: ignore[return-value]


def _is_something(grad: Tensor) -> bool:
    """Whether a gradient is not all zeros, as zero_grad may leave it."""
    return not readable(grad) or grad.layout is not torch.strided or bool(grad.detach().any())
