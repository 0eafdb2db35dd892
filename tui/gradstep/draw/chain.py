"""The chain rule at work: how a tensor's gradient is made of local gradients, path by path or use by use."""

from __future__ import annotations

import math
from collections.abc import Sequence

from msgspec.structs import replace
from textual.content import Content

from gradstep.draw.numbers import count, number, numbers
from gradstep.draw.paths import Product, add_up, difference, paths, product, reals, uses
from gradstep.draw.step import brief, says_more
from gradstep.draw.text import ACCENT, ERROR, MUTED, STRONG, line, prose
from gradstep.model.graph import MOST_FOLLOWED, Graph, GraphNode, Local
from gradstep.model.moment import Moment
from gradstep.model.stop import Stop
from gradstep.model.tensor import TensorView

_EQUAL = {"float64": 1e-12, "complex128": 1e-12, "float16": 1e-2, "bfloat16": 5e-2}
"""Rounding that a product in another order may bring, as a share of the largest element; 1e-5 for float32."""

_LARGEST = {"float16": 65504.0, "float32": 3.4028e38, "bfloat16": 3.3895e38}
"""What these types can hold."""

_FEW = 6
"""Elements of a vector that are written out."""


def chain_lines(moment: Moment, chosen: str, width: int) -> list[Content]:
    """The derivative of the loss by a tensor of the graph, written out. `chosen`: its name; empty for the obvious."""
    graph = moment.stop.graph
    node = subject(moment, chosen)
    if node is None:
        return []
    if node.id >= len(graph.nodes):
        graph = graph.joined()
    if graph.root < 0:
        return _ops_so_far(graph, node, width)
    if node.id == graph.root:
        return prose(f"∂{node.name}/∂{node.name} = 1: here the chain rule begins. Choose a leaf or a result.", width)
    head = f"∂{graph.nodes[graph.root].name}/∂{node.name}"
    scale = next((entry.scale for entry in moment.stop.gradients.values() if entry.scale), 1.0)
    entry, absent = moment.stop.gradients.get(node.name), _absent(moment.stop)
    ended = moment.stop.whole and moment.stop.phase in ("backward", "update")
    if node.gradient is None and node.kind == "leaf" and entry is not None and ended:
        node = replace(node, gradient=entry.returned or entry.fresh)
    written = _by_paths(graph, node, head, width, scale, absent)
    lines = written or _by_uses(graph, node, head, width, absent)
    return [*lines, *_local_lines(graph, node, width)]


def _absent(stop: Stop) -> str:
    """Why a result's gradient is not known."""
    if stop.phase not in ("backward", "update"):
        return "comes with the backward pass"
    if not stop.whole:
        return "is not reached yet"
    if stop.graph.large:
        return "is not followed"
    return "is not known"


def subject(moment: Moment, chosen: str) -> GraphNode | None:
    """The node that is looked at: the chosen one, that of the step, else the first leaf."""
    graph, step = moment.stop.graph, moment.stop.step
    for nodes in (graph.nodes, graph.earlier.nodes):
        named = next((node for node in nodes if chosen and node.name == chosen and node.kind != "input"), None)
        if named is not None:
            return named
    ran = graph.node(step.box) if step is not None else None
    return ran or next((node for node in graph.nodes if node.kind == "leaf"), None)


def _by_paths(graph: Graph, node: GraphNode, head: str, width: int, scale: float, absent: str) -> list[Content]:
    """Each path's product of local gradients, and their sum; empty where that is not possible.

    `scale`: the factor of a GradScaler, which what autograd gave still carries. `absent`: why that is unknown.
    """
    found = paths(graph, node.id)
    if not found:
        return []
    products = [made for path in found if (made := product(graph, path)) is not None]
    if len(products) < len(found) or any(len(made.value) != len(products[0].value) for made in products):
        return []
    lines: list[Content] = []
    for at, made in enumerate(products, 1):
        if len(products) > 1:
            lines.append(line((f"path {at} of {len(products)}", MUTED)))
        lines += _equation(graph, node, made, head, width)
    total = add_up([made.value for made in products])
    if len(products) > 1:
        lines += prose(
            f"{head} = {' + '.join(_vector(made.value) for made in products)} = {_vector(total)}", width, STRONG
        )
    scaled = [scale * part for part in total]
    if scale != 1.0 and node.gradient is not None:
        lines += prose(f"times {scale:g}, the factor of the GradScaler, = {_vector(scaled)}", width)
    terms = add_up([made.terms for made in products])
    return [*lines, *_verdict(node, scaled, max(terms, default=0.0) * scale, width, absent)]


