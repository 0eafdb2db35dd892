"""A running program as a source of stops: its fork server, its process, its pipes."""

from __future__ import annotations

import contextlib
import os
import re
import selectors
import socket
import subprocess
import sys
import threading
from typing import Any

from msgspec.structs import replace

from gradstep.model.channel import PAUSE, Channel
from gradstep.model.ending import cut_off
from gradstep.model.message import (
    Command,
    Evaluated,
    Exited,
    Forked,
    Kill,
    Launch,
    Output,
    Refused,
    Sent,
    Shortened,
    Stopped,
)
from gradstep.model.shadows import shadows
from gradstep.model.stop import EMPTY
from gradstep.model.wire import Receiver
from gradstep.source import Listener
from gradstep.source.files import FileTexts

_CHUNK = 1 << 16
_ENVIRONMENT = re.compile(r"\b(environ|putenv)\b")


_PROGRAM = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "program", "__main__.py")
"""Run as a file, with its folder taken off the path at once: `-m` would look for us in the working directory first."""


class LiveSource:
    """Runs one program, again after `restart`. All events come from one thread."""

    def __init__(self, launch: Launch, quiet: bool = False) -> None:
        self.launch = launch
        self.title = os.path.basename(launch.target) if launch.kind != "module" else f"-m {launch.target}"
        self.path = launch.target if launch.kind != "module" else ""
        self.live = True
        self._quiet = quiet
        self._listener: Listener = lambda event: None
        self._server: _ForkServer | None = None
        self._run: _RankProcess | None = None
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
        if run is not None and run.stdin >= 0:
            with contextlib.suppress(OSError):
                os.write(run.stdin, text.encode())

    def pause(self) -> None:
        """Ask the program to stop: the first time at its next phase, the second time where it is."""
        run = self._run
        if run is not None and run.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(run.pid, PAUSE)

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
            if self._server is None or self._server.preload != launch.preload or self._server.is_dead():
                if self._server is not None:
                    self._server.close()
                self._server = _ForkServer(launch, on_screen=not self._quiet)
            files = FileTexts()
            for text in files.of(self.path):
                self._listener(text)
            self._run = _RankProcess(self._server, launch, self._listener, self._quiet, files)
            self._run.start()

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


class _ForkServer:
    """The fork server's process and the socket to it."""

    def __init__(self, launch: Launch, on_screen: bool, program: str = _PROGRAM) -> None:
        self.preload = launch.preload
        ours, theirs = socket.socketpair()
        environment = dict(os.environ)
        given = environment.get("PYTHONHASHSEED", "")
        environment["PYTHONHASHSEED"] = given or str(launch.seed)
        self.process = subprocess.Popen(
            [sys.executable, program, str(theirs.fileno()), "screen" if on_screen else "plain", given],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        )
        theirs.close()
        self.socket = ours
        self.channel: Channel[Any] = Channel(ours, Forked | Exited)  # type: ignore[arg-type]

    def launch(self, launch: Launch, descriptors: list[int]) -> None:
        """Fork a program that gets those descriptors."""
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


class _RankProcess:
    """One process of the program. A thread of its own reads everything that comes from it."""

    def __init__(self, server: _ForkServer, launch: Launch, listener: Listener, quiet: bool, files: FileTexts) -> None:
        self.pid = 0
        self.stdin = -1
        self._server = server
        self._launch = launch
        self._listener = listener
        self._quiet = quiet
        self._files = files
        self._last = EMPTY
        self._receiver = Receiver()
        self._ended = False
        self._refused = False
        self._sending = threading.Lock()
        self._thread = threading.Thread(target=self._read, name="gradstep-program", daemon=True)
        ours, theirs = socket.socketpair()
        self._channel: Channel[Any] = Channel(ours, Sent)  # type: ignore[arg-type]
        self._outputs: dict[int, bool] = {}
        handed = [theirs.fileno(), *self._standard()]
        server.launch(launch, handed)
        theirs.close()
        for descriptor in handed[1:]:
            os.close(descriptor)

    def _standard(self) -> list[int]:
        """The program's stdin, stdout and stderr; ours are the other ends."""
        if self._quiet:
            return [os.open(os.devnull, os.O_RDONLY), os.dup(2), os.dup(2)]
        reading_in, self.stdin = os.pipe()
        ends = [reading_in]
        for error in (False, True):
            reading, writing = os.pipe()
            self._outputs[reading] = error
            ends.append(writing)
        return ends

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def send(self, command: Command) -> None:
        """Send a command, unless the program is gone."""
        with self._sending, contextlib.suppress(OSError):
            if not self._ended:
                self._channel.send(command)

    def end(self) -> None:
        """Kill the program and wait until it is gone. Its last events are not passed on."""
        self._listener = lambda event: None
        self._server.kill()
        if threading.current_thread() is not self._thread:
            self._thread.join(5)

    def _read(self) -> None:
        """Pass on what comes, output before the stop that follows it, until the process is gone and all is read."""
        with selectors.DefaultSelector() as selector:
            for descriptor in self._outputs:
                selector.register(descriptor, selectors.EVENT_READ)
            selector.register(self._channel.socket, selectors.EVENT_READ)
            selector.register(self._server.socket, selectors.EVENT_READ)
            gone: Exited | None = None
            while gone is None:
                ready = {key.fd for key, _ in selector.select()}
                self._take_output(selector)
                if self._channel.socket.fileno() in ready and not self._take_event():
                    selector.unregister(self._channel.socket)
                elif self._server.socket.fileno() in ready:
                    gone = self._take_notice()
            self._take_output(selector)
            while self._take_event():
                pass
            self._take_output(selector)
        self._close(gone)

    def _take_output(self, selector: selectors.BaseSelector) -> None:
        """Read what the program has printed up to now."""
        for key, _ in selector.select(0):
            if key.fd in self._outputs:
                text = os.read(key.fd, _CHUNK)
                if text:
                    self._listener(Output(text.decode(errors="replace"), self._outputs[key.fd]))
                else:
                    selector.unregister(key.fd)

    def _take_event(self) -> bool:
        """Pass on one message of the program; False if it has closed the channel."""
        if self._ended:
            return False
        event = self._channel.receive()
        if event is None:
            return False
        if isinstance(event, Shortened):
            event = Stopped(self._receiver.whole(event.stop, event.kept), event.waiting)
        if isinstance(event, Stopped | Evaluated):
            self._last = event.stop or self._last
        self._refused |= isinstance(event, Refused)
        for text in self._files.before(event):
            self._listener(text)
        self._listener(event)
        return True

    def _take_notice(self) -> Exited | None:
        notice = self._server.channel.receive()
        if isinstance(notice, Forked):
            self.pid = notice.pid
            return None
        return notice if isinstance(notice, Exited) else Exited(1, "SIGKILL")

    def _close(self, gone: Exited) -> None:
        with self._sending:
            self._ended = True
            self._channel.close()
        for descriptor in (*self._outputs, self.stdin):
            if descriptor >= 0:
                os.close(descriptor)
        self.stdin, self.pid = -1, 0
        if self._last.phase != "end" and not self._refused:
            self._listener(Stopped(cut_off(self._last, gone), waiting=False))
        self._listener(gone)
