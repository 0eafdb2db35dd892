"""Peak memory of the program's process, watched, as a share of plain python's; one way after the other.

python tests/bench/memory.py [ROUNDS [--write]]
"""

from __future__ import annotations

import statistics
import sys

from overhead import WORKLOADS, Way, plain, race, steered
from results import put

CASES = {"GPT, 4 blocks": 1 << 30, "conv net": 1 << 30, "100 million parameters, AdamW": 256 << 20}
"""Bytes that may be kept, by workload."""
ABOUT = "The largest resident set of the program's process as a multiple of plain python's."
KIB_PER_MIB = 1 << 10 if sys.platform == "linux" else 1 << 20
"""The system counts peaks in KiB, macOS in bytes."""


def main() -> None:
    """Print a line a workload."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    table = ["| workload | --history | plain | stepped | through |", "|---|---|---|---|---|"]
    for name, history in CASES.items():
        ways: dict[str, Way] = {
            "plain": plain,
            "stepped": steered("phase", history),
            "through": steered("end", history),
        }
        peaks = {
            key: statistics.median(race(WORKLOADS[name], [way])[0]["peak"] / KIB_PER_MIB for _ in range(rounds))
            for key, way in ways.items()
        }
        base = peaks["plain"]
        ratios = " | ".join(f"{peaks[key] / base:.2f}" for key in ("stepped", "through"))
        table.append(f"| {name} | {history >> 20} MiB | {base:.0f} MiB | {ratios} |")
        print(table[-1], flush=True)
    if sys.argv[2:] == ["--write"]:
        put("Memory", ABOUT, table)


if __name__ == "__main__":
    main()
