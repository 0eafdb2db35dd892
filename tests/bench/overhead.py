"""What watching costs: the same program in several ways at once, which hand a baton on after each iteration.

    python tests/bench/overhead.py [--ways stepped,through] [--write] [WORKLOAD…]

So the machine's noise hits all ways alike. Given are medians, over the iterations, of the program's own processor time
as a ratio to that of plain python in the same round; `control` is a second plain run, and tells what a ratio is worth.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from gradstep.app.runs.budget import GIB, programs_share
from gradstep.findings import KINDS
from gradstep.model.message import Conditions, Event, Exited, Go, Launch, Stopped, Until
from gradstep.source.live import LiveSource
from msgspec.structs import replace
from results import put

HERE = Path(__file__).parent
WORKLOADS = {
    "GPT, 4 blocks": ("gpt.py", "4"),
    "GPT, 12 blocks": ("gpt.py", "12"),
    "conv net": ("convnet.py",),
    "MLP, 670,000 weights, Adam": ("mlp.py",),
    "RNN of 6,000 steps": ("rnn.py",),
    "three weights": ("weights.py",),
    "500 modules, 1,000 leaves": ("modules.py",),
    "100 million parameters, AdamW": ("large.py",),
    "130,000 ops under no_grad": ("stretch.py",),
}
ABOUT = (
    "The program's own processor time of an iteration as a multiple of plain python's; where that is less than a "
    "millisecond, what comes on top. `control` is plain python once more."
)
WARM = 0.2
"""The part of the iterations, at the beginning, that does not count."""
Way = Callable[[Path, list[str], dict[str, str]], None]


def plain(program: Path, arguments: list[str], environment: dict[str, str]) -> None:
    """Run it with python alone."""
    subprocess.run([sys.executable, str(program), *arguments], env=environment, check=True)


def trace(program: Path, arguments: list[str], environment: dict[str, str]) -> None:
    """`gradstep trace`."""
    command = [sys.executable, "-m", "gradstep.cli", "trace", str(program), *arguments]
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)


def peer(tool: str) -> Way:
    """Under another tool."""

    def run(program: Path, arguments: list[str], environment: dict[str, str]) -> None:
        command = [sys.executable, str(HERE / "peers.py"), tool, str(program), *arguments]
        subprocess.run(command, env=environment, check=True, stderr=subprocess.DEVNULL)

    return run


def steered(until: Until, history: int = GIB, conditions: tuple[str, ...] = ()) -> Way:
    """As in the app, with a key pressed as soon as the program waits; `history`: bytes that may be kept."""

    def run(program: Path, arguments: list[str], environment: dict[str, str]) -> None:
        launch = Launch("file", str(program), (str(program), *arguments), str(program.parent))
        source = LiveSource(replace(launch, history=programs_share(history)), quiet=True)
        events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        with ENVIRONMENT:
            os.environ.update(environment)
            source.start(events.put)
        while not isinstance(event := events.get(), Exited):
            if isinstance(event, Stopped) and event.waiting:
                if conditions:
                    source.send(Conditions(conditions, KINDS))
                source.send(Go(until, conditional=bool(conditions)))
        source.close()

    return run


ENVIRONMENT = threading.Lock()
"""One way at a time hands its own environment on."""
WAYS: dict[str, Way] = {
    "plain": plain,
    "control": plain,
    "stepped": steered("phase"),
    "trace": trace,
    "through": steered("end"),
    "condition": steered("condition", conditions=("warning",)),
    "gradients": steered("condition", conditions=("warning", "*.grad norm > 1e30", "loss > 1e30")),
    "ops": steered("op"),
    "anomaly": peer("anomaly"),
    "profiler": peer("profiler"),
    "torchlens": peer("torchlens"),
}


def race(workload: tuple[str, ...], ways: Sequence[Way]) -> list[dict[str, Any]]:
    """What each way has written down: seconds of each iteration, and the peak of its memory."""
    program, arguments = HERE / "programs" / workload[0], list(workload[1:])
    with tempfile.TemporaryDirectory() as folder:
        for number in range(len(ways)):
            os.mkfifo(f"{folder}/{number}")
        threads = []
        first = os.open(f"{folder}/0", os.O_RDWR)
        for number, way in enumerate(ways):
            environment = os.environ | {"LAPS": f"{folder}:{number}:{len(ways)}", "OMP_NUM_THREADS": "1"}
            threads.append(threading.Thread(target=way, args=(program, arguments, environment)))
            threads[-1].start()
        os.write(first, b".")
        for thread in threads:
            thread.join()
        os.close(first)
        return [json.loads(Path(folder, f"{number}.json").read_text()) for number in range(len(ways))]


def warm(times: list[float]) -> list[float]:
    """Those that count."""
    return times[int(len(times) * WARM) :]


def row(name: str, times: dict[str, list[float]]) -> str:
    """One line: plain in ms, then each way as a ratio; where plain takes less than a millisecond, the ms on top."""
    base = statistics.median(times["plain"])
    cells = [f"{base * 1000:.2f} ms"]
    for way, seconds in times.items():
        pairs = zip(seconds, times["plain"], strict=True)
        if way != "plain":
            ratio = statistics.median(one / other for one, other in pairs)
            more = (statistics.median(seconds) - base) * 1000
            cells.append(f"{ratio:.2f}" if base > 1e-3 else f"+{more:.2f} ms")
    return f"| {name} | {' | '.join(cells)} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workloads", nargs="*", metavar="WORKLOAD", help="parts of names")
    parser.add_argument("--ways", default="stepped,trace,through", help=f"of {', '.join(WAYS)}")
    parser.add_argument("--write", action="store_true", help="write the table, and the machine, to results.md")
    parser.add_argument("--clock", choices=("own", "wall"), default="own")
    asked = parser.parse_args()
    ways = ["plain", "control", *asked.ways.split(",")]
    table = [f"| workload | {' | '.join(ways)} |", f"|{'---|' * (len(ways) + 1)}"]
    print("\n".join(table), flush=True)
    for name, workload in WORKLOADS.items():
        if not asked.workloads or any(part in name for part in asked.workloads):
            found = zip(ways, race(workload, [WAYS[way] for way in ways]), strict=True)
            table.append(row(name, {way: warm(told[asked.clock]) for way, told in found}))
            print(table[-1], flush=True)
    if asked.write:
        put("Overhead", ABOUT, table)


if __name__ == "__main__":
    main()
