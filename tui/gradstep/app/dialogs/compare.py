"""Two stops side by side: of two runs, or the one that is shown and the one that was marked."""

from __future__ import annotations

from typing import ClassVar

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from gradstep.app.bindings import bindings
from gradstep.app.commands import DIALOG_COMMANDS
from gradstep.app.runs.runs import Run, Runs
from gradstep.draw.runs import compare_lines, compare_summary, where
from gradstep.draw.text import fit
from gradstep.model.moment import Moment

RunStop = tuple[Run, int]
"""A run and the index of one of its stops."""


class CompareScreen(Screen[None]):
    """The stop that is shown at the left, another at the right; it moves through time as the panes do."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(DIALOG_COMMANDS["compare"])
    DEFAULT_CSS = """
    CompareScreen {
        background: $background;
        #title { height: 1; padding: 0 1; background: $panel; text-wrap: nowrap; }
        VerticalScroll {
            height: 1fr;
            border: round $foreground 25%;
            border-title-color: $foreground;
            border-subtitle-color: $text-muted;
            scrollbar-size-vertical: 1;
            scrollbar-color: $foreground 20%;
            scrollbar-background: $background;
            padding: 0 1;
            &:focus { border: round $foreground; }
        }
        #rows { height: auto; text-wrap: nowrap; }
        #keys { height: 1; padding: 0 1; background: $footer-background; color: $footer-description-foreground; }
    }
    """

    def __init__(self, runs: Runs) -> None:
        super().__init__()
        self._runs = runs
        self._here: RunStop = (runs.shown, runs.index)
        self._choice = 0

    @staticmethod
    def others(runs: Runs, here: RunStop | None = None) -> list[RunStop]:
        """What a stop can be compared with: the marked one, then the same stop of the other runs."""
        run, index = here or (runs.shown, runs.index)
        marked = runs.marked
        is_there = marked is not None and marked != (run, index) and marked[0].history.find(marked[1]) is not None
        found: list[RunStop] = [marked] if marked is not None and is_there else []
        kept = run.history.find(index)
        if kept is None:
            return []
        rest = [other for other in runs.all if other is not run]
        for other in sorted(rest, key=lambda other: other is not run.parent):
            same = other.history.of_phase(kept.stop.phases)
            found += [(other, same.stop.index)] if same is not None and same.stop.phase == kept.stop.phase else []
        return found

    def compose(self) -> ComposeResult:
        """Title, table, keys."""
        yield Static(id="title")
        with VerticalScroll() as box:
            box.border_title = "Compare"
            yield Static(id="rows")
        yield Static("← → both a stop further   tab another   esc closes", id="keys")

    def on_mount(self) -> None:
        """The rows take the keys that scroll."""
        self.query_one(VerticalScroll).focus()

    def on_resize(self) -> None:
        """Draw at the new width."""
        self._show()

    def action_other(self) -> None:
        """Compare with another."""
        self._choice += 1
        self._show()

    def action_travel(self, step: int) -> None:
        """Move what is compared a stop further; a marked stop stays."""
        run, index = self._here
        to = run.history.beside(index, step).index
        if self.others(self._runs, (run, to)):
            self._here = (run, to)
            self._show()

    def _show(self) -> None:
        found = self.others(self._runs, self._here)
        if not found:
            return
        left, right = _moment(self._here), _moment(found[self._choice % len(found)])
        width = self.size.width - 6
        box = self.query_one(VerticalScroll)
        box.border_subtitle = Content(compare_summary(left, right))
        title = "   │   ".join(", ".join(where(moment)) for moment in (left, right))
        self.query_one("#title", Static).update(Content(fit(title, self.size.width - 2)))
        self.query_one("#rows", Static).update(Content("\n").join(compare_lines(left, right, width)))


def _moment(place: RunStop) -> Moment:
    run, index = place
    return replace(run.history.moment(index), name=run.name)
