"""What fails in watching must not fail the program."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType

from gradstep.program.host.faults import origin


class Guard:
    """A `with` block of ours in the program's run: an error in it ends the watching, is told, and goes no further."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self.tripped = False
        """Watching has ended."""
        self._tell = tell

    def __enter__(self) -> None:
        """Begin to watch."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        """Swallow an error of ours, once it was told; what is no error (a wish to exit) passes."""
        if not isinstance(error, Exception):
            return False
        self.trip(error)
        return True

    def trip(self, error: Exception) -> None:
        """An error of ours has happened: tell it, and watch no more."""
        if not self.tripped:
            self.tripped = True
            text = "gradstep hit an internal error and stopped watching; your program continues"
            self._tell(f"{text}: {error!r} ({origin(error)})")
