"""A recording as a source of stops that cannot be steered."""

from __future__ import annotations

from gradstep.app.runs.runs import Run, Runs
from gradstep.draw.numbers import count
from gradstep.model.message import Command, FileText, Notice, Output, Ready
from gradstep.recording.history import RecordedHistory
from gradstep.recording.reader import Reader
from gradstep.recording.writer import RecordingError
from gradstep.source import Listener


class ReplaySource:
    """Opens a recording: its runs are there at once, the texts of the program's files are told."""

    def __init__(self, path: str) -> None:
        """Raises RecordingError where there is nothing that can be read."""
        self.reader = Reader(path)
        about = self.reader.about()
        self.title = about.get("title", path)
        self.path = about.get("path", "")
        self.live = False
        self.seed: int | None = None
        self.devices: tuple[str, ...] = ()
        self._files: list[FileText] = []
        self.runs = self._opened()

    def _opened(self) -> Runs:
        """The runs, the last one shown."""
        runs = Runs()
        runs.recorded = True
        stops = self.reader.stops()
        if not stops:
            raise RecordingError(f"{self.reader.path}: no stop in it {self._why_none()}")
        made = {
            number: Run(number, f"run {number}", RecordedHistory(self.reader, records))
            for number, records in stops.items()
        }
        runs.all = list(made.values())
        runs.live = runs.shown = runs.all[-1]
        for number, event in self.reader.events():
            match event:
                case FileText():
                    self._files.append(event)
                case Output(text, error) if number in made:
                    made[number].terminal.write(text, error)
                case Ready():
                    self.seed, self.devices = event.seed, event.devices
        return runs

    def _why_none(self) -> str:
        return "can be read: it is damaged" if self.reader.lost else "yet: the program had not come to its start"

    def start(self, listener: Listener) -> None:
        """Tell the texts of the files, and what is missing."""
        for text in self._files:
            listener(text)
        if self.reader.lost:
            listener(Notice(f"the recording is damaged: {count(self.reader.lost, 'record')} cannot be read"))

    def send(self, command: Command) -> None:
        """There is nobody to be told."""

    def answer(self, text: str) -> None:
        """There is nobody to be told."""

    def pause(self) -> None:
        """Nothing runs."""

    def restart(self, device: str | None = None) -> None:
        """Nothing runs."""

    def close(self) -> None:
        """Let the file go."""
        self.reader.close()
