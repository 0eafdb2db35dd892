"""Gradients by finite differences: the forward pass run again with one element a little larger, and smaller."""

from __future__ import annotations

from collections.abc import Generator

import torch
from msgspec.structs import replace
from torch import Tensor

from gradstep.model.message import Probe, Probed
from gradstep.model.proof import Check
from gradstep.program.leaves.leaves import Leaf, Leaves
from gradstep.program.replay.kept import Pass
from gradstep.program.replay.prove import Prover
from gradstep.program.replay.run import Lost
from gradstep.program.replay.runs import FAILS, Reruns, check, failed
from gradstep.program.stops.describe import Describer
from gradstep.program.tape.calls import Calls
from gradstep.program.tape.ops import Op
from gradstep.program.tensors.quiet import quietly
from gradstep.program.tensors.views import shortest

MOST = 16
"""Elements of a tensor that are tried: all of a small one; of a larger one half of them where the gradient is largest,
the others spread evenly."""

Place = Leaf | int
"""A leaf, or the number of the call that made a result."""


class Differences:
    """Answers what is asked about gradients of the pass at which the program waits."""

    def __init__(self, prover: Prover, calls: Calls, leaves: Leaves, describer: Describer) -> None:
        self._prover = prover
        self._calls = calls
        self._leaves = leaves
        self._describer = describer

    def answer(self, probe: Probe) -> Generator[Probed | None, None, None]:
        """None while at work, then the answer."""
        latest = self._prover.latest
        if latest is None:
            why = "the weights have moved since the loss was computed: ask at a forward or a backward stop"
            if not self._prover.moved:
                why = "its forward pass is not kept: ask at a forward or backward stop that the program was stepped to"
            yield Probed(probe, Check(probe.name, why))
            return
        try:
            found: Check = yield from quietly(self._checked(probe, latest[0]))
        except (Lost, *FAILS) as error:
            found = Check(probe.name, failed(error))
        yield Probed(probe, found)

    def _checked(self, probe: Probe, which: Pass) -> Generator[None, None, Check]:
        runs = self._prover.runs()
        if which.problem or which.chain is None:
            raise Lost(which.problem)
        yield from check(which, runs)
        trial = _Trial(which, runs, self._find(probe))
        value = trial.value()
        yield
        gradient = trial.gradient()
        if not value.is_floating_point() or gradient.layout is not torch.strided:
            raise Lost(f"its elements are {str(value.dtype).removeprefix('torch.')}: only real dense ones are tried")
        yield
        known = Check(probe.name, elements=tuple(_elements(gradient)))
        unit = torch.finfo(value.dtype).eps
        size = float(torch.linalg.vector_norm(value.double())) / max(1, value.numel()) ** 0.5
        step = unit ** (1 / 3) * max(size, unit)
        found: list[float] = []
        for element in known.elements:
            up, down = _moved(value, element, step), _moved(value, element, -step)
            high = trial.loss(up)
            yield
            low = trial.loss(down)
            yield
            found.append((high - low) / float(up.reshape(-1)[element] - down.reshape(-1)[element]))
        return _told(known, gradient, found, step, which)

    def _find(self, probe: Probe) -> Place:
        if probe.node >= 0:
            result = self._describer.drawn.results.get(probe.node)
            if not isinstance(result, Op):
                raise Lost("it needs no gradient")
            number = self._calls.number_at(result.seq)
            if number is None:
                raise Lost("what made it was not seen")
            return number
        for leaf in self._leaves:
            if leaf.name == probe.name:
                return leaf
        raise Lost("the program has no leaf of that name at this stop")


def _told(known: Check, gradient: Tensor, found: list[float], step: float, which: Pass) -> Check:
    """The answer in full, with what rounding of the loss alone may bring."""
    flat = gradient.reshape(-1)
    theirs = [shortest(float(flat[element]), gradient.dtype) for element in known.elements]
    largest = float(flat.abs().max()) if flat.numel() else 0.0
    apart = max((abs(one - two) for one, two in zip(theirs, found, strict=True)), default=0.0)
    rounding = torch.finfo(which.dtype).eps * abs(which.loss.value or 0.0) / step
    return replace(
        known,
        autograd=tuple(theirs),
        differences=tuple(found),
        step=float(f"{step:.3g}"),
        error=apart / largest if largest else apart,
        expected=rounding / largest if largest else rounding,
    )


class _Trial:
    """One tensor of a pass, to be given other values."""

    def __init__(self, which: Pass, runs: Reruns, place: Place) -> None:
        self._which = which
        self._runs = runs
        self._place = place

    def value(self) -> Tensor:
        """What it held."""
        if isinstance(self._place, Leaf):
            return self._which.weights[self._place.lineage].clone()
        return self._runs.result(self._which, self._place).detach().clone()

    def loss(self, value: Tensor) -> float:
        """The loss with another value."""
        if isinstance(self._place, Leaf):
            return self._runs.loss(self._which, {**self._which.weights, self._place.lineage: value})
        given = {self._place: value.clone()}
        return self._which.value(self._runs.roots(self._which, self._which.weights, given))

    def gradient(self) -> Tensor:
        """Autograd's, of the pass run again."""
        return self._runs.gradient(self._which, self._place, self.value())


def _elements(gradient: Tensor) -> list[int]:
    count = gradient.numel()
    if count <= MOST:
        return list(range(count))
    largest = gradient.reshape(-1).abs().nan_to_num().topk(MOST // 2).indices.tolist()
    spread = [at * count // (MOST // 2) for at in range(MOST // 2)]
    return sorted({*largest, *spread})


def _moved(value: Tensor, element: int, step: float) -> Tensor:
    moved = value.clone(memory_format=torch.contiguous_format)
    moved.view(-1)[element] += step
    return moved
