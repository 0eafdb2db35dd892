"""The lines without a border: the header, and the summary on a small screen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from gradstep.app.commands import COMMANDS, Command
from gradstep.app.state import State
from gradstep.draw.header import header_line
from gradstep.draw.why import why_summary
from gradstep.model.moment import NOTHING, Moment


class HeaderLine(Widget):
    """Program, phase and loss."""

    ALLOW_SELECT: ClassVar[bool] = False
    DEFAULT_CSS = "HeaderLine { height: 1; background: $panel; text-wrap: nowrap; }"

    moment: reactive[Moment] = reactive(NOTHING, always_update=True)
    """What is shown."""
    state: reactive[State] = reactive(State())
    """What the program is doing."""

    def render(self) -> Content:
        """The line."""
        state = self.state
        seed = "" if state.seed is None else f"seed {state.seed}"
        return header_line(self.moment, state.title, state.words(), seed, state.clearing, state.hint, self.size.width)


class SummaryLine(Widget):
    """The gravest finding in one line."""

    ALLOW_SELECT: ClassVar[bool] = False
    DEFAULT_CSS = """
    SummaryLine { height: 1; padding: 0 1; background: $surface; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    moment: reactive[Moment] = reactive(NOTHING, always_update=True)
    """What is shown."""

    def render(self) -> Content:
        """The line."""
        return why_summary(self.moment)


class KeyLine(Widget):
    """The keys; what there is no room for is left out, the less important first."""

    ALLOW_SELECT: ClassVar[bool] = False
    auto_links = False
    DEFAULT_CSS = """
    KeyLine {
        height: 1;
        padding: 0 1;
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
        shown = [command for command in self._commands if command.footer]
        while sum(len(command.display) + len(command.name) + 3 for command in shown) - 2 > self.size.width:
            shown.remove(max(reversed(shown), key=lambda command: command.footer))
        return Content("  ").join(map(_key, shown))


def _key(command: Command) -> Content:
    """A key that can be clicked, and what it does."""
    key = command.display.replace("[", "\\[")
    return Content.from_markup(
        f'[@click="screen.{command.action}"][bold $footer-key-foreground]{key}[/] {command.name}[/]'
    )
