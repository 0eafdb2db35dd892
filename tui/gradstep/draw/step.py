"""A stop inside a phase, in one line: what an op has made of its inputs, what a node has made of its gradient."""

from __future__ import annotations

from gradstep.draw.numbers import number
from gradstep.model.stop import Step, Stop
from gradstep.model.tensor import TensorView


def step_words(stop: Stop, step: Step) -> str:
    """`matmul → y_hat = 7`, `PowBackward0: 1 → sub 8`."""
    if stop.phase == "forward":
        box = stop.graph.nodes[step.box] if step.box >= 0 else None
        if box is None:
            return step.name
        named = f" → {box.name}" if box.name != step.name else ""
        return f"{step.name}{named} = {brief(box.view)}"
    if not step.leaving:
        leaf = stop.graph.nodes[step.box].name if step.box >= 0 else "a leaf"
        return f"{step.name}: {leaf}.grad += {brief(step.arriving)}"
    leaving = ", ".join(f"{flow.to} {brief(flow.gradient)}" for flow in step.leaving if flow.gradient is not None)
    return f"{step.name}: {brief(step.arriving)} → {leaving or 'nothing'}"


def brief(shown: TensorView | None) -> str:
    """A number, the numbers of a short vector, else shape and norm."""
    if shown is None:
        return "–"
    values = shown.flat()
    if shown.value is not None and len(values) <= 4 and len(shown.shape) <= 1:
        texts = [number(value) if isinstance(value, (int, float)) else str(value) for value in values]
        return texts[0] if not shown.shape else f"[{' '.join(texts)}]"
    size = f"[{', '.join(str(length) for length in shown.shape)}]"
    return size if shown.norm is None else f"{size} norm {number(shown.norm)}"
