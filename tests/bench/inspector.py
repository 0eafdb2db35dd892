"""From Enter on a tensor of 4096 x 4096 to its painted elements, to all its statistics, and from a key to a frame.

The program runs in its own process; what it takes in memory to answer is given, too.

python tests/bench/inspector.py
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from gradstep.app.app import GradstepApp
from gradstep.app.debugger.screen import DebuggerScreen
from gradstep.app.inspector.grid import TensorGrid
from gradstep.app.inspector.screen import InspectorScreen
from gradstep.app.messages import TensorChosen
from gradstep.model.message import Launch
from gradstep.source.live import LiveSource
from textual.pilot import Pilot

PROGRAM = """
import torch
w = torch.randn(4096, 4096, requires_grad=True)
x = torch.randn(2, 4096)
for step in range(9):
    loss = (x @ w).square().mean()
    loss.backward()
    w.data -= 0.1 * w.grad
"""
SIZES = [(80, 24), (120, 36), (200, 60)]
TIMES = 7


async def until(pilot: Pilot[None], ready: object) -> float:
    """Seconds until something is so, and is painted."""
    start = time.perf_counter()
    while not ready():  # type: ignore[operator]
        await asyncio.sleep(0.001)
    await pilot._wait_for_screen()
    return time.perf_counter() - start


def memory(pid: int) -> tuple[int, int]:
    """Resident memory of a process and its peak, in MiB."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    found = {line.split(":")[0]: int(line.split()[1]) // 1024 for line in lines if line.startswith(("VmRSS", "VmHWM"))}
    return found["VmRSS"], found["VmHWM"]


async def measure(size: tuple[int, int], path: Path) -> None:
    """Print the times at one size."""
    source = LiveSource(Launch("file", str(path), (str(path),), str(path.parent), None, 1))
    app = GradstepApp(source)
    opened, own, surveyed, moved = [], [], [], []
    async with app.run_test(size=size) as pilot:
        screen = app.screen
        assert isinstance(screen, DebuggerScreen)
        await until(pilot, lambda: screen.state.mode == "waiting")
        screen.action_go("backward")
        await until(pilot, lambda: screen.moment.stop.phase == "backward" and screen.state.mode == "waiting")
        await asyncio.sleep(1)
        pid = source._run.pid if source._run is not None else 0
        before = memory(pid)
        for _ in range(TIMES):
            start, busy = time.perf_counter(), time.process_time()
            screen.post_message(TensorChosen("w"))
            await until(pilot, lambda: isinstance(app.screen, InspectorScreen))
            inspector = app.screen
            assert isinstance(inspector, InspectorScreen)
            value = inspector._questions.sheets["value"]
            await until(pilot, lambda: value.values)  # noqa: B023
            opened.append(time.perf_counter() - start)
            own.append(time.process_time() - busy)
            await until(pilot, lambda: value.survey is not None)  # noqa: B023
            surveyed.append(time.perf_counter() - start)
            await until(pilot, lambda: not inspector.waits)  # noqa: B023
            grid = inspector.query_one(TensorGrid)
            for _ in range(5):
                start = time.perf_counter()
                grid.action_page(7, 1)
                await until(pilot, lambda: not grid.missing(value.at))  # noqa: B023
                moved.append(time.perf_counter() - start)
            inspector.action_leave()
            await until(pilot, lambda: app.screen is screen)
        after = memory(pid)
    name = f"{size[0]}x{size[1]}"
    for label, times in (("elements", opened), ("  our CPU", own), ("statistics", surveyed), ("7 pages on", moved)):
        print(f"{name:<7} {label:<11} median {statistics.median(times) * 1e3:6.1f} ms  slowest {max(times) * 1e3:6.1f}")
    print(f"{name:<7} program: {before[0]} MiB before, {after[0]} after; its peak {before[1]} before, {after[1]} after")


async def main() -> None:
    """At three sizes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.py"
        path.write_text(PROGRAM, encoding="utf-8")
        for size in SIZES:
            await measure(size, path)


if __name__ == "__main__":
    asyncio.run(main())
