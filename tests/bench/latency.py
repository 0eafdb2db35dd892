"""From a key to the painted frame, less the program's own compute: lessons, and a graph of 5,000 nodes; and in time.

A graph of more than 300 nodes is drawn in a thread, and painted when it is ready.

python tests/bench/latency.py
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from gradstep.model.graph import Graph, GraphNode
from gradstep.model.stop import Loss, Stop
from hand import HandSource, seed_run, view
from screen import running

SIZES = [(80, 24), (120, 36), (200, 60)]


def wide_run(count: int = 5_000, stops: int = 30) -> list[Stop]:
    """Stops of a program whose graph has that many nodes."""

    def graph(value: float) -> Graph:
        nodes = [GraphNode(at, "op" if at else "leaf", f"mul_{at}", "mul", view(value)) for at in range(count)]
        edges = [(at - 1, at) for at in range(1, count)] + [(at - 7, at) for at in range(7, count, 7)]
        return Graph(tuple(nodes), tuple(edges), count - 1)

    made = [Stop(0, "start")]
    for at in range(1, stops):
        loss = Loss("loss", 1.0 / at)
        made.append(Stop(at, "forward", "step", at, loss=loss, changed=("loss",), graph=graph(1.0 / at)))
    return made


async def measure(stops: list[Stop], size: tuple[int, int]) -> dict[str, list[float]]:
    """Milliseconds of each space, on stops that are already made; then of each key back, and of jumps."""
    found: dict[str, list[float]] = {"space": [], "back": [], "jump": []}
    async with running(size=size, source=HandSource(stops)) as run:

        async def take(what: str, action: Callable[[], None]) -> None:
            start = time.perf_counter()
            action()
            await run.pilot._wait_for_screen()
            run.app.screen._compositor.render_update(full=False)
            found[what].append((time.perf_counter() - start) * 1000)

        many = min(24, len(stops) - 2)
        for _ in range(many):
            await take("space", lambda: run.screen.action_go("phase"))
        for _ in range(many - 2):
            await take("back", lambda: run.screen.action_travel(-1))
        for _ in range(4):
            await take("jump", lambda: run.screen.action_edge("last"))
            await take("jump", lambda: run.screen.action_edge("first"))
    return {what: times[2:] for what, times in found.items()}


async def main() -> None:
    """Print median and slowest."""
    for name, stops in (("lesson", seed_run(9)), ("5,000 nodes", wide_run())):
        for size in SIZES:
            for what, times in (await measure(stops, size)).items():
                middle, slowest = statistics.median(times), max(times)
                place = f"{name:<12} {size[0]}x{size[1]:<4} {what:<6}"
                print(f"{place} median {middle:6.1f} ms  slowest {slowest:6.1f} ms", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
