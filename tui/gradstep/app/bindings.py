"""The commands as Textual's bindings."""

from __future__ import annotations

from collections.abc import Iterable

from textual.binding import Binding, BindingType

from gradstep.app.commands import COMMANDS, MOVES, Command


def bindings(commands: Iterable[Command] = COMMANDS) -> list[BindingType]:
    """The commands as Textual's bindings."""
    return [Binding(command.keys, command.action, command.name, show=False) for command in commands]


def moves() -> list[BindingType]:
    """Left and right go through time, in every pane; with shift they scroll."""
    return [Binding(keys, action, show=False) for keys, action in MOVES]
