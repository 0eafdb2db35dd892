"""backward() on a tensor of several elements, which needs to be told what to differentiate."""

from __future__ import annotations

from collections.abc import Sequence

from gradstep.findings.reading import at_line
from gradstep.model.stop import Finding, Stop
from gradstep.model.tensor import TensorView

_SAID = "grad can be implicitly created only for scalar outputs"
"""PyTorch's own words."""


def loss_not_scalar(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at the end stop of a program that has ended so."""
    stop = stops[-1]
    if stop.phase != "end" or stop.fault is None or _SAID not in stop.fault.message:
        return []
    forward = next((item for item in reversed(stops) if item.phase == "forward"), None)
    shape = _shape(forward)
    name = forward.loss.name if forward is not None and forward.loss is not None else "a tensor"
    of = f" of shape {list(shape)}" if shape else ""
    message = f"backward(){at_line(stop.place)} was called on {name}{of}: only a single number has a gradient."
    remedy = f"Make one number of it: {name if name.isidentifier() else 'loss'}.mean().backward(), or .sum()."
    evidence: dict[str, float | int | str] = {"name": name, "line": stop.place.line}
    if shape:
        evidence["elements"] = TensorView(shape, "", "").size
        evidence["shape"] = str(list(shape))
    return [Finding("loss-not-scalar", "error", message, remedy, evidence)]


def _shape(forward: Stop | None) -> tuple[int, ...]:
    """Of the result that backward was called on."""
    if forward is None or not 0 <= forward.graph.root < len(forward.graph.nodes):
        return ()
    view = forward.graph.nodes[forward.graph.root].view
    return view.shape if view is not None else ()
