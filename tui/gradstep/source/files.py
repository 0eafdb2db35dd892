"""The texts of a program's files, each told once, before the first stop that is in it."""

from __future__ import annotations

from collections.abc import Iterator

from gradstep.model.message import Event, FileText, Stopped
from gradstep.model.notebook import read_cells


class FileTexts:
    """Knows which texts were told in this run."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def before(self, event: Event) -> Iterator[FileText]:
        """What is to be told before an event."""
        if isinstance(event, Stopped):
            yield from self.of(event.stop.place.file)

    def of(self, path: str) -> Iterator[FileText]:
        """The text of that file, if it was not told yet."""
        if path and path not in self._told:
            self._told.add(path)
            yield read(path)


def read(path: str) -> FileText:
    """The text of a Python file or a notebook, or why it cannot be read."""
    try:
        if path.endswith(".ipynb"):
            return FileText(path, read_cells(path)[1])
        with open(path, encoding="utf-8", errors="replace") as opened:
            return FileText(path, opened.read())
    except OSError as error:
        return FileText(path, problem=f"{path} cannot be read: {error.strerror}")
    except ValueError as error:
        return FileText(path, problem=str(error))
