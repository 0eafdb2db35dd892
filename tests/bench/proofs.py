"""What receipts and proofs cost: an iteration stepped by phase with and without what they keep, and one proof.

python tests/bench/proofs.py [ROUNDS]

The first two are ratios of medians of interleaved runs; the proof is in forward passes of the program.
"""

from __future__ import annotations

import json
import runpy
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec
from gradstep.model.channel import Channel
from gradstep.model.message import Command, Go, Launch, Stopped
from gradstep.program.host.talk import Talk
from gradstep.program.session.attach import attach
from gradstep.program.session.watching import Watching

PROGRAMS = Path(__file__).parent / "programs"


class Ear(Channel[Command]):
    """In place of the screen: a key at each stop; at some forward stops a proof is made, and timed."""

    def __init__(self, prove: bool) -> None:
        self.talk: Talk | None = None
        self.prove = prove
        self.ready = False
        """A key is there as soon as a stop is sent: nothing is made late."""
        self.seconds: list[float] = []
        self.runs: list[int] = []

    def send(self, message: msgspec.Struct) -> None:
        self.ready = isinstance(message, Stopped) and message.waiting
        if self.prove and isinstance(message, Stopped) and message.stop.phase == "forward":
            assert self.talk is not None
            watching: Any = self.talk.watcher
            start = time.perf_counter()
            for piece in watching.session.prover.rest(message.stop):
                if piece is not None and piece.proof is not None and not piece.proof.problem:
                    self.seconds.append(time.perf_counter() - start)
                    self.runs.append(piece.proof.runs)

    def receive(self) -> Command | None:
        self.ready = False
        return Go("phase")

    def pending(self, seconds: float = 0) -> bool:
        return self.ready

    def close(self) -> None:
        pass


def inside(way: str, program: str, result: str) -> None:
    """Run one program in this process, one way."""
    ear = Ear(way == "proofs")
    talk = ear.talk = Talk(ear, Launch("file", program, (program, result), ".", None, 7, None))
    talk.go = Go("phase")
    attach(talk)
    watching: Any = talk.watcher
    assert isinstance(watching, Watching)
    session = watching.session
    if way == "receipts":
        receipts: Any = session.receipts
        receipts.after_backward = receipts.before_step = lambda *_: None
        receipts.at_update = lambda *_: {}
    if way == "calls":
        calls: Any = session.calls
        calls.keep = lambda *_, **__: None
        calls.before = lambda *_, **__: None
        prover: Any = session.prover
        prover.at_forward = prover.at_update = lambda *_: None
    sys.argv = [program, result]
    runpy.run_path(program, run_name="__main__")
    seconds = json.loads(Path(result).read_text())
    Path(result).write_text(json.dumps(seconds | {"proof": ear.seconds, "runs": ear.runs}))


def measure(program: Path, way: str) -> dict[str, list[float]]:
    """Seconds of each iteration, of each proof, and the forward passes that it took."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "seconds.json"
        subprocess.run([sys.executable, __file__, way, str(program), str(result)], check=True)
        found: dict[str, list[float]] = json.loads(result.read_text())
        return found


def main() -> None:
    """Print a line for each program."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    print(f"{'program':<10}{'with / without receipts':>25}{'calls':>8}{'proof, passes':>15}{'proof ms':>10}")
    for name in ("gpt", "convnet"):
        program = PROGRAMS / f"{name}.py"
        times: dict[str, list[float]] = {"with": [], "receipts": [], "calls": []}
        for _ in range(rounds):
            for way in times:
                times[way] += measure(program, way)["iteration"]
        whole = statistics.median(times["with"])
        receipts, calls = (whole / statistics.median(times[way]) for way in ("receipts", "calls"))
        proofs = measure(program, "proofs")
        runs = statistics.median(proofs["runs"]) if proofs["runs"] else 0
        took = 1000 * statistics.median(proofs["proof"]) if proofs["proof"] else 0.0
        print(f"{name:<10}{receipts:>25.3f}{calls:>8.3f}{runs:>15.0f}{took:>10.1f}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) == 4:
        inside(*sys.argv[1:])
    else:
        main()
