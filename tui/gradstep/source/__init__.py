"""Gives stops to whoever shows them: a running program, a file, or a test's list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from gradstep.model.message import Command, Event

Listener = Callable[[Event], None]
"""Called from a thread of the source's own, in the order of the events."""


class Source(Protocol):
    """Where stops come from. The app knows nothing else about it."""

    title: str
    """What is being run, for people: `three_weights.py`."""
    path: str
    """The program's file, or empty; its text is what the Source pane shows first."""
    live: bool
    """Whether there is a program that can be steered."""

    def start(self, listener: Listener) -> None:
        """Begin; the first stop is `start`, and the program waits there."""

    def send(self, command: Command) -> None:
        """Steer a program that waits or runs; ignored once it has ended."""

    def answer(self, text: str) -> None:
        """Give the program's `input()` what was typed, newline included."""

    def pause(self) -> None:
        """Ask a running program to stop where it is."""

    def restart(self, device: str | None = None) -> None:
        """End the run and begin it again, with the same seed; `device` replaces the one before, if given."""

    def close(self) -> None:
        """End the run and leave no process behind."""
