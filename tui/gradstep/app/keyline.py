"""The line of keys at the bottom of a screen."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import ClassVar

from textual.content import Content
from textual.widget import Widget

from gradstep.app.commands import COMMANDS, Command


class KeyLine(Widget):
    """The keys; what there is no room for is left out, the less important first."""

    ALLOW_SELECT: ClassVar[bool] = False
    auto_links = False
    DEFAULT_CSS = """
    KeyLine {
        height: 1;
        padding: 0 0 0 1;
        background: $footer-background;
        color: $footer-description-foreground;
        text-wrap: nowrap;
    }
    """

    def __init__(self, commands: Iterable[Command] = COMMANDS) -> None:
        super().__init__()
        self._commands = tuple(commands)

    def render(self) -> Content:
        """The line; each key can be clicked."""
        return Content("  ").join(
            _key(command, name) for command, name in chosen(self._commands, self.content_size.width)
        )


def _key(command: Command, name: str) -> Content:
    """A key that can be clicked, and what it does."""
    key = command.display.replace("[", "\\[")
    return Content.from_markup(f'[@click="screen.{command.action}"][bold $footer-key-foreground]{key}[/] {name}[/]')


def chosen(commands: Iterable[Command], width: int) -> list[tuple[Command, str]]:
    """The commands of the footer and their names, in their order: as many as fit, and as many whole names."""
    ranked = sorted((command for command in commands if command.footer), key=lambda command: command.footer)
    names = {command: command.short or command.name for command in ranked}

    def room() -> int:
        return width + 2 - sum(len(command.display) + 3 + len(name) for command, name in names.items())

    for command in reversed(ranked):
        if room() < 0 and command.footer > 1:
            del names[command]
    for _, group in groupby([command for command in ranked if command in names], key=lambda command: command.footer):
        equals = list(group)
        if room() > sum(len(command.name) - len(names[command]) for command in equals):
            names.update({command: command.name for command in equals})
    return [(command, names[command]) for command in commands if command in names]
