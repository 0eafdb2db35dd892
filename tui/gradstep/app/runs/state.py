"""The state of the run, for the header: what the program is doing and with which settings."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Mode = Literal["importing", "waiting", "running", "pausing", "ended"]


class State(Struct, frozen=True):
    """What is true of the run and not of one stop."""

    title: str = ""
    live: bool = True
    """There is a program that can be steered."""
    mode: Mode = "importing"
    ended: str = ""
    """How it ended: `exit code 0`, `SIGSEGV`."""
    seed: int | None = None
    device: str = ""
    """The default device that was asked for; empty if none was."""
    devices: tuple[str, ...] = ()
    """What this torch has."""
    clearing: bool = False
    """Gradients are cleared after each update."""
    editing: bool = False
    """An edit is under way."""
    again: str = ""
    """What is being repeated: `again to stop 5`; empty for nothing."""
    asking: bool = False
    """It runs, but waits for its standard input."""
    waits: str = ""
    """What it is to be stopped at while it runs on; empty for nothing."""
    rate: float = 0.0
    """Iterations a second while it runs on; 0 while that is not known."""
    queued: str = ""
    """Name of the step that begins when the one under way has ended; empty for none."""
    hint: str = ""
    """Answer to the last key, until the next event."""

    def words(self) -> str:
        """What the program is doing, for people."""
        if not self.live:
            return "recorded"
        if self.mode == "ended":
            return f"ended: {self.ended}"
        if self.again:
            return f"{self.again} …"
        if self.asking:
            return "waits for input(): k answers"
        running = f"running until {self.waits}" if self.waits else "running"
        running += f" · {self.rate:,.3g} it/s …" if self.rate else " …"
        doing = {"importing": "importing torch …", "waiting": "paused", "running": running, "pausing": "pausing …"}
        return doing[self.mode] + (f", then {self.queued}" if self.queued else "")
