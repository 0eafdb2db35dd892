"""Can one batch be learned by heart? A copy of the weights is trained on the first one, many times."""

from __future__ import annotations

import math
import time
from collections.abc import Generator

import torch
from torch import Tensor

from gradstep.findings.reading import figure
from gradstep.model.verdict import Verdict
from gradstep.program.leaves.leaves import Leaf
from gradstep.program.replay.kept import Pass
from gradstep.program.replay.run import Lost
from gradstep.program.replay.runs import Reruns, chain_of

CHECK = "one batch"
_UPDATES = 200
_RATES = (1e-2, 1e-3)
_SECONDS = 20.0
"""For one learning rate; a large model has fewer updates in it."""
_LEARNED = 0.1
"""A loss below this part of its first value has been learned."""
_STUCK = 0.97
"""A loss that stays above this part has not."""
_DECAYS = (0.9, 0.999)


def one_batch(which: Pass, runs: Reruns) -> Generator[None, None, Verdict]:
    """How far the loss of the batch falls."""
    first, best, updates, rate = which.loss.value or 0.0, math.inf, 0, 0.0
    for tried in _RATES:
        lowest, done = yield from _trained(which, runs, tried)
        if lowest < best:
            best, updates, rate = lowest, done, tried
    text = (
        f"In {updates} updates (Adam, learning rate {rate:g}) a copy of the weights takes the loss of the first batch "
        f"from {figure(first)} to {figure(best)}"
    )
    if not updates:
        text = f"No update of a copy of the weights (Adam) takes the loss of the first batch below {figure(first)}"
    if 0 <= best <= _LEARNED * first:
        return Verdict(CHECK, "as it should be", f"{text}: it can be learned by heart.")
    if first > 0 and best > _STUCK * first:
        remedy = (
            "A net that cannot learn one batch will learn no data set: look at the path from the weights to the loss, "
            "at the labels, and at what the last layer can give."
        )
        return Verdict(CHECK, "look here", f"{text}: it does not learn even that.", remedy)
    return Verdict(CHECK, "not known", f"{text}; whether that is near the lowest it can have only you know.")


def _trained(which: Pass, runs: Reruns, rate: float) -> Generator[None, None, tuple[float, int]]:
    """The lowest loss with that learning rate, and after how many updates."""
    leaves = [leaf for leaf in chain_of(which).leaves if leaf.lineage in which.weights and _trains(leaf)]
    if not leaves:
        raise Lost("the loss depends on no weight that needs a gradient")
    values = [which.weights[leaf.lineage].detach().clone() for leaf in leaves]
    adam, lowest, done = _Adam(values, rate), math.inf, 0
    end = time.perf_counter() + _SECONDS
    for number in range(_UPDATES):
        loss, grads = runs.gradients(which, dict(zip(leaves, values, strict=True)))
        yield
        if not math.isfinite(loss) or (number > 1 and time.perf_counter() > end):
            break
        if loss < lowest:
            lowest, done = loss, number
        adam.step(grads)
    return lowest, done


def _trains(leaf: Leaf) -> bool:
    tensor = leaf.tensor
    return tensor is not None and tensor.requires_grad and tensor.is_floating_point()


class _Adam:
    """The rule of Kingma and Ba, on tensors of our own: no optimizer of torch's is to be seen at work."""

    def __init__(self, values: list[Tensor], rate: float) -> None:
        self._values = values
        self._rate = rate
        self._means = [torch.zeros_like(item) for item in values]
        self._squares = [torch.zeros_like(item) for item in values]
        self._steps = 0

    def step(self, grads: list[Tensor]) -> None:
        """Move the values."""
        self._steps += 1
        one, two = (1 - decay**self._steps for decay in _DECAYS)
        for value, grad, mean, square in zip(self._values, grads, self._means, self._squares, strict=True):
            mean.lerp_(grad, 1 - _DECAYS[0])
            square.lerp_(grad * grad, 1 - _DECAYS[1])
            value.sub_(self._rate * (mean / one) / ((square / two).sqrt() + 1e-8))
