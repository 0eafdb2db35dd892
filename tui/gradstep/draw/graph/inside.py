"""What stands in the box of a closed fold, above an open one, and on the edges between boxes."""

from __future__ import annotations

import math

from rich.cells import cell_len

from gradstep.draw.graph.fold import Fold
from gradstep.draw.graph.label import MOST, Label, describe, fill, real, short
from gradstep.draw.graph.shown import Inside
from gradstep.draw.numbers import count
from gradstep.draw.numbers import shape as shape_of
from gradstep.model.graph import Graph, GraphNode
from gradstep.model.tensor import TensorView, length

CLOSED = "+"
"""Before the name of a closed fold."""
FEW = 2
"""So many parameters are listed, more are counted."""


def fold_label(node: GraphNode, inside: Inside, graph: Graph, ends: bool, noun: str) -> Label:
    """The box of a closed fold; `graph` is the whole one. `ends`: no edge leaves it that could bear its shape.

    It is called as in the open fold around it.
    """
    leaves = [graph.nodes[leaf] for leaf in inside.leaves]
    lines = _content(inside.fold, noun)
    if 0 < len(leaves) <= FEW:
        names = [leaf.name.rpartition(".")[2] for leaf in leaves]
        wide = max(map(cell_len, names))
        lines += [
            ("value", short(f"{fill(name, wide)} {_size(leaf)}")) for name, leaf in zip(names, leaves, strict=True)
        ]
    elif leaves:
        elements = sum(leaf.view.size for leaf in leaves if leaf.view is not None)
        lines.append(("value", f"{count(len(leaves), 'parameter')}, {_brief(elements)}"))
    if inside.inputs:
        lines.append(("muted", count(inside.inputs, "input")))
    if ends and node.view is not None:
        lines.append(("value", describe(node.view)))
    norms = [norm for leaf in leaves if (norm := length(leaf.gradient)) is not None]
    if norms:
        lines.append(("gradient", f"||∂|| {real(math.hypot(*norms), False)}"))
    return Label("fold", f"{CLOSED} {short(node.name, MOST - 2)}", tuple(lines))


def _content(fold: Fold, noun: str) -> list[tuple[str, str]]:
    """What it is and how large: `Block ×12, 276 ops`; in two lines where that is long."""
    size = "" if fold.size == 1 or fold.text.endswith(f"×{fold.size:,}") else count(fold.size, noun)
    parts = [part for part in (short(fold.text), size) if part]
    together = ", ".join(parts)
    return [("muted", part) for part in ([together] if cell_len(together) <= MOST else parts)]


def header_label(node: GraphNode) -> Label:
    """The line above an open fold."""
    return Label("header", node.name + (f" · {node.op}" if node.op else ""), ())


def flow_text(views: tuple[TensorView, ...]) -> str:
    """The shape of what flows along the edges below a box, `[8, 64, 128]`; more than one where tensors differ."""
    shapes = list(dict.fromkeys(f"{shape_of(view.shape)}{_type(view)}" for view in views if view.shape))
    return shapes[0].replace(", ", ",") + (" …" if len(shapes) > 1 else "") if shapes else ""


def _type(view: TensorView) -> str:
    return "" if view.dtype == "float32" else f" {view.dtype}"


def _size(leaf: GraphNode) -> str:
    return "×".join(map(str, leaf.view.shape)) if leaf.view is not None else ""


def _brief(elements: int) -> str:
    """`950`, `12.3K`, `124M`."""
    for unit, size in (("B", 10**9), ("M", 10**6), ("K", 10**3)):
        if elements >= size:
            return f"{elements / size:.3g}{unit}"
    return str(elements)
