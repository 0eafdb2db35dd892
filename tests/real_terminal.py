"""gradstep on a real terminal: a pty, of which every byte is seen."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

LONG = 60.0
"""Seconds after which something that was waited for will not come."""


class RealTerminal:
    """A terminal, and a program in a session of its own that has it as its controlling terminal."""

    def __init__(self, *args: str | Path, **environment: str) -> None:
        self.ours, self.theirs = pty.openpty()
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
        self.modes = self.stty()
        self.bytes = b""
        """All that the terminal was given."""
        known = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("on_terminal.py")), *map(str, args)],
            stdin=self.theirs,
            stdout=self.theirs,
            stderr=self.theirs,
            env={**known, "TERM": "xterm-256color", **environment},
            start_new_session=True,
        )

    def __enter__(self) -> RealTerminal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.ours)
        os.close(self.theirs)

    def stty(self) -> list[Any]:
        """All modes of the terminal."""
        return termios.tcgetattr(self.theirs)

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self.ours, keys.encode())

    def read(self, seconds: float = 0.05) -> bytes:
        """What comes within that time."""
        if not select.select([self.ours], [], [], seconds)[0]:
            return b""
        text = os.read(self.ours, 1 << 16)
        self.bytes += text
        return text

    def wait_for(self, pattern: str, since: int = 0) -> int:
        """Until that is written; returns how much had been written by then."""
        return self.wait(lambda: re.search(pattern.encode(), self.bytes[since:]) is not None, pattern)

    def wait(self, done: Callable[[], bool], what: str) -> int:
        """Until that is so."""
        end = time.monotonic() + LONG
        while not done():
            self.read()
            if time.monotonic() > end:
                raise AssertionError(f"{what} did not come; the last was {self.bytes[-600:]!r}")
        return len(self.bytes)

    def exit_code(self) -> int:
        """Of the program, once it has ended and all that it wrote was read; -N after signal N."""
        self.wait(lambda: self.process.poll() is not None, "the end")
        while self.read():
            pass
        return self.process.returncode

    def memory(self) -> int:
        """MiB of the screen's process."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+)", status)
        assert found is not None
        return int(found[1]) // 1024

    def descendants(self) -> set[int]:
        """All processes that the program has started, and they."""
        return set(_below(self.process.pid))


def _below(pid: int) -> Iterator[int]:
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            yield int(child)
            yield from _below(int(child))


def alive(pid: int) -> bool:
    """Whether a process exists and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


@contextmanager
def stepping(program: Path, *options: str, **environment: str) -> Iterator[RealTerminal]:
    """The debugger on a program that waits at its first stop."""
    with RealTerminal("run", "--seed", "7", *options, program, **environment) as terminal:
        terminal.wait_for("stands at its beginning")
        yield terminal
