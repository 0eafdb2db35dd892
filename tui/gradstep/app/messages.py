"""What panes and the source tell the screen. Small, in the past tense."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from textual.message import Message


class EventsArrived(Message):
    """The inbox holds events of the source that nobody has looked at."""


@dataclass
class WorkDone(Message):
    """What was done in a thread is done."""

    then: Callable[[], None]
    """What is to be done now."""


@dataclass
class InputAnswered(Message):
    """The user typed a line for the program's `input()`."""

    text: str
    """Without the newline."""


@dataclass
class TensorChosen(Message):
    """The user wants to look into a tensor."""

    name: str
    node: int = -1
    """Its box in the stop's graph; -1 if it was chosen by name."""
