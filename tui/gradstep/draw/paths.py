"""Paths from a tensor to the loss, and the product of the local gradients along each: the chain rule in numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from gradstep.model.graph import Graph, Local
from gradstep.model.tensor import TensorView, Value

MOST_PATHS = 6
"""Paths that are written out; of more the sum over the tensor's uses is shown."""

LONGEST = 12
"""Edges of a path that is written out."""

Path = tuple[int, ...]
"""Edges from a tensor to the loss, by their places in `Graph.edges`."""


@dataclass(frozen=True)
class Product:
    """One path's product of local gradients."""

    path: Path
    factors: tuple[Local, ...]
    """Local gradients from the loss back to the tensor."""
    value: tuple[float, ...]
    """Elements of the product, row by row."""
    terms: tuple[float, ...]
    """The same of absolute values: how large the terms are that each element sums up."""


def uses(graph: Graph, node: int) -> list[int]:
    """Edges that leave a node, by their places."""
    return [number for number, (source, _) in enumerate(graph.edges) if source == node]


def paths(graph: Graph, node: int) -> list[Path] | None:
    """All paths from a node to the loss; None if there are too many, or one is too long."""
    leaving: dict[int, list[int]] = {}
    for number, (source, _) in enumerate(graph.edges):
        leaving.setdefault(source, []).append(number)
    found: list[Path] = []
    pending: list[tuple[int, Path]] = [(node, ())]
    steps = 0
    while pending:
        at, path = pending.pop()
        steps += 1
        if steps > 50 * MOST_PATHS * LONGEST:
            return None
        if at == graph.root:
            found.append(path)
            if len(found) > MOST_PATHS:
                return None
            continue
        if len(path) == LONGEST:
            if leads_on(leaving, at):
                return None
            continue
        pending += [(graph.edges[number][1], (*path, number)) for number in reversed(leaving.get(at, []))]
    return found


def leads_on(leaving: dict[int, list[int]], node: int) -> bool:
    """Whether anything uses a node."""
    return bool(leaving.get(node))


def product(graph: Graph, path: Path) -> Product | None:
    """The product along a path; None if a local gradient on it is not known in numbers."""
    if not graph.locals:
        return None
    factors = tuple(graph.locals[number] for number in reversed(path))
    delta, terms = [1.0], [1.0]
    for local in factors:
        values = reals(local.value)
        passed = _pass_on(local, values, delta) if values is not None else None
        sizes = _pass_on(local, [abs(value) for value in values], terms) if values is not None else None
        if passed is None or sizes is None:
            return None
        delta, terms = passed, sizes
    return Product(path, factors, tuple(delta), tuple(terms))


def _pass_on(local: Local, values: Sequence[float], delta: Sequence[float]) -> list[float] | None:
    """What a local gradient of those elements makes of the gradient of the op's result."""
    if local.form == "number":
        return [delta[0] * value for value in values] if len(delta) == 1 else None
    if local.form == "elementwise":
        return [one * two for one, two in zip(delta, values, strict=True)] if len(delta) == len(values) else None
    if local.form != "jacobian" or not delta or len(values) % len(delta):
        return None
    width = len(values) // len(delta)
    return [_sum([one * values[row * width + column] for row, one in enumerate(delta)]) for column in range(width)]


def reals(view: TensorView | None) -> list[float] | None:
    """The elements of a tensor of real numbers, row by row; None where they are not known."""
    if view is None or view.value is None:
        return None
    flat: list[Value] = view.flat()
    return [float(item) for item in flat if not isinstance(item, list)] if _all_real(flat) else None


def _all_real(values: Sequence[Value]) -> bool:
    return not any(isinstance(value, list) for value in values)


def add_up(parts: Sequence[Sequence[float]]) -> list[float]:
    """The sum, element by element."""
    return [_sum(column) for column in zip(*parts, strict=True)]


def _sum(terms: Sequence[float]) -> float:
    """Exact where it is finite: `fsum` refuses infinities of both signs, and to overflow."""
    try:
        return math.fsum(terms)
    except (OverflowError, ValueError):
        return sum(terms)


def difference(one: Sequence[float], two: Sequence[float]) -> float:
    """Largest difference of two elements, as a share of the largest element; 0 where both are empty or zero."""
    if len(one) != len(two):
        return math.inf
    pairs = [(a, b) for a, b in zip(one, two, strict=True) if not _same(a, b)]
    size = max((abs(value) for value in two if math.isfinite(value)), default=0.0)
    apart = max((abs(a - b) for a, b in pairs), default=0.0)
    if math.isnan(apart) or any(math.isnan(a) or math.isnan(b) for a, b in pairs):
        return math.inf
    return apart / size if size else apart


def _same(one: float, two: float) -> bool:
    """Equal, and so are two NaNs."""
    return one == two or (math.isnan(one) and math.isnan(two))
