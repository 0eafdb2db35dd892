"""Keys without a pause, as many as there are, on an app without a terminal."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from unittest.mock import patch

from gradstep.app.app import GradstepApp
from gradstep.app.commands import COMMANDS, DIALOG_COMMANDS, INSPECTOR_COMMANDS, Command
from gradstep.app.debugger.screen import DebuggerScreen
from gradstep.source import Source
from hand import HandSource
from screen import Run, at_once
from textual.events import Key
from textual.keys import key_to_character

ALL: Sequence[Command] = (
    *COMMANDS,
    *INSPECTOR_COMMANDS,
    *(command for commands in DIALOG_COMMANDS.values() for command in commands),
)
KEYS = (*dict.fromkeys(key for command in ALL for key in command.keys.split(",")), "pageup", "pagedown")
"""All keys that do something."""
PALETTE = "ctrl+p"


class StayingApp(GradstepApp):
    """Leaving is counted, and not done."""

    left = 0

    def exit(self, *args: Any, **named: Any) -> None:
        self.left += 1


class Typist(Run):
    """Types on an app; what is raised in it is raised here."""

    def __init__(self, app: GradstepApp, pilot: Any) -> None:
        super().__init__(app, HandSource([]), pilot)

    def type(self, *keys: str) -> None:
        """Press keys in the same instant."""
        for key in keys:
            self.app.post_message(Key(key, key_to_character(key)))

    async def settle(self) -> None:
        await super().settle()
        if self.app._exception is not None:
            raise self.app._exception

    async def to_the_panes(self) -> None:
        """Close whatever has opened."""
        for _ in range(9):
            if isinstance(self.app.screen, DebuggerScreen):
                return
            self.type("escape")
            await self.settle()
        raise AssertionError(f"{self.app.screen} does not close")

    async def until(self, mode: str) -> None:
        """Until the program does that."""
        while self.screen.state.mode != mode:
            await self.settle()

    async def steps(self) -> None:
        """The app is whole: the program can be begun again, and stepped."""
        await self.to_the_panes()
        if self.screen.conversation.repeats.under_way:
            self.screen.conversation.pause()
        while self.screen.conversation.link.restarting:
            await self.settle()
        self.screen.conversation.restart()
        await self.until("waiting")
        assert self.screen.moment.stop.phase == "start"
        self.type("end", "space")
        while self.screen.moment.stop.phase == "start":
            await self.settle()
        assert self.screen.moment.stop.phase == "forward"


@asynccontextmanager
async def typing(
    source: Source, kind: type[GradstepApp] = StayingApp, size: tuple[int, int] = (120, 36)
) -> AsyncIterator[Typist]:
    """An app that waits at its first stop."""
    app = kind(source)
    with patch("textual.app.wait_for_idle", at_once), patch("textual.pilot.wait_for_idle", at_once):
        async with app.run_test(size=size) as pilot:
            typist = Typist(app, pilot)
            await typist.until("waiting")
            yield typist


async def pairs(typist: Typist, first: str, seconds: Sequence[str]) -> None:
    """That key, and in the same instant each of the others."""
    for second in seconds:
        typist.type(first, second)
        await typist.settle()
        await typist.to_the_panes()


async def storm(typist: Typist, seed: int, count: int) -> None:
    """Random keys in bursts."""
    drawn = random.Random(seed)
    keys = [*KEYS, "down", "up", "enter", "space", "space"]
    while count > 0:
        burst = min(count, drawn.randint(1, 12))
        typist.type(*drawn.choices(keys, k=burst))
        count -= burst
        await typist.settle()
