"""What watching costs: the same program plain, stepped by phase, and run through; ratios of medians, interleaved.

python tests/bench/overhead.py [ROUNDS]
"""

from __future__ import annotations

import json
import queue
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from gradstep.app.runs.budget import GIB, programs_share
from gradstep.model.message import Event, Exited, Go, Launch, Stopped
from gradstep.source.live import LiveSource
from msgspec.structs import replace

PROGRAMS = Path(__file__).parent / "programs"
Times = dict[str, list[float]]


def plain(program: Path, result: Path) -> None:
    """Run it with python alone."""
    subprocess.run([sys.executable, str(program), str(result)], check=True)


def watched(program: Path, result: Path, step: bool) -> None:
    """Run it under gradstep: waiting for a key after each phase, or through to the end."""
    launch = Launch("file", str(program), (str(program), str(result)), str(program.parent))
    source = LiveSource(replace(launch, history=programs_share(GIB)), quiet=True)
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    source.start(events.put)
    while not isinstance(event := events.get(), Exited):
        if isinstance(event, Stopped) and event.waiting:
            source.send(Go("phase" if step else "end"))
    source.close()


def measure(program: Path, rounds: int) -> dict[str, Times]:
    """Seconds by way of running and by what was timed."""
    found: dict[str, Times] = {}
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "seconds.json"
        for _ in range(rounds):
            for way in ("plain", "stepped", "through"):
                if way == "plain":
                    plain(program, result)
                else:
                    watched(program, result, way == "stepped")
                for what, seconds in json.loads(result.read_text()).items():
                    found.setdefault(way, {}).setdefault(what, []).extend(seconds)
    return found


def main() -> None:
    """Print a line for each program and each thing it timed."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    print(f"{'program':<10}{'what':<12}{'plain ms':>10}{'stepped':>10}{'through':>10}")
    for program in sorted(PROGRAMS.glob("*.py")):
        found = measure(program, rounds)
        for what, seconds in found["plain"].items():
            base = statistics.median(seconds)
            ratios = [statistics.median(found[way][what]) / base for way in ("stepped", "through")]
            print(f"{program.stem:<10}{what:<12}{base * 1000:>10.2f}{ratios[0]:>10.2f}{ratios[1]:>10.2f}", flush=True)


if __name__ == "__main__":
    main()
