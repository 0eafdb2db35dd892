"""What stands in a box: the name, the value, the operation, the gradient."""

from __future__ import annotations

import math
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

from gradstep.model.graph import Graph, GraphNode, plain
from gradstep.model.tensor import Number, TensorView, Value, length

MOST = 22
"""Widest text in a box, in cells."""
GAP = "  "
"""Between two texts in one line."""
CHANGED = "●"
"""Stands beside the name of what changed."""


@dataclass(frozen=True, slots=True)
class Label:
    """The text of one box, before it has a place."""

    kind: str
    """`leaf`, `input`, `op`, `fold`, `root` or `rest`; `header` for the line above an open fold."""
    title: str
    lines: tuple[tuple[str, str], ...]
    """Role and text of each line inside."""
    beside: tuple[str, str] = ("", "")
    """Role and text behind the first line, in a box of few lines."""

    @property
    def size(self) -> tuple[int, int]:
        """Cells needed, borders and the place of the changed sign included."""
        if self.kind == "header":
            return cell_len(self.title) + 2, 1
        title = cell_len(self.title) + 7 if self.title else 0
        inner = max((cell_len(text) for _, text in self.lines), default=0)
        if self.beside[1]:
            inner = max(inner, cell_len(self.lines[0][1] + GAP + self.beside[1]))
        return max(title, inner + 4), len(self.lines) + 2


def label(graph: Graph, ids: tuple[int, ...], hidden: int, bare: bool = False) -> Label:
    """What the box of these nodes says; of none: how many were left out. `bare`: its shape stands on its edges."""
    if not ids:
        noun = "operation" if hidden == 1 else "operations"
        return Label("rest", "", (("muted", f"… {hidden:,} more {noun}"),))
    nodes = [graph.nodes[node] for node in ids]
    if len(nodes) > 1:
        return Label("leaf", short(nodes[0].name.rpartition(".")[0]), tuple(parameters(nodes)))
    kind = "root" if ids[0] == graph.root else nodes[0].kind
    return Label(kind, short(nodes[0].name or nodes[0].op), tuple(_lines(nodes[0], bare)))


def in_few_lines(text: Label) -> Label:
    """The same box lower: what it does behind its name, the gradient behind the value."""
    by_role = {role: content for role, content in text.lines if role in ("value", "gradient", "muted")}
    if text.kind not in ("leaf", "input", "op", "root") or len(by_role) < len(text.lines):
        return text
    if by_role.keys() == {"muted", "gradient"}:
        return Label(text.kind, text.title, text.lines[:1], text.lines[1])
    if "value" not in by_role:
        return text
    title = f"{text.title} = {by_role['muted']}" if "muted" in by_role else text.title
    beside = ("gradient", by_role["gradient"]) if "gradient" in by_role else ("", "")
    return Label(text.kind, title, (("value", by_role["value"]),), beside)


def parameters(nodes: list[GraphNode]) -> list[tuple[str, str]]:
    """A line for each parameter of a module, one for the norms of all their gradients."""
    names = [node.name.rpartition(".")[2] for node in nodes]
    width = max(cell_len(name) for name in names)
    lines = [("value", f"{fill(name, width)} {_brief(node.view)}") for name, node in zip(names, nodes, strict=True)]
    norms = [length(node.gradient) for node in nodes if node.gradient is not None]
    if norms:
        text = " ".join("?" if norm is None else real(norm, False) for norm in norms[:2])
        lines.append(("gradient", f"||∂|| {text}" + " …" * (len(norms) > 2)))
    return lines


def _brief(view: TensorView | None) -> str:
    """The shape, or the values of a single axis if they are few."""
    if view is None:
        return ""
    return describe(view) if len(view.shape) < 2 and view.size <= 2 and view.flat() else _shape(view)


def _lines(node: GraphNode, bare: bool) -> list[tuple[str, str]]:
    lines = []
    if node.view is not None:
        if not bare or _elements(node.view):
            lines.append(("value", _fit(describe(node.view), node.view)))
        if node.view.nan or node.view.inf:
            counts = [f"{count} {what}" for count, what in ((node.view.nan, "nan"), (node.view.inf, "inf")) if count]
            lines.append(("bad", "! " + ", ".join(counts)))
    if node.op and node.name.rstrip("0123456789").rstrip("_") != plain(node.op):
        lines.append(("muted", short(plain(node.op))))
    if node.gradient is not None:
        lines.append(("gradient", gradient_text(node.gradient)))
    return lines or ([] if bare else [("muted", node.kind)])


def gradient_text(view: TensorView) -> str:
    """`∂` before elements, `||∂||` before their norm."""
    norm = length(view)
    if norm is None or _elements(view):
        return _fit("∂ " + describe(view, MOST - 2), view)
    return _fit(f"||∂|| {real(norm, False)}", view)


def describe(view: TensorView, room: int = MOST) -> str:
    """A tensor in at most `room` characters: its number, its first elements, or its shape."""
    flat = _elements(view)
    if len(flat) == 1:
        return _number(flat[0], whole=False)
    return _vector(flat, room) if flat else f"{_shape(view)} {view.dtype}"


def _elements(view: TensorView) -> list[Value]:
    """The elements of a number or a vector (of which `1×3` is one too); none for what has more axes."""
    return view.flat() if sum(length != 1 for length in view.shape) <= 1 else []


def _shape(view: TensorView) -> str:
    return "×".join(map(str, view.shape)) or "scalar"


def _vector(flat: list[Value], room: int) -> str:
    """As many elements as fit, an ellipsis for the others."""
    whole = all(isinstance(item, (int, float)) and math.isfinite(item) and item == int(item) for item in flat)
    texts = [_number(item, whole=whole) for item in flat[:room]]
    if len(" ".join(texts)) <= room and len(texts) == len(flat):
        return " ".join(texts)
    while len(texts) > 1 and len(" ".join(texts)) > room - 2:
        texts.pop()
    return " ".join([*texts, "…"])


def _number(value: Value, *, whole: bool) -> str:
    """Four decimals, as torch prints; a pair is a complex number; `whole` drops the decimals."""
    if isinstance(value, list):
        first, imaginary = (float(part) for part in value if isinstance(part, (int, float)))
        return f"{first:.4f}{imaginary:+.4f}j"
    return real(value, whole)


def real(value: Number, whole: bool) -> str:
    """One number, in fixed decimals unless these would hide it."""
    if isinstance(value, (bool, int)) or not math.isfinite(value):
        return str(value)
    size = abs(value)
    if size >= 1e8 or 0 < size < 1e-4:
        return f"{value:.4e}"
    return f"{value:.0f}" if whole else f"{value:.4f}"


def _fit(text: str, view: TensorView) -> str:
    """Room to grow, so that a box keeps its width from one iteration to the next: `-0.1234` after `16.0000`."""
    least = 7 if view.size == 1 else -(-cell_len(text) // 4) * 4 if view.value is not None else 0
    return text + " " * (min(least, MOST) - cell_len(text))


def short(name: str, width: int = MOST) -> str:
    """A long name keeps its end, which tells `model.fc1.weight` from `model.fc1.bias`; if it can, in whole parts."""
    if cell_len(name) <= width:
        return name
    parts = name.split(".")
    whole = next((text for at in range(1, len(parts)) if cell_len(text := ".".join(parts[at:])) < width), "")
    if cell_len(whole) >= width // 2:
        return "…" + whole
    while cell_len(name) > width - 1:
        name = name[1:]
    return "…" + name


def fill(text: str, width: int) -> str:
    """`text` cut or filled to `width` cells."""
    return set_cell_size(text, width)
