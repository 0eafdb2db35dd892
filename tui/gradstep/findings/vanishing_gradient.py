"""Gradients that fall by many orders of magnitude from the last layer to the first."""

from __future__ import annotations

from collections.abc import Sequence

from gradstep.findings.layers import Trend, trend
from gradstep.findings.reading import whole
from gradstep.model.stop import Finding, Stop


def vanishing_gradient(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at a backward stop."""
    stop = stops[-1]
    found = trend(stop) if stop.phase == "backward" and not stop.light else None
    if found is None or found.orders > 0:
        return []
    message = f"The gradient vanishes on its way back: {in_words(found)}, so that the first layers hardly learn."
    remedy = (
        "Use ReLU-like activations with an initialisation made for them (Kaiming), residual connections, "
        "normalisation, or fewer layers."
    )
    return [Finding("vanishing-gradient", "warning", message, remedy, evidence_of(found))]


def in_words(found: Trend) -> str:
    """`a typical element is 1.2e-09 in net.0.weight and 0.03 in net.18.weight, over 10 layers`."""
    if found.of_leaves:
        what = f"a typical element is {whole(found.at_first)} in {found.first} and {whole(found.at_last)} in"
        return f"{what} {found.last}, over {found.layers} layers"
    what = f"its norm is {whole(found.at_first)} where it reaches {found.first} and {whole(found.at_last)} at"
    return f"{what} {found.last}, over {found.layers} layers"


def evidence_of(found: Trend) -> dict[str, float | int | str]:
    """The numbers of a trend."""
    return {
        "first": found.first,
        "last": found.last,
        "at_first": found.at_first,
        "at_last": found.at_last,
        "layers": found.layers,
        "orders": found.orders,
    }
