"""Passes that are run again with weights of one's choice, and counted; the program's own state is left alone."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from gradstep.model.tensor import same
from gradstep.program.host.blackout import Blackout
from gradstep.program.host.faults import repr_of, words_of
from gradstep.program.leaves.leaves import Leaf, Leaves
from gradstep.program.replay.kept import Pass, Weights
from gradstep.program.replay.run import Chain, Content, Lost, ResultNote, untouched

FAILS = (RuntimeError, TypeError, ValueError, IndexError, KeyError, NotImplementedError, AttributeError)
"""What a call may raise that is made again."""


class Reruns:
    """Runs passes again, and counts them."""

    def __init__(self, leaves: Leaves, blackout: Blackout) -> None:
        self.count = 0
        self._leaves = leaves
        self._blackout = blackout

    def loss(self, which: Pass, weights: Weights) -> float:
        """The loss of a pass with those weights."""
        return which.value(self.roots(which, weights))

    def roots(
        self, which: Pass, weights: Weights, given: dict[int, Tensor] | None = None, note: ResultNote | None = None
    ) -> list[Tensor]:
        """Its roots. `given`: results that are taken as they are, by their calls; `note` is told of all others."""
        self.count += 1
        content = Content(weights, self._leaves)
        with self._alone(which.grad):
            return chain_of(which).run(content, which.grad, given, note=note)

    def result(self, which: Pass, number: int) -> Tensor:
        """What one of its calls makes."""
        with self._alone(which.grad):
            return chain_of(which).upto(number).run(Content(which.weights, self._leaves), which.grad)[0]

    def gradient(self, which: Pass, place: Leaf | int, value: Tensor) -> Tensor:
        """Autograd's gradient of the loss by a leaf, or by the result of a call, which holds that value."""
        if isinstance(place, Leaf) and chain_of(which).opaque:
            raise Lost("what a compiled model or a custom function reads is not differentiated again")
        self.count += 1
        content = Content(which.weights, self._leaves)
        with self._alone(True):
            source = value.detach().clone().requires_grad_()
            given = None if isinstance(place, Leaf) else {place: source.clone()}
            stand_in = {place: source} if isinstance(place, Leaf) else {}
            roots = chain_of(which).run(content, True, given, stand_in)
            (grad,) = torch.autograd.grad(roots, [source], [torch.ones_like(root) for root in roots], allow_unused=True)
        return torch.zeros_like(value) if grad is None else grad

    def gradients(self, which: Pass, values: dict[Leaf, Tensor]) -> tuple[float, list[Tensor]]:
        """The loss with other values of those leaves, and autograd's gradients by them."""
        self.count += 1
        content = Content(which.weights, self._leaves)
        with self._alone(True):
            stand_in = {leaf: value.detach().clone().requires_grad_() for leaf, value in values.items()}
            inputs = list(stand_in.values())
            roots = chain_of(which).run(content, True, {}, stand_in)
            grads = torch.autograd.grad(roots, inputs, [torch.ones_like(root) for root in roots], allow_unused=True)
        given = zip(grads, inputs, strict=True)
        return which.value(roots), [torch.zeros_like(item) if grad is None else grad for grad, item in given]

    @contextmanager
    def _alone(self, grad: bool) -> Iterator[None]:
        """Nothing of it is watched."""
        with self._blackout, untouched(), torch.set_grad_enabled(grad):
            yield


def chain_of(which: Pass) -> Chain:
    """Its calls; raises Lost where they are not known."""
    if which.chain is None:
        raise Lost(which.problem)
    return which.chain


def failed(error: Exception) -> str:
    """Why there is no proof, in a line."""
    if isinstance(error, Lost):
        return str(error)
    return f"re-running it failed: {(words_of(error) or repr_of(error)).splitlines()[0]}"


def check(which: Pass, runs: Reruns) -> Generator[None, None, None]:
    """Run a pass with its own weights; raises Lost unless the loss is the program's, bit for bit."""
    assert which.chain is not None
    written = which.chain.overwritten()
    if written:
        raise Lost(f"an input of {written} was overwritten since")
    found = math.nan
    for grad in (False, True) if not which.chain.grad else (True,):
        which.grad = grad
        found = runs.loss(which, which.weights)
        yield
        if same(found, which.loss.value):
            return
    raise Lost(f"re-running gave {found!r}, not {which.loss.value!r}: the program is not deterministic")
