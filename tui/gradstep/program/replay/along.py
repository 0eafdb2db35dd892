"""The loss along a step, and where on it the loss is lowest."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator

GRID = tuple(part / 8 for part in range(17))
"""Fractions of the step at which the loss is computed: 0 to 2."""

REFINED = 3
"""Parabolas that are laid through the lowest points, each giving one more point; the first is exact where the loss is
quadratic along the step, as near a minimum it is."""

NEAREST = 1e-4
"""A step of which not even this fraction makes the loss better points the wrong way."""

Points = dict[float, float]
"""Fraction of the step -> loss."""


def points_along(loss: Callable[[float], float], known: Points, sign: float) -> Generator[None, None, Points]:
    """The loss on the grid and near its lowest (`sign` -1: its highest) point; one forward pass between yields."""
    found = dict(known)
    for at in GRID:
        if at not in found:
            found[at] = loss(at)
            yield
    while lowest(found, sign) == 0.0 and sorted(found)[1] > 4 * NEAREST:
        at = sorted(found)[1] / 4
        found[at] = loss(at)
        yield
    for _ in range(REFINED):
        nearer = _vertex(found, sign)
        if nearer is None:
            break
        found[nearer] = loss(nearer)
        yield
    return dict(sorted(found.items()))


def lowest(points: Points, sign: float) -> float | None:
    """The fraction of the step at which the loss is best; None if it is nowhere a number."""
    sound = {at: sign * value for at, value in points.items() if math.isfinite(value)}
    return min(sound, key=sound.__getitem__) if sound else None


def _vertex(points: Points, sign: float) -> float | None:
    """Where the parabola through the best point and its neighbours is lowest; None at an end, or if that is known."""
    best = lowest(points, sign)
    order = sorted(points)
    if best is None or best in (order[0], order[-1]):
        return None
    at = order.index(best)
    (a, b, c), (fa, fb, fc) = order[at - 1 : at + 2], (sign * points[x] for x in order[at - 1 : at + 2])
    if not (math.isfinite(fa) and math.isfinite(fc)):
        return None
    over = (b - a) ** 2 * (fb - fc) - (b - c) ** 2 * (fb - fa)
    under = (b - a) * (fb - fc) - (b - c) * (fb - fa)
    if not under:
        return None
    vertex = b - 0.5 * over / under
    nearest = min(abs(vertex - known) for known in order)
    return vertex if a < vertex < c and nearest > 1e-4 else None
