"""How the cost of watching grows with the program: what it follows a power of.

python tests/bench/scaling.py [--write]
"""

from __future__ import annotations

import math
import statistics
import sys

from overhead import Way, plain, race, steered, warm
from results import put

ABOUT = (
    "What an iteration costs on top of plain python, and the power of the size that this follows: 1 is linear, 0 "
    "constant. The fit leaves out the smallest size, where what any stop costs is most of it."
)
SIZES = {
    "nodes": (20, 500, 2_000, 8_000, 32_000),
    "leaves": (1, 30, 100, 300, 1_000),
    "iterations": (100, 300, 1_000, 3_000, 10_000),
}
WAYS: dict[str, Way] = {"stepped": steered("phase"), "through": steered("end")}


def on_top(what: str, size: int) -> dict[str, float]:
    """Milliseconds on top of plain python in an iteration: the median of the last ones."""
    found = race(("grows.py", what, str(size)), [plain, *WAYS.values()])
    base, *others = (statistics.median(warm(told["own"])[-100:]) for told in found)
    return {way: (mine - base) * 1000 for way, mine in zip(WAYS, others, strict=True)}


def power(sizes: tuple[int, ...], costs: list[float]) -> float:
    """The slope of log cost over log size, by least squares."""
    points = [(math.log(size), math.log(max(cost, 1e-3))) for size, cost in zip(sizes, costs, strict=True)][1:]
    middle = statistics.mean(x for x, _ in points)
    spread = sum((x - middle) ** 2 for x, _ in points)
    return sum((x - middle) * y for x, y in points) / spread


def main() -> None:
    """Print a line for each thing that grows, and each way."""
    table = ["| what grows | way | ms on top at each size | power |", "|---|---|---|---|"]
    for what, sizes in SIZES.items():
        rows = [on_top(what, size) for size in sizes]
        for way in WAYS:
            costs = [row[way] for row in rows]
            told = ", ".join(f"{size:,}: {cost:.2f}" for size, cost in zip(sizes, costs, strict=True))
            table.append(f"| {what} | {way} | {told} | {power(sizes, costs):.2f} |")
            print(table[-1], flush=True)
    if sys.argv[1:] == ["--write"]:
        put("Growth", ABOUT, table)


if __name__ == "__main__":
    main()
