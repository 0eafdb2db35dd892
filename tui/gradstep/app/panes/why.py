"""What the stop means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.content import Content

from gradstep.app.panes.pane import Pane
from gradstep.draw.numbers import count
from gradstep.draw.why import why_lines


class WhyPane(Pane):
    """Findings in plain words, each with its remedy; without any, what just happened."""

    HELP: ClassVar[str] = (
        "What just happened, and what is wrong with it: ▲ an error, ! a warning, · for your information; → what to do."
    )

    def draw(self, width: int, height: int) -> Sequence[Content]:
        """The findings, or a sentence."""
        return why_lines(self.moment, width, height)

    def status(self) -> str:
        """How many findings hold."""
        found = len(self.moment.stop.findings)
        return count(found, "finding") if found else ""
