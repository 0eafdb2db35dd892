"""Peak memory of a program watched (stepped by phase, and run through), as a share of plain; medians, interleaved.

Once for the whole process, and once for what comes on top of `import torch`, less one snapshot of the leaves.

python tests/bench/memory.py [ROUNDS]
"""

from __future__ import annotations

import json
import math
import queue
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from gradstep.model.message import Event, Exited, Go, Launch, Stopped
from gradstep.source.live import LiveSource

HERE = Path(__file__).parent
PROGRAMS = ("gpt", "convnet")
WAYS = ("plain", "stepped", "through")
MIB = 1 << 20
SIZES = {"float64": 8, "float32": 4, "bfloat16": 2, "float16": 2}

Peaks = dict[str, list[float]]


def plain(arguments: tuple[str, ...]) -> None:
    """Run it with python alone."""
    subprocess.run([sys.executable, *arguments], check=True)


def watched(arguments: tuple[str, ...], step: bool) -> float:
    """Run it under gradstep, waiting after each phase or through to the end; MiB of its leaves."""
    source = LiveSource(Launch("file", arguments[0], arguments, str(HERE)), quiet=True)
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    source.start(events.put)
    leaves = 0.0
    while not isinstance(event := events.get(), Exited):
        if isinstance(event, Stopped):
            shown = [event.stop.tensors[name] for name in event.stop.leaves]
            leaves = max(leaves, sum(math.prod(view.shape) * SIZES[view.dtype] for view in shown) / MIB)
            if event.waiting:
                source.send(Go("phase" if step else "end"))
    source.close()
    return leaves


def measure(program: str, rounds: int) -> tuple[Peaks, Peaks, float]:
    """By way of running: MiB at the peak, MiB of that since torch was imported. And MiB of the leaves."""
    peaks: Peaks = {way: [] for way in WAYS}
    grown: Peaks = {way: [] for way in WAYS}
    leaves = 0.0
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "peak.json"
        arguments = (str(HERE / "peak.py"), str(HERE / "programs" / f"{program}.py"), str(result))
        for _ in range(rounds):
            for way in WAYS:
                if way == "plain":
                    plain(arguments)
                else:
                    leaves = max(leaves, watched(arguments, way == "stepped"))
                found = json.loads(result.read_text())
                peaks[way].append(found["peak"])
                grown[way].append(found["peak"] - found["before"])
    return peaks, grown, leaves


def main() -> None:
    """Print the leaves and three ratios of each program."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    print(f"{'program':<10}{'what':<26}{'plain MiB':>10}{'stepped':>10}{'through':>10}")
    for program in PROGRAMS:
        peaks, grown, leaves = measure(program, rounds)
        print(f"{program:<10}leaves{leaves:>30.1f}")
        for what, found, kept in (
            ("process", peaks, 0.0),
            ("since import torch", grown, 0.0),
            ("the same less leaves", grown, leaves),
        ):
            base, *ways = (statistics.median(found[way]) for way in WAYS)
            ratios = [(way - kept) / base for way in ways]
            print(f"{program:<10}{what:<26}{base:>10.1f}{ratios[0]:>10.2f}{ratios[1]:>10.2f}", flush=True)


if __name__ == "__main__":
    main()
