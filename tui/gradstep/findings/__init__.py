"""One file per finding: pure functions over the stops so far. No torch, no textual."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from gradstep.findings.all_zero_initialisation import all_zero_initialisation
from gradstep.findings.dead_units import dead_units
from gradstep.findings.exploding_gradient import exploding_gradient
from gradstep.findings.gradient_never_reached import gradient_never_reached
from gradstep.findings.loss_not_scalar import loss_not_scalar
from gradstep.findings.not_finite import not_finite
from gradstep.findings.overshoot import loss_rose
from gradstep.findings.saturated import saturated
from gradstep.findings.skipped_step import skipped_step
from gradstep.findings.stale_gradient import stale_gradient
from gradstep.findings.step_too_small import step_too_small
from gradstep.findings.vanishing_gradient import vanishing_gradient
from gradstep.findings.weight_not_changed import weight_not_changed
from gradstep.findings.wrong_sign import wrong_sign
from gradstep.model.stop import Finding, Stop

Analysis = Callable[[Sequence[Stop]], list[Finding]]
"""Given the stops up to now, the newest last: what holds at the newest."""

ANALYSES: tuple[Analysis, ...] = (
    loss_rose,
    stale_gradient,
    vanishing_gradient,
    exploding_gradient,
    not_finite,
    dead_units,
    saturated,
    weight_not_changed,
    step_too_small,
    gradient_never_reached,
    wrong_sign,
    all_zero_initialisation,
    loss_not_scalar,
    skipped_step,
)

KINDS = (
    "overshoot",
    "loss-rose",
    "stale-gradient",
    "vanishing-gradient",
    "exploding-gradient",
    "not-finite",
    "dead-units",
    "saturated",
    "weight-not-changed",
    "step-too-small",
    "gradient-never-reached",
    "wrong-sign",
    "all-zero-initialisation",
    "loss-not-scalar",
    "skipped-step",
)
"""Every kind of finding there is."""

KEPT = 64
"""Stops that analyses may look back on."""


class Examiner:
    """Attaches findings to the stops of one run, in their order."""

    def __init__(self) -> None:
        self._stops: list[Stop] = []

    def examine(self, stop: Stop) -> Stop:
        """The stop with its findings; what holds of a phase is said at its end, not on the way."""
        if not stop.whole:
            return stop
        self._stops = [*self._stops[-KEPT:], stop]
        found = [finding for analysis in ANALYSES for finding in analysis(self._stops)]
        self._stops[-1] = replace(stop, findings=tuple(found))
        return self._stops[-1]

    def examine_again(self, stop: Stop) -> Stop:
        """The newest stop, of which more is known now; an older one is left as it is."""
        if not self._stops or self._stops[-1].index != stop.index:
            return stop
        self._stops.pop()
        return self.examine(stop)
