"""Does the output for one sample depend on another? The pass is run again with one sample of its batch changed."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace as with_other

import torch
from msgspec.structs import replace
from torch import Tensor

from gradstep.findings.reading import at_line
from gradstep.model.graph import plain
from gradstep.model.verdict import Verdict
from gradstep.program.replay.kept import Pass
from gradstep.program.replay.run import CallResult, Lost
from gradstep.program.replay.runs import Reruns, chain_of
from gradstep.program.tape.call import RecordedCall, number_of
from gradstep.program.tape.ops import Op

CHECK = "samples"
LOSSES = frozenset(
    "cross_entropy nll_loss mse_loss l1_loss smooth_l1_loss huber_loss binary_cross_entropy kl_div "
    "binary_cross_entropy_with_logits soft_margin_loss".split()
)
_BATCH_NORM = "batch_norm"
_MOST = 256 << 20
"""Bytes of results that are kept to be compared."""
_EQUAL = 1e-4
"""Rows that differ by less than this part of the largest element are the same but for rounding."""


class Batch:
    """The first data that a pass reads, sample by sample."""

    def __init__(self, which: Pass) -> None:
        self._which = which
        found = next((item for call in chain_of(which).calls for item in _data(call)), None)
        if found is None:
            raise Lost("the pass reads no tensor with a batch in its first dimension")
        self.data = found
        self.size = int(found.shape[0])
        self.readers: set[int] = set()
        """The calls that depend on it."""
        for call in chain_of(which).calls:
            made = (number_of(item) for item in call.sources if isinstance(item, (int, tuple)))
            if any(item is found for item in call.sources) or not self.readers.isdisjoint(made):
                self.readers.add(call.number)

    def changed(self) -> Pass:
        """The pass with another first sample."""
        other = self.data.clone()
        if other.is_floating_point():
            generator = torch.Generator().manual_seed(0)
            noise = torch.randn(other[0].shape, generator=generator, dtype=torch.float64)
            spread = float(other.double().std()) or 1.0
            other[0] += (spread * noise).to(other.dtype).to(other.device)
        else:
            unlike = next((row for row in other[1:] if not torch.equal(row, other[0])), None)
            if unlike is None:
                raise Lost("all samples of the batch are equal")
            other[0] = unlike
        chain = copy.copy(chain_of(self._which))
        chain.calls = [_with(call, self.data, other) for call in chain.calls]
        return with_other(self._which, chain=chain)


def samples_apart(which: Pass, runs: Reruns, makers: Mapping[int, Op]) -> Verdict:
    """What depends on another sample besides its own; what batch norm does to a batch is meant."""
    batch = Batch(which)
    before = _Results(batch)
    runs.roots(which, which.weights, note=before.note)
    output = _output(which, before.kept)
    if output is None:
        return Verdict(CHECK, "not known", f"No result of the pass has the {batch.size} rows of its batch.")
    other, aside = batch.changed(), dict[int, Tensor]()
    while True:
        after = _Comparison(before, aside)
        runs.roots(other, which.weights, dict(aside), after.note)
        if after.normalised is None:
            break
        aside |= after.normalised
    if output not in after.mixed:
        norm = f"; {len(aside)} batch norm{'s' * (len(aside) > 1)} aside" if aside else ""
        text = f"With another first sample among {batch.size} the outputs of all others stay as they are{norm}."
        return Verdict(CHECK, "as it should be", text)
    if after.mixed[output]:
        text = (
            f"Each of {batch.size} samples is compared with each other in the last table, and mixed with none before."
        )
        return Verdict(CHECK, "as it should be", text)
    first = makers.get(min(after.mixed))
    where = f"{plain(first.name)}{at_line(first.place)}" if first is not None else "a call that has no line"
    text = f"With another first sample among {batch.size} the outputs of others change: {where} mixes them."
    remedy = (
        "Look for a view or reshape that moves elements over the batch, a mean or softmax over dimension 0, or a layer "
        "that takes the batch elsewhere (batch_first=True). The nodes of a graph are mixed on purpose."
    )
    return Verdict(CHECK, "look here", text, remedy)


class _Results:
    """What is computed of the batch and has a row a sample, by its calls."""

    def __init__(self, batch: Batch) -> None:
        self.size = batch.size
        self._readers = batch.readers
        self.kept: dict[int, Tensor] = {}
        self._bytes = 0

    def note(self, call: RecordedCall, result: CallResult) -> None:
        """One is made."""
        first = _first(result)
        if call.number in self._readers and first is not None and _has_rows(first, self.size):
            self._bytes += first.nbytes
            if self._bytes > _MOST:
                raise Lost("its results are too large to be compared")
            self.kept[call.number] = first.detach().clone()


class _Comparison:
    """The same results with another first sample: which others have changed."""

    def __init__(self, before: _Results, aside: Mapping[int, Tensor]) -> None:
        self._before = before
        self._aside = aside
        self.mixed: dict[int, bool] = {}
        """Calls whose results have changed for other samples; whether in the column of the first alone."""
        self.normalised: dict[int, Tensor] | None = None
        """The first batch norm that did so, with what it gives if it had not."""

    def note(self, call: RecordedCall, result: CallResult) -> None:
        """One is made."""
        old, new = self._before.kept.get(call.number), _first(result)
        if old is None or new is None or new.shape != old.shape or self.normalised is not None:
            return
        if call.number in self._aside or not _differ(new[1:], old[1:]):
            return
        if call.name == _BATCH_NORM and not self.mixed:
            patched = old.clone()
            patched[0] = new.detach()[0]
            self.normalised = {call.number: patched}
            return
        table = old.ndim == 2 and old.shape[1] == self._before.size
        self.mixed[call.number] = table and not _differ(new[1:, 1:], old[1:, 1:])


def _first(result: CallResult) -> Tensor | None:
    """The result, or the first of several: what a recurrent layer has put out."""
    return result if isinstance(result, Tensor) else next(iter(result), None)


def _differ(one: Tensor, two: Tensor) -> bool:
    if not one.numel() or torch.equal(one, two):
        return False
    if not one.is_floating_point():
        return True
    largest = float(two.detach().abs().max())
    return not float((one - two).detach().abs().max()) <= _EQUAL * largest


def _data(call: RecordedCall) -> list[Tensor]:
    """Constants that may be a batch of samples."""
    return [item for item in call.sources if isinstance(item, Tensor) and item.ndim > 1 and _has_rows(item, 0)]


def _has_rows(tensor: Tensor, size: int) -> bool:
    """Whether its first dimension has so many rows (0: more than one)."""
    if type(tensor) not in (Tensor, torch.nn.Parameter) or tensor.layout is not torch.strided or not tensor.ndim:
        return False
    return tensor.shape[0] == size if size else tensor.shape[0] > 1


def _with(call: RecordedCall, data: Tensor, other: Tensor) -> RecordedCall:
    """The call, reading other data where it read those."""
    if not any(item is data for item in call.sources):
        return call
    return replace(call, sources=tuple(other if item is data else item for item in call.sources))


def _output(which: Pass, kept: Mapping[int, Tensor]) -> int | None:
    """The call that made what the loss is computed from: what a loss function is given, else the last with rows."""
    for call in reversed(chain_of(which).calls):
        made = next((item for item in call.sources if isinstance(item, (int, tuple))), None)
        if call.name in LOSSES and made is not None and number_of(made) in kept:
            return number_of(made)
    return max(kept, default=None)
