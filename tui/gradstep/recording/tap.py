"""A source of stops that keeps what it tells in a file on the way."""

from __future__ import annotations

from gradstep.model.message import Command, Event, Notice
from gradstep.recording.recorder import Recorder
from gradstep.source import Listener, Source


class RecordedSource:
    """The source that it holds, and a recorder that hears it."""

    def __init__(self, source: Source, recorder: Recorder) -> None:
        self.title, self.path, self.live = source.title, source.path, source.live
        self._source = source
        self._recorder = recorder
        self._told = False

    def start(self, listener: Listener) -> None:
        """Begin, and keep what is told before it is passed on."""

        def hear(event: Event) -> None:
            self._recorder.put(event)
            if self._recorder.problem and not self._told:
                self._told = True
                listener(Notice(self._recorder.problem))
            listener(event)

        self._source.start(hear)

    def send(self, command: Command) -> None:
        """Steer the program."""
        self._source.send(command)

    def answer(self, text: str) -> None:
        """Answer the program."""
        self._source.answer(text)

    def pause(self) -> None:
        """Pause the program."""
        self._source.pause()

    def restart(self, device: str | None = None) -> None:
        """Another run, into the same file."""
        self._source.restart(device)

    def close(self) -> None:
        """End the run, and complete the file."""
        self._source.close()
        self._recorder.close()
