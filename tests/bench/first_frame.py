"""The first frame of `gradstep`, as a share of `import torch`; medians, interleaved.

python tests/bench/first_frame.py [ROUNDS]
"""

from __future__ import annotations

import os
import pty
import statistics
import subprocess
import sys
import time


def seconds_to_frame() -> float:
    """From the start of the process to the first words of the lessons in its terminal."""
    start = time.perf_counter()
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm-256color", COLUMNS="120", LINES="36")
        os.execv(sys.executable, [sys.executable, "-m", "gradstep.cli"])
    seen = b""
    while b"Lessons" not in seen:
        seen += os.read(terminal, 65536)
    taken = time.perf_counter() - start
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    os.close(terminal)
    return taken


def seconds_to_import() -> float:
    """A process that does nothing but `import torch`."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import torch"], check=True)
    return time.perf_counter() - start


def main() -> None:
    """Print both medians and their ratio."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    pairs = [(seconds_to_frame(), seconds_to_import()) for _ in range(rounds)]
    frame, torch = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"first frame {frame:.3f} s, import torch {torch:.3f} s, ratio {frame / torch:.2f}")


if __name__ == "__main__":
    main()
