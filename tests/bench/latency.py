"""From a key to the painted frame, less the program's own compute: lessons, and a graph of 5,000 nodes.

A graph of more than 300 nodes is drawn in a thread, and painted when it is ready.

python tests/bench/latency.py
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
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


async def measure(stops: list[Stop], size: tuple[int, int]) -> list[float]:
    """Milliseconds of each space, on stops that are already made."""
    times = []
    async with running(size=size, source=HandSource(stops)) as run:
        for _ in range(min(24, len(stops) - 2)):
            start = time.perf_counter()
            run.screen.action_go("phase")
            await run.pilot._wait_for_screen()
            run.app.screen._compositor.render_update(full=False)
            times.append((time.perf_counter() - start) * 1000)
    return times[2:]


async def main() -> None:
    """Print median and slowest."""
    for name, stops in (("lesson", seed_run(9)), ("5,000 nodes", wide_run())):
        for size in SIZES:
            times = await measure(stops, size)
            middle, slowest = statistics.median(times), max(times)
            print(f"{name:<12} {size[0]}x{size[1]:<4} median {middle:6.1f} ms  slowest {slowest:6.1f} ms")


if __name__ == "__main__":
    asyncio.run(main())
