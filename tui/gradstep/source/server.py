"""The fork server as the screen sees it."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from typing import Any

from gradstep.model.channel import Channel
from gradstep.model.message import Exited, Forked, Kill, Launch

_PROGRAM = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "program", "__main__.py")
"""Run as a file, with its folder taken off the path at once: `-m` would look for us in the working directory first."""


class ForkServer:
    """The fork server's process and the socket to it."""

    def __init__(self, launch: Launch, piped: bool, program: str = _PROGRAM) -> None:
        """`piped`: what it writes to stderr is read, so that it does not come to the terminal as it is."""
        self.preload = launch.preload
        ours, theirs = socket.socketpair()
        environment = dict(os.environ)
        given = environment.get("PYTHONHASHSEED", "")
        environment["PYTHONHASHSEED"] = given or str(launch.seed)
        self.process = subprocess.Popen(
            [sys.executable, program, str(theirs.fileno()), given],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if piped else None,
            stderr=subprocess.PIPE if piped else None,
            env=environment,
            start_new_session=True,
        )
        theirs.close()
        self.socket = ours
        self.channel: Channel[Any] = Channel(ours, Forked | Exited)  # type: ignore[arg-type]
        self.stderr = self.process.stderr.fileno() if self.process.stderr is not None else -1

    def launch(self, launch: Launch, descriptors: list[int]) -> None:
        """Fork a program that gets those descriptors; OSError if the server is gone."""
        socket.send_fds(self.socket, [b"\0"], descriptors)
        self.channel.send(launch)

    def is_dead(self) -> bool:
        """Whether it has been killed."""
        return self.process.poll() is not None

    def kill(self) -> None:
        """End the program that runs."""
        with contextlib.suppress(OSError):
            self.socket.sendall(b"\0")
            self.channel.send(Kill())

    def close(self) -> None:
        """End the server; it takes its program with it."""
        self.channel.close()
        try:
            self.process.wait(2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stderr is not None:
            self.process.stderr.close()
