"""One process of the program, and all that comes from it."""

from __future__ import annotations

import codecs
import contextlib
import os
import selectors
import signal
import socket
import threading
from typing import Any

from gradstep.model.channel import PAUSE, Channel
from gradstep.model.ending import cut_off
from gradstep.model.message import Command, Evaluated, Exited, Forked, Launch, Output, Refused, Sent, Shortened, Stopped
from gradstep.model.stop import EMPTY
from gradstep.model.wire import Receiver
from gradstep.source import Listener
from gradstep.source.commands import CommandQueue
from gradstep.source.files import FileTexts
from gradstep.source.readable import readable
from gradstep.source.server import ForkServer

_CHUNK = 1 << 16
_UTF_8 = codecs.getincrementaldecoder("utf-8")


class RankProcess:
    """One process of the program. A thread of its own reads everything that comes from it."""

    def __init__(
        self, server: ForkServer, launch: Launch, listener: Listener, files: FileTexts, stdin: bool, piped: bool
    ) -> None:
        """`stdin`: it can be answered; `piped`: what it prints is told, else it goes to our stderr as it is."""
        self.pid = 0
        self._server = server
        self._listener = listener
        self._files = files
        self._last = EMPTY
        self._receiver = Receiver()
        self._listens = False
        """The program knows the signal that pauses it: it has said something, and the channel is open."""
        self._refused = False
        self._stdin = -1
        self._writing = threading.Lock()
        self._thread = threading.Thread(target=self._read, name="gradstep-program", daemon=True)
        ours, theirs = socket.socketpair()
        self._channel: Channel[Any] = Channel(ours, Sent)  # type: ignore[arg-type]
        self._outputs: dict[int, tuple[bool, codecs.IncrementalDecoder]] = {}
        handed = [theirs.fileno(), *self._standard(stdin, piped)]
        try:
            server.launch(launch, handed)
        except OSError:
            self._close_outputs()
            ours.close()
            raise
        finally:
            theirs.close()
            for descriptor in handed[1:]:
                os.close(descriptor)
        if server.stderr >= 0:
            self._outputs[os.dup(server.stderr)] = (True, _UTF_8("replace"))
        self._commands = CommandQueue(self._channel)

    def _standard(self, stdin: bool, piped: bool) -> list[int]:
        """The program's stdin, stdout and stderr; ours are the other ends."""
        if stdin:
            reading_in, self._stdin = os.pipe()
            os.set_blocking(self._stdin, False)
        else:
            reading_in = os.open(os.devnull, os.O_RDONLY)
        if not piped:
            return [reading_in, os.dup(2), os.dup(2)]
        ends = [reading_in]
        for error in (False, True):
            reading, writing = os.pipe()
            self._outputs[reading] = (error, _UTF_8("replace"))
            ends.append(writing)
        return ends

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def send(self, command: Command) -> None:
        """Send a command; nothing happens once the program is gone."""
        self._commands.put(command)

    def answer(self, text: str) -> None:
        """Put text on its standard input; what there is no room for, because it reads nothing, is lost."""
        with self._writing, contextlib.suppress(OSError):
            if self._stdin >= 0:
                os.write(self._stdin, text.encode(errors="replace"))

    def pause(self) -> None:
        """Ask the program to stop; nothing happens while it starts: the signal would end it."""
        if self._listens and self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, PAUSE)

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
        """Read what the program has printed up to now. A character may be split between two pieces."""
        for key, _ in selector.select(0):
            if key.fd in self._outputs:
                error, decoder = self._outputs[key.fd]
                read = os.read(key.fd, _CHUNK)
                text = decoder.decode(read, final=not read)
                if text:
                    self._listener(Output(text, error))
                if not read:
                    selector.unregister(key.fd)

    def _take_event(self) -> bool:
        """Pass on one message of the program; False if it has closed the channel."""
        event = self._channel.receive()
        self._listens = event is not None
        if event is None:
            return False
        if isinstance(event, Shortened):
            event = Stopped(self._receiver.whole(event.stop, event.kept), event.waiting)
        if isinstance(event, Stopped | Evaluated):
            self._last = event.stop or self._last
        self._refused |= isinstance(event, Refused)
        for text in self._files.before(event):
            self._listener(text)
        self._listener(readable(event))
        return True

    def _take_notice(self) -> Exited | None:
        """What the fork server tells; if it is gone, the program goes, too."""
        notice = self._server.channel.receive()
        if isinstance(notice, Forked):
            self.pid = notice.pid
            return None
        if isinstance(notice, Exited):
            return notice
        self._kill()
        return Exited(128 + signal.SIGKILL, "SIGKILL")

    def _kill(self) -> None:
        """End the program and what it has started without the fork server, which is gone."""
        if self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)

    def _close(self, gone: Exited) -> None:
        self._listens = False
        self._commands.close()
        with self._writing:
            self._close_outputs()
        self.pid = 0
        if self._last.phase != "end" and not self._refused:
            self._listener(Stopped(cut_off(self._last, gone), waiting=False))
        self._listener(gone)

    def _close_outputs(self) -> None:
        for descriptor in (*self._outputs, self._stdin):
            if descriptor >= 0:
                os.close(descriptor)
        self._stdin = -1
