"""The fork server: a small process that has torch imported and forks a fresh program for every run.

A restart so costs a fork instead of an import of torch. `multiprocessing`'s own forkserver would do the same, but
leaves its traces in the child (the start method, a parent process, `__mp_main__`), which a program can notice.
"""

from __future__ import annotations

import contextlib
import gc
import os
import select
import signal
import socket
import sys
import warnings
from typing import Any, NoReturn

from gradstep.model.channel import Channel
from gradstep.model.message import Exited, Forked, Kill, Launch
from gradstep.program.host.child import Load, run

GRACE = 0.5
"""Seconds between asking a program to end and killing it."""


class _Server:
    """Forks programs, one at a time, tells how they ended, and outlives neither the screen nor its own children."""

    def __init__(self, channel: Channel[Launch | Kill], wakeup: int, load: Load) -> None:
        self.load = load
        self.channel = channel
        self.wakeup = wakeup
        self.child = 0
        self.group = 0
        self.deadline: float | None = None

    def loop(self) -> tuple[Launch, list[int]] | None:
        """Serve until the screen is gone (None), or, in a freshly forked child, return what it has to run."""
        while True:
            sources: list[Any] = [self.channel.socket, self.wakeup]
            ready, _, _ = select.select(sources, [], [], self.deadline)
            if not ready:
                self.deadline = None
                self._kill(signal.SIGKILL)
            if self.wakeup in ready:
                os.read(self.wakeup, 4096)
                self._reap()
            if self.channel.socket in ready:
                _, descriptors, _, _ = socket.recv_fds(self.channel.socket, 1, 4)
                message = self.channel.receive()
                if message is None:
                    self._kill(signal.SIGKILL)
                    return None
                if isinstance(message, Kill):
                    self._end()
                elif self._fork(message, descriptors):
                    return message, descriptors

    def _end(self) -> None:
        """Ask the program to end, and see to it; of one that has ended, end what it has left behind."""
        self._kill(signal.SIGTERM if self.child else signal.SIGKILL)
        self.deadline = GRACE if self.child else None

    def _fork(self, launch: Launch, descriptors: list[int]) -> bool:
        self._kill(signal.SIGKILL)
        if launch.preload:
            with contextlib.suppress(Exception):  # the program's own import says it better
                self.load()
                if launch.optimizes:
                    import torch._dynamo  # noqa: F401
                gc.collect()
                gc.freeze()  # the children need not look through torch's own objects again and again
        sys.stdout.flush()
        sys.stderr.flush()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # numpy's idle threads make 3.12 warn of a fork
            pid = os.fork()
        if pid == 0:
            return True
        for descriptor in descriptors:
            os.close(descriptor)
        self.child = self.group = pid
        self.deadline = None
        self.channel.send(Forked(pid))
        return False

    def _reap(self) -> None:
        while self.child:
            pid, status = os.waitpid(self.child, os.WNOHANG)
            if pid == 0:
                return
            self.child, self.deadline = 0, None
            if os.WIFSIGNALED(status):
                number = os.WTERMSIG(status)
                self.channel.send(Exited(128 + number, _name_of(number)))
            else:
                self.channel.send(Exited(os.WEXITSTATUS(status)))

    def _kill(self, number: signal.Signals) -> None:
        """Signal the program's session; a kill also ends what an earlier program has left behind."""
        if self.child or (self.group and number is signal.SIGKILL):
            try:
                os.killpg(self.group, number)
            except ProcessLookupError:
                self.group = 0


def _name_of(number: int) -> str:
    """`SIGKILL`; of a real-time signal, most of which Python has no name for, `SIGRTMIN+5`."""
    if number in set(signal.Signals):
        return signal.Signals(number).name
    first: int = getattr(signal, "SIGRTMIN", 0)
    return f"SIGRTMIN+{number - first}" if 0 < first < number else f"signal {number}"


def serve(descriptor: int, load: Load) -> NoReturn:
    """Be the fork server; in the forked children, be the program. `load` imports torch."""
    sock = socket.socket(fileno=descriptor)
    sock.set_inheritable(False)
    channel: Channel[Launch | Kill] = Channel(sock, Launch | Kill)  # type: ignore[arg-type]
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    job = _Server(channel, reading, load).loop()
    if job is None:
        os._exit(0)
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for inherited in (reading, writing):
        os.close(inherited)
    channel.close()
    code = run(*job, load)
    if "triton" in sys.modules:
        gc.unfreeze()  # (0.7 s) it tells of leaks unless its objects are collected at the end, as they are without us
    sys.exit(code)
