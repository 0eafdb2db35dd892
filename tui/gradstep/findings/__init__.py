"""One file per finding: pure functions over the stops so far. No torch, no textual."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pkgutil import resolve_name

from msgspec.structs import replace

from gradstep.findings.causes import KnownCauses
from gradstep.model.stop import Finding, Stop

Analysis = Callable[[Sequence[Stop]], list[Finding]]
"""Given the stops up to now, the newest last: what holds at the newest."""

_FILES: tuple[tuple[str, ...], ...] = (
    ("explained",),
    ("changed-in-place",),
    ("graph-reused",),
    ("normalised-twice",),
    ("not-log-probabilities",),
    ("softmax-wrong-dim",),
    ("broadcast-loss",),
    ("likelihood-minimised",),
    ("detach-discarded",),
    ("target-not-synced",),
    ("freeze-no-effect",),
    ("eval-while-training",),
    ("wrong-backward",),
    ("scaled-backward",),
    ("counted-twice",),
    ("accumulation-lost",),
    ("accumulated-sum",),
    ("optimizer-recreated",),
    ("clip-without-effect",),
    ("learning-rate-gone",),
    ("graph-kept",),
    ("grad-of-non-leaf",),
    ("stale-gradient",),
    ("wrong-sign",),
    ("all-zero-initialisation",),
    ("dead-units",),
    ("saturated",),
    ("not-finite",),
    ("overshoot", "loss-rose"),
    ("exploding-gradient",),
    ("vanishing-gradient",),
    ("weight-not-changed",),
    ("step-too-small",),
    ("gradient-never-reached",),
    ("all-gradients-zero",),
    ("loss-not-scalar",),
    ("head-frozen",),
    ("buffer-not-trained",),
    ("target-requires-grad",),
    ("constant-in-loss",),
    ("same-batch",),
    ("dropout-in-eval",),
    ("validation-in-training",),
    ("loss-at-start",),
    ("tied-by-copy",),
    ("scheduler-idle",),
    ("torch-warning",),
    ("skipped-step",),
)
"""A file each, with the kinds of finding that it makes: the first names the file, and the analysis in it."""

KINDS = tuple(kind for kinds in _FILES for kind in kinds)
"""Every kind of finding there is."""


def _analysis(kind: str) -> Analysis:
    name = kind.replace("-", "_")
    found: Analysis = resolve_name(f"gradstep.findings.{name}:{name}")
    return found


KEPT = 64
"""Stops that analyses may look back on."""


class Examiner:
    """Attaches findings to the stops of one run, in their order."""

    def __init__(self) -> None:
        self._stops: list[Stop] = []
        self._causes = KnownCauses()
        self._analyses = [_analysis(kinds[0]) for kinds in _FILES]

    def examine(self, stop: Stop) -> Stop:
        """The stop with its findings; what holds of a phase is said at its end, not on the way."""
        if not stop.whole:
            return stop
        self._stops = [*self._stops[-KEPT:], stop]
        found = [finding for analysis in self._analyses for finding in analysis(self._stops)]
        self._stops[-1] = replace(stop, findings=self._causes.connect(found, stop.index))
        return self._stops[-1]

    def take(self, stop: Stop) -> None:
        """Have that one, which is examined, in place of the same that was passed."""
        self._stops = [stop if known.index == stop.index else known for known in self._stops]

    def begin_anew(self) -> None:
        """Stops were left out: the next one is not compared with what came before them."""
        self._stops = []

    def examine_again(self, stop: Stop) -> Stop:
        """The newest stop, of which more is known now; an older one is left as it is."""
        if not self._stops or self._stops[-1].index != stop.index:
            return stop
        self._stops.pop()
        return self.examine(stop)
