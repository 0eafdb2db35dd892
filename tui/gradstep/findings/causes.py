"""Which finding is the consequence of which: the cause is told first, and its consequences point to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from gradstep.model.stop import Finding

_STEPS = (
    "wrong-backward",
    "counted-twice",
    "scaled-backward",
    "accumulated-sum",
    "optimizer-recreated",
    "clip-without-effect",
)
"""What makes a step longer, or turns it. (Of stale gradient `overshoot` itself says how much it has done.)"""
_FLAT = ("softmax-wrong-dim", "dead-units", "saturated")
"""What lets no gradient pass."""
CAUSES: dict[str, tuple[str, ...]] = {
    "overshoot": _STEPS,
    "exploding-gradient": (*_STEPS, "stale-gradient", "overshoot"),
    "not-finite": ("not-log-probabilities", *_STEPS, "overshoot", "exploding-gradient"),
    "weight-not-changed": ("learning-rate-gone", *_FLAT),
    "step-too-small": ("learning-rate-gone", *_FLAT),
    "all-gradients-zero": _FLAT,
    "all-zero-initialisation": _FLAT,
    "vanishing-gradient": ("normalised-twice", *_FLAT),
    "constant-in-loss": ("gradient-never-reached",),
    "target-requires-grad": ("detach-discarded",),
}
"""Of a finding, what may be its cause: the first that holds is."""
LASTING = 8
"""Stops for which a cause that was seen explains what comes of it: an iteration, and the loss after it."""
_FOR_GOOD = frozenset(("wrong-backward",))
"""Told once, and true from then on."""
_BETTER = frozenset(("overshoot", "exploding-gradient", "not-finite"))
"""Whose own remedy (a smaller learning rate) is not the one where the cause is known."""


class KnownCauses:
    """What has been found of a run, and when last."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[int, Finding]] = {}

    def connect(self, found: Sequence[Finding], index: int) -> tuple[Finding, ...]:
        """The findings of the stop of that index, each consequence behind its cause."""
        known = {kind: finding for kind, (at, finding) in self._last.items() if self._holds(kind, at, index)}
        known |= {finding.kind: finding for finding in found}
        self._last |= {finding.kind: (index, finding) for finding in found}
        told = [_of_cause(finding, known) for finding in found]
        here = {finding.kind for finding in told}
        first = [finding for finding in told if finding.because not in here]
        return tuple(item for finding in first for item in (finding, *_behind(finding, told)))

    @staticmethod
    def _holds(kind: str, at: int, index: int) -> bool:
        return at <= index and (kind in _FOR_GOOD or index - at <= LASTING)


def _of_cause(finding: Finding, known: Mapping[str, Finding]) -> Finding:
    """The finding, with its cause if one is known."""
    cause = next((known[kind] for kind in CAUSES.get(finding.kind, ()) if kind in known), None)
    if cause is None:
        return finding
    told = replace(finding, because=cause.kind)
    if finding.kind in _BETTER and cause.kind not in CAUSES and cause.remedy:
        return replace(told, remedy=f"{cause.remedy} ({cause.kind} is the cause.)")
    return told


def _behind(cause: Finding, told: Sequence[Finding]) -> list[Finding]:
    """What comes of it at this stop, and of that in turn."""
    return [item for one in told if one.because == cause.kind for item in (one, *_behind(one, told))]