def _equation(graph: Graph, node: GraphNode, made: Product, head: str, width: int) -> list[Content]:
    """`∂loss/∂w = ∂loss/∂s · ∂s/∂w`, with formulas, with numbers, and multiplied."""
    hops = [graph.edges[number_] for number_ in reversed(made.path)]
    symbols = " · ".join(f"∂{graph.nodes[to].name}/∂{graph.nodes[source].name}" for source, to in hops)
    formulas = [_right(local) for local in made.factors]
    values = " · ".join(_factor(local) for local in made.factors)
    indent = " " * (len(head) + 1)
    lines = prose(symbols, width, STRONG, f"{head} = ", f"{indent}  ") if len(hops) > 1 or symbols != head else []
    if all(formulas):
        lines += prose(" · ".join(formulas), width, "", f"{indent if lines else head + ' '}= ", f"{indent}  ")
    lines += prose(values, width, "", f"{indent}= ", f"{indent}  ")
    if len(hops) > 1:
        lines += prose(_vector(made.value), width, STRONG, f"{indent}= ", f"{indent}  ")
    return lines


def _right(local: Local) -> str:
    """The right side of a formula, in brackets where it is a sum."""
    text = local.formula.partition(" = ")[2]
    outside = text
    while "(" in outside and ")" in outside:
        start = outside.rindex("(")
        outside = outside[:start] + outside[outside.find(")", start) + 1 :]
    return f"({text})" if any(sign in outside for sign in (" + ", " − ")) else text


def _factor(local: Local) -> str:
    """A local gradient in numbers, in brackets where it is negative."""
    text = brief(local.value) if local.value is None or local.value.size > _FEW else _view(local.value)
    return f"({text})" if text.startswith("-") else text


def _by_uses(graph: Graph, node: GraphNode, head: str, width: int, absent: str) -> list[Content]:
    """The sum over the tensor's uses: what arrives at each times its local gradient. `absent`: why that is unknown."""
    found = uses(graph, node.id)
    if not found:
        return prose(f"Nothing that leads to the loss uses {node.name}: {head} = 0.", width)
    lines = prose(f"{head} = the sum over its {count(len(found), 'use')}", width, STRONG)
    shown = found[:_FEW]
    for number_ in shown:
        user = graph.nodes[graph.edges[number_][1]]
        local = graph.locals[number_] if number_ < len(graph.locals) else Local()
        where = f" in {graph.modules[user.module].path}" if user.module >= 0 else ""
        lines += prose(f"{user.op} → {user.name}{where}", width, "", "  ", "    ")
        rule = local.rule or local.formula or ("" if graph.large else "no rule is known")
        lines += prose(rule, width, MUTED, "    ", "    ") if rule else []
        arriving = f"δ = {_short(user.gradient)}" if user.gradient is not None else f"δ {absent}"
        flow = f"  →  {_short(local.flow)}" if local.flow is not None else ""
        lines += prose(arriving + flow, width, "", "    ", "    ")
    if len(found) > len(shown):
        lines.append(line((f"  … and {len(found) - len(shown):,} more", MUTED)))
    flows = [reals(graph.locals[number_].flow) for number_ in found if number_ < len(graph.locals)]
    known = [flow for flow in flows if flow is not None]
    total = add_up(known) if known and len(known) == len(found) else None
    terms = max((abs(part) for flow in known for part in flow), default=0.0)
    lines += _verdict(node, total, terms, width, absent)
    if graph.large:
        limit = f"In a graph of more than {MOST_FOLLOWED} ops no rules are written, and results' gradients are followed"
        lines += prose(f"{limit} only where o goes through backward node by node.", width, MUTED)
    return lines


