"""What the panes of tensors have in common: a row that is chosen, and Enter to look into its tensor."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Region

from gradstep.app.messages import TensorChosen
from gradstep.app.panes.pane import Pane
from gradstep.draw.text import STRONG
from gradstep.model.tensor import TensorView, length


class RowPane(Pane):
    """A table in which every line belongs to a tensor; the chosen one is marked while the pane has the keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "choose_row(-1)", show=False),
        Binding("down", "choose_row(1)", show=False),
        Binding("enter", "inspect_row", show=False),
    ]

    chosen: str = ""
    """Name of the tensor that is chosen; empty until the user has chosen one."""

    pattern: str = ""
    """Only rows that it fits are shown."""
    by_norm: bool = False
    """Rows are sorted, the largest first; else they stand in the model's order."""

    def names(self) -> Sequence[str]:
        """Name of the tensor on each line; empty for a head."""
        raise NotImplementedError

    def sizes(self) -> Mapping[str, TensorView | None]:
        """What the rows are sorted by, by name."""
        raise NotImplementedError

    def arranged(self) -> list[str]:
        """The names whose rows are shown, in their order."""
        sizes = self.sizes()
        names = [name for name in sizes if fits(self.pattern, name)]
        return sorted(names, key=lambda name: -_finite(sizes[name])) if self.by_norm else names

    def count(self, pattern: str) -> int:
        """How many rows a pattern fits."""
        return sum(fits(pattern, name) for name in self.sizes())

    def keep(self, pattern: str | None) -> None:
        """Show only the rows that a pattern fits; all for an empty one."""
        if pattern is not None:
            self.pattern = pattern
            self.scroll_home(animate=False)
            self.redraw()

    def sort(self) -> None:
        """By norm, or in the model's order."""
        self.by_norm = not self.by_norm
        self.scroll_home(animate=False)
        self.redraw()

    def _empty(self) -> tuple[str, ...]:
        """What is true of a table without rows."""
        if self.pattern and self.sizes():
            return (f"No row here has {self.pattern} in its name.", "/ with nothing typed shows all rows.")
        return super()._empty()

    def told(self, status: str) -> str:
        """A status with what of the rows is shown, and how."""
        some = f"rows with {self.pattern}" if self.pattern else ""
        return " · ".join(filter(None, (some, "by norm" if self.by_norm else "", status)))

    def redraw(self) -> None:
        """Draw the lines, the chosen ones marked."""
        super().redraw()
        names = self.names() if self._lines and self.chosen and self.has_focus else []
        if names:
            rows = list(self._lines)
            for at, name in enumerate(names[: len(rows)]):
                if name == self.chosen:
                    rows[at] = marked(rows[at], first=at == 0 or names[at - 1] != name)
            self._lines = rows

    def on_focus(self) -> None:
        """Show the mark."""
        self.redraw()

    def on_blur(self) -> None:
        """Take the mark away."""
        self.redraw()

    def action_choose_row(self, by: int) -> None:
        """The next tensor, or the one before."""
        names = list(dict.fromkeys(filter(None, self.names())))
        if not names:
            return
        start = -1 if by > 0 else 0
        at = names.index(self.chosen) if self.chosen in names else start
        self._choose(names[max(0, min(at + by, len(names) - 1))])

    def action_inspect_row(self) -> None:
        """Look into the chosen tensor; if none is chosen yet, choose the first."""
        if self.chosen in self.names() and self.chosen:
            self.post_message(TensorChosen(self.chosen))
        else:
            self.action_choose_row(1)

    def on_click(self, event: events.Click) -> None:
        """Choose the row under the mouse; the one that is chosen is looked into."""
        spot = event.get_content_offset(self)
        names = self.names()
        at = spot.y + self.scroll_offset.y if spot is not None else -1
        if 0 <= at < len(names) and names[at]:
            if names[at] == self.chosen:
                self.action_inspect_row()
            else:
                self._choose(names[at])

    def _choose(self, name: str) -> None:
        """Mark a tensor and bring it into view."""
        self.chosen = name
        self.redraw()
        rows = [at for at, other in enumerate(self.names()) if other == name]
        if rows:
            region = Region(0, rows[0], 1, len(rows))
            self.scroll_to_region(region, animate=False, force=True)


def marked(row: Content, first: bool) -> Content:
    """A line with the mark in its second cell, which every line of a table leaves free."""
    sign = Content.styled("▶", STRONG) if first else Content(" ")
    return Content.assemble(row[:1], sign, row[2:]).stylize_before("on $foreground 12%")


def fits(pattern: str, name: str) -> bool:
    """Whether a part of a name, or a pattern with `*` and `?`, fits it; capitals do not matter."""
    pattern, name = pattern.lower(), name.lower()
    return fnmatchcase(name, pattern) if any(sign in pattern for sign in "*?") else pattern in name


def _finite(view: TensorView | None) -> float:
    """What a row is sorted by: NaN and Inf first."""
    norm = length(view)
    return -1.0 if norm is None else norm if math.isfinite(norm) else math.inf
