"""The lines without a border: the header, and the summary on a small screen."""

from __future__ import annotations

from typing import ClassVar

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from gradstep.app.runs.state import State
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
        clearing = self.moment.cleared if self.moment.past else state.clearing
        return header_line(self.moment, state.title, state.words(), seed, clearing, state.hint, self.size.width)


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
        return why_summary(self.moment, self.content_size.width)
