"""What all parts of the conversation share: the line to the program, its runs, what it is doing, and the screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from msgspec.structs import replace

from gradstep.app.conversation.inbox import Inbox
from gradstep.app.runs.budget import Budget
from gradstep.app.runs.history import History
from gradstep.app.runs.offset import said
from gradstep.app.runs.runs import Runs
from gradstep.app.runs.state import State
from gradstep.model.message import Command, Fetched, FileText, Until
from gradstep.source import Source

RECORDED = "this is a recording: there is no program to run or to change"
STARTING = "the program is starting: one moment"


class Host(Protocol):
    """Who shows the conversation. Everything is called in its own thread, but for `announce`."""

    @property
    def prompting(self) -> bool:
        """Whether the user has the prompt before them."""

    def announce(self) -> None:
        """The inbox holds events: `hear` is to be called. From the source's thread."""

    def state_changed(self, state: State) -> None:
        """The program does something else, or there is an answer to the last key."""

    def files_changed(self, files: dict[str, FileText]) -> None:
        """There is another text of the program's."""

    def paint(self) -> None:
        """Show what is looked at, as it is now."""

    def printed(self) -> None:
        """Something was put on the console."""

    def fetched(self, answer: Fetched) -> None:
        """An answer about a tensor."""

    def evaluated(self, asked: str, text: str, error: bool) -> None:
        """What the prompt's line has given."""

    def later(self, seconds: float, do: Callable[[], None]) -> None:
        """Call that after some time."""

    def beside(self, work: Callable[[], None], then: Callable[[], None]) -> None:
        """Do work that may wait for a process in a thread, and then the other thing in this one."""


@runtime_checkable
class HasRuns(Protocol):
    """A source whose runs have all been made."""

    runs: Runs
    seed: int | None
    devices: tuple[str, ...]


class Link:
    """The line to one program. All that changes the state goes through `set`."""

    def __init__(self, source: Source, host: Host, budget: Budget | None = None) -> None:
        self.source = source
        self.host = host
        self.runs = Runs(budget)
        self.inbox = Inbox(host.announce)
        self.state = State(title=source.title, live=source.live)
        if isinstance(source, HasRuns):
            self.runs = source.runs
            self.state = replace(self.state, mode="ended", seed=source.seed, devices=source.devices)
        self.files: dict[str, FileText] = {}
        """The texts of the program's files, by path."""
        self.restarting = False
        """The old run is being ended: what it still says is not heard."""
        self.until: Until = "phase"
        """How far the program was let run."""
        self.queued: Until | None = None
        """The step that is to be taken once it waits."""

    @property
    def history(self) -> History:
        """Of the run whose program exists."""
        return self.runs.live.history

    def set(self, *, hint: str = "", **changes: object) -> None:
        """Change the state; the hint of the key before is gone."""
        self.state = replace(self.state, hint=hint, **changes)
        self.host.state_changed(self.state)

    def write(self, text: str, error: bool = False) -> None:
        """Put something on the console of the run whose program exists."""
        self.runs.live.terminal.write(text, error)

    def ask(self, command: Command) -> None:
        """Ask the program for something about one of the stops that it has made."""
        self.source.send(said(command, self.runs.live.offset))

    def is_recorded(self) -> bool:
        """Whether there is no program; the user is told."""
        if not self.source.live:
            self.set(hint=RECORDED)
        return not self.source.live
