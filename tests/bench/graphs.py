"""Graphs of 20, 500, 5,000 and 32,000 nodes: layout, first paint, key to frame, memory.

Layout is the first picture (folding, layout, text); again: that of a later stop of the same structure.
Paint: from a stop at the source to the painted graph. Keys: each to the painted answer, an opened fold included.

python tests/bench/graphs.py
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import msgspec
from gradstep.app.panes.graph.pane import GraphPane
from gradstep.draw.graph.picture import Wish, picture
from gradstep.model.graph import Graph
from gradstep.model.stop import Loss, Stop
from hand import HandSource
from model_graphs import gpt, lstm, plain_loop
from screen import Run, running

GRAPHS: dict[str, Callable[[], Graph]] = {
    "20": lambda: plain_loop(3),
    "500": lambda: gpt(12),
    "5,000": lambda: gpt(130),
    "32,000, modules": lambda: lstm(1000),
    "32,000, a loop": lambda: lstm(1000, modules=False),
}
# enter is pressed on folds alone: on a tensor it opens the inspector
WALK = ("up", "up", "up", "enter", "down", "enter", "down", "backspace", "a", "a", "escape")
SIZE = (120, 36)


def stops(make: Callable[[], Graph], count: int = 6) -> list[Stop]:
    """Forward stops, each with a graph of its own as if it had come through the channel."""
    encoded = msgspec.msgpack.encode(make())
    made = [Stop(0, "start")]
    for at in range(1, count):
        graph = msgspec.msgpack.decode(encoded, type=Graph)
        made.append(Stop(at, "forward", iteration=at, loss=Loss("loss", 1.0 / at), changed=("loss",), graph=graph))
    return made


def milliseconds(start: float) -> float:
    return (time.perf_counter() - start) * 1000


def layout(made: list[Stop]) -> tuple[float, float]:
    """Of the first picture, and of the same graph at later stops."""
    start = time.perf_counter()
    last = picture(Wish(made[1]))
    first, later = milliseconds(start), []
    for stop in made[2:]:
        start = time.perf_counter()
        last = picture(Wish(stop, before=last))
        later.append(milliseconds(start))
    return first, statistics.median(later)


def memory(make: Callable[[], Graph]) -> tuple[float, float]:
    """Mebibytes of a decoded graph, and of what is kept beside it to show it."""
    encoded = msgspec.msgpack.encode(make())
    tracemalloc.start()
    graph = msgspec.msgpack.decode(encoded, type=Graph)
    decoded = tracemalloc.get_traced_memory()[0]
    kept = picture(Wish(Stop(1, "forward", graph=graph)))
    shown = tracemalloc.get_traced_memory()[0] - decoded
    tracemalloc.stop()
    assert kept.drawing.boxes
    return decoded / 2**20, shown / 2**20


async def painted(run: Run) -> None:
    """Wait until the key has reached the pane, then for the thread, if one draws, and paint."""
    for _ in range(3):
        await run.pilot._wait_for_screen()
    while run.screen.query_one(GraphPane)._pictures.busy:
        await asyncio.sleep(0.001)
    await run.pilot._wait_for_screen()
    run.app.screen._compositor.render_update(full=False)


async def keys(made: list[Stop]) -> tuple[float, list[float]]:
    """Milliseconds from a stop to the painted graph, and of each key of a walk."""
    async with running(size=SIZE, source=HandSource(made)) as run:
        start = time.perf_counter()
        run.screen.action_go("phase")
        await painted(run)
        first = milliseconds(start)
        times = []
        for _ in range(3):
            for key in WALK:
                if key == "enter" and not run.screen.query_one(GraphPane)._key().startswith("/"):
                    continue
                start = time.perf_counter()
                run.app.simulate_key(key)
                await painted(run)
                times.append(milliseconds(start))
                if "-v" in sys.argv:
                    print(
                        f"    {key:<8} {times[-1]:6.1f} ms, {len(run.screen.query_one(GraphPane).drawing.boxes)} boxes"
                    )
    return first, times


async def main() -> None:
    """One line a graph."""
    print(f"{'nodes':<16}  layout  again   paint   key: median, slowest      graph  beside")
    for name, make in GRAPHS.items():
        made = stops(make)
        first, again = layout(made)
        paint, times = await keys(made)
        graph, beside = memory(make)
        middle, slowest = statistics.median(times), max(times)
        print(
            f"{name:<16} {first:7.1f} {again:6.1f} {paint:7.1f} {middle:7.1f} ms {slowest:7.1f} ms "
            f"{graph:9.1f} {beside:7.1f} MiB"
        )


if __name__ == "__main__":
    asyncio.run(main())
