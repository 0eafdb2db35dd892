"""Activations whose units are zero on the whole batch: no gradient passes, and their weights do not learn."""

from __future__ import annotations

from collections.abc import Sequence

from gradstep.findings.reading import at_line, listed
from gradstep.findings.thresholds import MOST_UNITS
from gradstep.model.evidence import Activation
from gradstep.model.stop import Finding, Stop


def dead_units(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at a forward stop."""
    stop = stops[-1]
    dead = [item for item in stop.activations if item.units and item.dead >= MOST_UNITS * item.units]
    if stop.phase != "forward" or not dead:
        return []
    worst = max(dead, key=lambda item: item.dead / item.units)
    rest = [item.name for item in dead if item is not worst]
    more = f" So it is in {listed(rest)}." if rest else ""
    message = (
        f"{worst.dead:,} of {worst.units:,} units of {described(worst)} are zero on the whole batch: "
        f"no gradient passes through them.{more}"
    )
    remedy = "Lower the learning rate, look at the bias and at the scale of the inputs, or use leaky_relu or gelu."
    return [Finding("dead-units", "warning", message, remedy, evidence_of(worst, worst.dead, len(dead)))]


def described(item: Activation) -> str:
    """`relu_2 in model.net.3 (line 12)`."""
    module = f" in {item.module}" if item.module else ""
    return f"{item.name}{module}{at_line(item.place)}"


def evidence_of(item: Activation, units: int, activations: int) -> dict[str, float | int | str]:
    """The numbers of the worst activation."""
    return {
        "activation": item.name,
        "op": item.op,
        "line": item.place.line,
        "units": item.units,
        "silent": units,
        "share": units / item.units,
        "activations": activations,
    }
