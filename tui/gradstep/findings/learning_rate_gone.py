"""A learning rate that has fallen to nothing while there is much left to learn."""

from __future__ import annotations

from collections.abc import Sequence

from gradstep.findings.reading import figure
from gradstep.model.stop import Finding, Stop


def learning_rate_gone(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at an optimizer's update."""
    for clue in stops[-1].clues_of("learning-rate-gone"):
        numbers = clue.numbers
        message = (
            f"The learning rate of {clue.by} has fallen from {numbers['peak']:.2g} to {numbers['lr']:.2g} and has been "
            f"next to nothing for {numbers['updates']:.0f} updates, while the loss is {figure(numbers['loss'])} of "
            f"{figure(numbers['first'])} at first."
        )
        remedy = (
            "Step the scheduler as often as its schedule is meant (per epoch, not per batch), or decay more slowly."
        )
        return [Finding("learning-rate-gone", "warning", message, remedy, {**numbers})]
    return []
