"""A running program as a source of stops: its fork server, its process, its pipes."""

from __future__ import annotations

import os
import re
import sys
import threading

from msgspec.structs import replace

from gradstep.model.message import Command, Launch
from gradstep.model.shadows import shadows
from gradstep.source import Listener
from gradstep.source.files import FileTexts
from gradstep.source.rank import RankProcess
from gradstep.source.server import ForkServer

_ENVIRONMENT = re.compile(r"\b(environ|putenv)\b")


class LiveSource:
    """Runs one program, again after `restart`. All events come from one thread."""

    def __init__(self, launch: Launch, quiet: bool = False, piped: bool = True) -> None:
        """`quiet`: the program has no standard input. `piped`: what it prints is told; else it goes to our stderr."""
        self.launch = launch
        self.title = os.path.basename(launch.target) if launch.kind != "module" else f"-m {launch.target}"
        self.path = launch.target if launch.kind != "module" else ""
        self.live = True
        self._quiet = quiet
        self._piped = piped
        self._listener: Listener = lambda event: None
        self._server: ForkServer | None = None
        self._run: RankProcess | None = None
        self._lock = threading.RLock()

    def start(self, listener: Listener) -> None:
        """Begin the first run."""
        self._listener = listener
        self._begin()

    def send(self, command: Command) -> None:
        """Steer the program; nothing happens once it has ended."""
        run = self._run
        if run is not None:
            run.send(command)

    def answer(self, text: str) -> None:
        """Put text on the program's standard input."""
        run = self._run
        if run is not None:
            run.answer(text)

    def pause(self) -> None:
        """Ask the program to stop: the first time at its next phase, the second time where it is."""
        run = self._run
        if run is not None:
            run.pause()

    def restart(self, device: str | None = None) -> None:
        """End the run and begin another with the same seed."""
        with self._lock:
            if device is not None:
                self.launch = replace(self.launch, device=device)
            self._end_run()
            self._begin()

    def close(self) -> None:
        """End everything."""
        with self._lock:
            self._end_run()
            if self._server is not None:
                self._server.close()
                self._server = None

    def _begin(self) -> None:
        preload = can_preload(self.launch)
        optimizes = preload and "optim" in (_text(self.launch.target) or "")
        launch = replace(self.launch, preload=preload, optimizes=optimizes)
        with self._lock:
            server = self._serving(launch)
            files = FileTexts()
            for text in files.of(self.path):
                self._listener(text)
            try:
                self._run = self._fork(server, launch, files)
            except OSError:  # the server was killed just now
                server.close()
                self._server = None
                self._run = self._fork(self._serving(launch), launch, files)
            self._run.start()

    def _serving(self, launch: Launch) -> ForkServer:
        """The fork server, begun if there is none that fits."""
        if self._server is None or self._server.preload != launch.preload or self._server.is_dead():
            if self._server is not None:
                self._server.close()
            self._server = ForkServer(launch, self._piped)
        return self._server

    def _fork(self, server: ForkServer, launch: Launch, files: FileTexts) -> RankProcess:
        return RankProcess(server, launch, self._listener, files, not self._quiet, self._piped)

    def _end_run(self) -> None:
        run, self._run = self._run, None
        if run is not None:
            run.end()


def can_preload(launch: Launch) -> bool:
    """Whether torch may be imported before the program starts.

    Not if the program sets environment variables itself (`OMP_NUM_THREADS` works only before torch is imported) or
    hides a module from torch, and not where forking after the import is unsafe (macOS).
    """
    if launch.kind == "module" or sys.platform == "darwin" or shadows(os.path.dirname(launch.target)):
        return False
    text = _text(launch.target)
    return text is not None and _ENVIRONMENT.search(text) is None


def _text(path: str) -> str | None:
    """What the program is written in; None if it cannot be read."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return None
