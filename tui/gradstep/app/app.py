"""The app: starts the debugger on a source, or shows the lessons."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from textual import events
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.filter import LineFilter
from textual.screen import Screen

from gradstep.app.barrier import Barrier
from gradstep.app.dialogs.palette import Palette
from gradstep.app.keyboard import Keyboard
from gradstep.app.lessons import LessonsScreen
from gradstep.app.runs.budget import GIB, Budget, programs_share
from gradstep.source import Source


class GradstepApp(App[None]):
    """Shows one screen at a time; knows nothing of torch."""

    TITLE = "gradstep"
    ENABLE_COMMAND_PALETTE: ClassVar[bool] = True
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+z", "suspend_process", "suspend", show=False, priority=True)]
    CSS = "SearchIcon { display: none; }"
    """The palette's is an emoji, which few fonts for terminals have."""
    animation_level = "none"

    def __init__(
        self,
        source: Source | None = None,
        open_lesson: Callable[[Path], Source] | None = None,
        history: int = GIB,
        until: Sequence[str] = (),
    ) -> None:
        super().__init__()
        self._until = until
        self._history = history
        self._source = source
        self._open_lesson = open_lesson
        self.ended_by: signal.Signals | None = None
        """The signal that has ended it."""
        self._barrier = Barrier()
        self._keyboard = Keyboard(self, super().on_event)

    async def on_event(self, event: events.Event) -> None:
        """Keys wait for each other."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            await self._keyboard.take(event)
        else:
            await super().on_event(event)

    def on_mount(self) -> None:
        """Signals that end a process end this one in good order."""
        if self.is_headless:
            return
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            loop.add_signal_handler(number, self._end_by, number)
        loop.add_signal_handler(signal.SIGCONT, self._continue)

    def _end_by(self, number: signal.Signals) -> None:
        """Leave the terminal as it was; the process then ends as that signal ends one."""
        self.ended_by = number
        self.exit()

    def _continue(self) -> None:
        """Take the terminal again. Who was stopped without being asked has not given it back before."""
        driver = self._driver
        if driver is not None:
            if not getattr(driver, "_must_signal_resume", False):
                driver.suspend_application_mode()
            driver.resume_application_mode()
            self.refresh(layout=True)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Nothing that a text contains is obeyed by the terminal."""
        return [*super().get_line_filters(), self._barrier]

    def action_command_palette(self) -> None:
        """Show all commands."""
        if not isinstance(self.screen, Palette):
            self.push_screen(Palette())

    def get_default_screen(self) -> Screen[None]:
        """The debugger if there is a source, else the lessons."""
        if self._source is not None:
            from gradstep.app.debugger.screen import DebuggerScreen

            budget = Budget(self._history, programs_share(self._history))
            return DebuggerScreen(self._source, budget=budget, until=self._until)
        return LessonsScreen(self._open_lesson, self._history)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The palette: the screen's own commands, then Textual's."""
        for command in getattr(screen, "palette", ()):
            run = partial(screen.run_action, command.action)
            yield SystemCommand(command.name, f"{command.description} ({command.display})", run)
        yield from super().get_system_commands(screen)