def _verdict(node: GraphNode, total: Sequence[float] | None, terms: float, width: int, absent: str) -> list[Content]:
    """The result beside what autograd gave. `terms`: the largest that was summed up."""
    gradient = node.gradient
    if gradient is None:
        return prose(f"What autograd gives for it {absent}.", width, MUTED)
    theirs = reals(gradient)
    given = f"autograd gave {_short(gradient)}"
    if total is not None and theirs is not None and len(total) == len(theirs):
        sign, color, words = _compared(total, theirs, terms, gradient.dtype)
        return prose(f"{given}: {words}", width, color, (sign, color))
    if node.unexplained == 0.0:
        return prose(f"{given}: equal to the sum, bit for bit", width, ACCENT["update"], ("= ", ACCENT["update"]))
    if node.unexplained is not None:
        return prose(f"{given}: apart from the sum by {number(node.unexplained)} at most", width, "", "· ")
    return prose(given, width, MUTED)


def _compared(total: Sequence[float], theirs: Sequence[float], terms: float, dtype: str) -> tuple[str, str, str]:
    """Sign, colour and words for how far the two are apart."""
    apart, rounding = difference(total, theirs), _EQUAL.get(dtype, 1e-5)
    if apart <= rounding:
        return "= ", ACCENT["update"], "equal"
    if apart * (max(map(abs, theirs)) or 1.0) <= rounding * terms:
        return "= ", ACCENT["update"], f"equal to rounding, since terms of {number(terms)} cancel"
    if terms > _LARGEST.get(dtype, math.inf):
        return "▲ ", ERROR, f"{number(terms)} is more than {dtype} can hold"
    return "▲ ", ERROR, f"apart by {number(apart)} of the largest element"


def _local_lines(graph: Graph, node: GraphNode, width: int) -> list[Content]:
    """The rules of the op that made a result: what it hands to its inputs."""
    if node.kind != "op" or not graph.locals:
        return []
    rows: list[Content] = []
    for number_, (source, to) in enumerate(graph.edges):
        local = graph.locals[number_]
        if to != node.id or not (local.rule or local.formula):
            continue
        value = f" = {_factor(local)}" if says_more(local) else ""
        rows += prose(f"{local.formula or local.rule}{value}", width, "", "  ", "    ")
        if local.formula and local.rule:
            rows += prose(local.rule, width, MUTED, "  ", "    ")
        if not local.ours:
            rows += prose(
                f"as PyTorch's derivatives.yaml writes it, for {graph.nodes[source].name}", width, MUTED, "    "
            )
    return [line(""), line((f"{node.op} hands on", MUTED)), *rows] if rows else []


def _ops_so_far(graph: Graph, node: GraphNode, width: int) -> list[Content]:
    """In the middle of a forward pass there is no loss yet: local gradients only."""
    own = _local_lines(graph, node, width)
    return own or prose(f"{node.name}: the loss is not computed yet.", width, MUTED)


def _short(view: TensorView | None) -> str:
    return _view(view) if view is not None and view.value is not None and view.size <= _FEW else brief(view)


def _view(view: TensorView) -> str:
    """A small tensor's elements in one line."""
    values = reals(view)
    if values is None:
        return brief(view)
    return _vector(values) if view.shape else _number(values[0])


def _vector(values: Sequence[float]) -> str:
    if len(values) == 1:
        return _number(values[0])
    shown = [_number(value) for value in values[:_FEW]]
    return f"[{', '.join(shown)}{', …' if len(values) > _FEW else ''}]"


def _number(value: float) -> str:
    """A whole number without its zeros."""
    return f"{value:.0f}" if value.is_integer() and abs(value) < 1e6 else numbers([value])[0]
