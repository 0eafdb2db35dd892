"""A stop inside a phase, in one line: what an op has made of its inputs, what a node has made of its gradient."""

from __future__ import annotations

from gradstep.draw.numbers import number
from gradstep.model.graph import Local, plain
from gradstep.model.stop import Step, Stop
from gradstep.model.tensor import TensorView, length


def step_words(stop: Stop, step: Step) -> str:
    """`matmul → y_hat = 7`, `PowBackward0: 1 → sub 8`."""
    if stop.phase == "forward":
        box = stop.graph.node(step.box)
        if box is None:
            return step.name
        named = f" → {box.name}" if box.name != step.name else ""
        return f"{step.name}{named} = {brief(box.view)}"
    if not step.leaving:
        box = stop.graph.node(step.box)
        leaf = box.name if box is not None else "a leaf"
        return f"{step.name}: {leaf}.grad += {brief(step.arriving)}"
    leaving = ", ".join(f"{flow.to} {brief(flow.gradient)}" for flow in step.leaving if flow.gradient is not None)
    return f"{step.name}: {brief(step.arriving)} → {leaving or 'nothing'}"


def step_sentence(stop: Stop, step: Step) -> str:
    """What that op or node has just done, and what comes next."""
    box = stop.graph.node(step.box)
    if stop.phase == "forward":
        if box is None:
            return f"{step.name} has run. Press o for the next op, space to finish the forward pass."
        sources = [stop.graph.nodes[source].name for source, to in stop.graph.edges if to == box.id]
        made = f"Op {step.done}: {step.name} computed {box.name} = {brief(box.view)} from {', '.join(sources)}."
        return f"{made} {_locals(stop, box.id)}Press o for the next op, space to finish the forward pass."
    which = f"Node {step.done} of {step.total}: {step.name}"
    go_on = "Press o for the next node, space to finish the backward pass."
    loss = stop.loss.name if stop.loss is not None else "loss"
    if not step.leaving:
        leaf = box.name if box is not None else "a leaf"
        return f"{which} deposits ∂{loss}/∂{leaf} = {brief(step.arriving)} into {leaf}.grad. {go_on}"
    result = f"∂{loss}/∂{box.name} = " if box is not None and not step.inner else ""
    left = [
        f"{brief(flow.gradient)} to {flow.to}" if flow.inner else f"∂{loss}/∂{flow.to} = {brief(flow.gradient)}"
        for flow in step.leaving
        if flow.gradient is not None
    ]
    handed = " and ".join(left) or "nothing"
    within = f", a node within {plain(box.op)}," if box is not None and step.inner else ""
    got = f"{which}{within} got δ = {result}{brief(step.arriving)}"
    parted = step.inner or any(flow.inner and flow.box == step.box for flow in step.leaving)
    return f"{got} and handed on {handed}. {_locals(stop, step.box, parted)}{go_on}"


def _locals(stop: Stop, box: int, parted: bool = False) -> str:
    """The local gradients of an op, in formulas and in numbers. `parted`: it has several nodes."""
    graph = stop.graph
    known = [local for (_, to), local in zip(graph.edges, graph.locals, strict=False) if to == box and local.formula]
    if not known:
        return ""
    texts = [f"{local.formula}{f' = {brief(local.value)}' if says_more(local) else ''}" for local in known]
    title = f"{plain(graph.nodes[box].op)} as a whole" if parted else "Local"
    return f"{title}: {'; '.join(texts)}. "


def says_more(local: Local) -> bool:
    """Whether the value says more than the formula, which may be a number itself."""
    right = local.formula.partition(" = ")[2]
    return local.value is not None and bool(right) and not right.lstrip("−-").replace(".", "").isdigit()


def brief(shown: TensorView | None) -> str:
    """A number, the numbers of a short vector, else shape and norm."""
    if shown is None:
        return "–"
    values = shown.flat()
    if shown.value is not None and len(values) <= 4 and len(shown.shape) <= 1:
        texts = [number(value) if isinstance(value, (int, float)) else str(value) for value in values]
        return texts[0] if not shown.shape else f"[{' '.join(texts)}]"
    size = f"[{', '.join(str(length) for length in shown.shape)}]"
    norm = length(shown)
    return size if norm is None else f"{size} norm {number(norm)}"
