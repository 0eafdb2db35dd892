"""What fails in watching must not fail the program."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType

from gradstep.program.host.faults import origin, repr_of
from gradstep.program.host.turn import Turn

_MOST = 16
"""Errors of ours after which we watch no more: something is not as we think it is."""

_LONGEST = 200
"""Characters that are told of an error: torch may list all its backends."""


class Guard:
    """A `with` block of ours in the program's run: an error in it ends the block, is told, and goes no further."""

    def __init__(self, tell: Callable[[str], None], turn: Turn) -> None:
        self.tripped = False
        """Watching has ended."""
        self.turn = turn
        self._tell = tell
        self._told: set[str] = set()
        self._errors = 0

    def __enter__(self) -> None:
        """Begin to watch."""
        self.turn.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        """Swallow an error of ours, once it was told; what is no error (a wish to exit) passes.

        And what a handler of the program's raises: either passes, or comes now.
        """
        try:
            if not isinstance(error, Exception) or error is self.turn.raised:
                return False
            self.slip(error)
            return True
        finally:
            self.turn.__exit__()

    def pass_or_slip(self, error: Exception) -> None:
        """The same of an error that was caught: raise it where it is the program's."""
        if error is self.turn.raised:
            raise error
        self.slip(error)

    def slip(self, error: Exception) -> None:
        """An error of ours has happened: tell it, once of each place; after many of them watch no more."""
        if isinstance(error, RecursionError):
            return  # the program is as deep as it may be, and will be told so itself
        self._errors += 1
        place = origin(error)
        if place not in self._told and not self.tripped:
            self._told.add(place)
            text = "gradstep hit an internal error and left something out; your program continues"
            self._tell(f"{text}: {_brief(repr_of(error))} ({place})")
        if self._errors > _MOST and not self.tripped:
            self.tripped = True
            self._tell("gradstep hit many internal errors and stopped watching; your program continues")


def _brief(text: str) -> str:
    """The beginning of a text."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
