"""The tensor inspector: all elements of one tensor, its statistics and its gradient, at the stop that is shown."""

from __future__ import annotations

import math
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Input, Static

from gradstep.app.bindings import bindings
from gradstep.app.commands import INSPECTOR_COMMANDS
from gradstep.app.inspector.asking import AskingScreen
from gradstep.app.inspector.band import Band, Kind, layer_of, title_of
from gradstep.app.inspector.grid import TensorGrid
from gradstep.app.inspector.plane import Plane, index_of
from gradstep.app.inspector.sheet import Sheet
from gradstep.app.inspector.slices import parse_slice
from gradstep.app.panes.lines import KeyLine
from gradstep.draw.inspector import Part, element_line, head_line
from gradstep.draw.tensors import tensor_order
from gradstep.draw.text import MUTED, line
from gradstep.model.message import Until
from gradstep.model.survey import Side, size_of

WIDE = 110
"""Columns of a screen on which value and gradient stand side by side."""
NO_CHANGE = (
    "What it was at the stop before is not known.",
    "Large tensors are compared where they were looked at here: step on with space.",
)
Page = tuple[Kind, tuple[Side, ...]]


class InspectorScreen(AskingScreen):
    """Looks into one tensor; the debugger below it gives the moments and passes on what it asks."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(INSPECTOR_COMMANDS)
    AUTO_FOCUS = "TensorGrid"
    DEFAULT_CSS = """
    InspectorScreen {
        background: $background;
        #head { height: 1; padding: 0 1; background: $panel; text-wrap: nowrap; }
        TensorGrid { height: 1fr; }
        #element { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
        #slice { display: none; height: 1; border: none; padding: 0 1; background: $surface; }
        #slice:focus { border: none; }
    }
    """

    def compose(self) -> ComposeResult:
        """Head, grid, the element under the cursor, statistics, keys."""
        yield Static(id="head")
        yield TensorGrid()
        yield Static(id="element")
        yield Input(id="slice", placeholder="0:50, :, 3     empty: everything", compact=True)
        yield Band()
        yield KeyLine(INSPECTOR_COMMANDS)

    def on_mount(self) -> None:
        """Show what is known."""
        self._show()

    # What is shown

    def _shown(self) -> tuple[Kind, list[Sheet]]:
        """What stands in the grid: now or the change, of the sides that there are."""
        pages = self._pages()
        kind, sides = pages[self._page % len(pages)]
        return kind, [self._sheets[side] for side in sides]

    def _pages(self) -> list[Page]:
        """All there is to turn to, at this width."""
        sides: tuple[Side, ...] = ("value", "gradient")
        kinds: tuple[Kind, ...] = ("now", "change")
        if self.size.width < WIDE:
            return [(kind, (side,)) for kind in kinds for side in sides]
        there = tuple(side for side in sides if not self._sheets[side].problem)
        return [(kind, there or ("value",)) for kind in kinds]

    def _show(self) -> None:
        """Draw everything anew, and ask for what is missing."""
        self._stale = False
        kind, sheets = self._shown()
        grid = self.query_one(TensorGrid)
        shape = next((sheet.view.shape for sheet in sheets if sheet.view is not None), None)
        if shape is not None and shape != self._plane.shape:
            self._plane = Plane.of(shape)
        unknown = kind == "change" and not any(sheet.earlier or self._can_ask_before(sheet) for sheet in sheets)
        problem = next((sheet.problem for sheet in sheets if sheet.problem), "")
        instead: tuple[str, ...] = ()
        if unknown:
            instead = NO_CHANGE
        elif problem:
            instead = (f"{sheets[0].side}: {problem}",)
        elif shape is None:
            instead = (f"{self.tensor}: nothing was kept of it at this stop",)
        if not instead and not self._can_ask() and not any(sheet.values for sheet in sheets):
            instead = self._not_kept(sheets[0])
        self._plane = self._plane if shape is not None else Plane()
        grid.show(self._plane, [] if instead else [layer_of(sheet, kind) for sheet in sheets], instead)
        self._plane = grid.plane
        self._ask(kind, sheets)
        self._show_words(kind, sheets)

    def _not_kept(self, sheet: Sheet) -> tuple[str, ...]:
        size = sheet.view.size if sheet.view is not None else 0
        return (
            f"Of tensors of more than 64 elements a stop keeps the statistics only; this one has {size:,}.",
            "Elements are read while the program waits at the stop; those of a leaf also later.",
        )

    def _show_words(self, kind: Kind, sheets: list[Sheet]) -> None:
        """The lines around the grid."""
        width = self.size.width - 2
        grid = self.query_one(TensorGrid)
        first, part = sheets[0], self._plane.words()
        words = self._hint or self._state.hint or ("◀ past" if self._moment.past else self._state.words())
        titles = " │ ".join(title_of(sheet, kind).capitalize() for sheet in sheets)
        grid.border_title = f"{titles} \\[{part}]" if part else titles
        grid.border_subtitle = self._extent()
        self.query_one("#head", Static).update(
            head_line(self.tensor, first.view, first.layout, self._moment.stop, words, width)
        )
        self._hint = ""
        self._show_element(sheets)
        self.query_one(Band).show(sheets)

    def _show_element(self, sheets: list[Sheet]) -> None:
        """The element under the cursor, in full."""
        place = self.query_one(TensorGrid).position
        parts: list[Part] = []
        for sheet in sheets:
            if place is not None and sheet.values:
                parts.append((sheet.side, sheet.values.get(place), sheet.earlier.get(place)))
        note = next((sheet.note for sheet in sheets if sheet.note), "")
        since = max(sheet.earlier_stop for sheet in sheets)
        index = "" if 0 in self._plane.shape else ", ".join(map(str, index_of(place or 0, self._plane.shape)))
        shown = element_line(index, parts, since) if parts else line("")
        self.query_one("#element", Static).update(line(shown, (f"   {note}" if note else "", MUTED)))

    def _extent(self) -> str:
        """`rows 0 – 20 of 4,096 · columns 0 – 7 of 4,096 · plane 1 of 64`."""
        grid, plane = self.query_one(TensorGrid), self._plane
        if plane.empty or not plane.shape:
            return ""
        if not grid.is_shown:
            return ""
        rows, columns = grid.seen
        parts = [f"rows {rows.start:,}–{rows.stop - 1:,} of {plane.rows:,}"]
        if not plane.is_folded:
            parts.append(f"columns {columns.start:,}–{columns.stop - 1:,} of {plane.columns:,}")
        if plane.planes > 1:
            parts.append(f"{plane.planes:,} planes")
        return " · ".join(parts)

    # What the user does

    def on_tensor_grid_moved(self) -> None:
        """Show what is there."""
        self._plane = self.query_one(TensorGrid).plane
        kind, sheets = self._shown()
        self._ask(kind, sheets)
        self._show_words(kind, sheets)

    def action_turn(self, by: int) -> None:
        """Another page."""
        self._page = (self._page + by) % len(self._pages())
        self._show()

    def action_plane(self, by: int, axis: int = -1) -> None:
        """Another plane."""
        if self._plane.planes < 2:
            self._hint = "there is one plane only"
        self._plane = self._plane.step(by, axis)
        self._show()

    def action_tensor(self, by: int) -> None:
        """Another tensor of the stop, in the order of the Tensors pane."""
        names = tensor_order(self._moment)
        if not names:
            return
        at = names.index(self.tensor) + by if self.tensor in names else 0
        self.tensor, self._node, self._plane = names[at % len(names)], -1, Plane()
        self._sheets = {side: Sheet(side) for side in self._sheets}
        self.follow(self._moment, self._state)

    def action_extreme(self) -> None:
        """Go to the largest element, then to the smallest."""
        sheet = self._shown()[1][0]
        survey = sheet.survey
        if survey is None:
            self._hint = "where the extremes are is not known"
            self._show()
            return
        self._at_high = not self._at_high
        self._hint = f"{'largest' if self._at_high else 'smallest'} element of the {sheet.side}"
        self._jump(survey.max_at if self._at_high else survey.min_at)

    def action_bad(self) -> None:
        """Go to the next NaN or Inf."""
        sheets = self._shown()[1]
        sheet = next((sheet for sheet in sheets if sheet.known and (sheet.known.nan or sheet.known.inf)), sheets[0])
        survey, after = sheet.known, self.query_one(TensorGrid).position
        if survey is not None and not survey.nan and not survey.inf:
            self._hint = "no element is NaN or Inf"
        elif self._whole(sheet.side):
            places = [at for at, value in sheet.values.items() if not math.isfinite(size_of(value))]
            self._found(next((at for at in places if after is None or at > after), places[0] if places else -1))
            return
        elif self._can_ask() and "seek" not in sheet.asked and not sheet.problem:
            sheet.asked.add("seek")
            self._send(self._fetch(sheet, "seek", after=-1 if after is None else after))
        else:
            self._hint = "elements can be sought while the program waits at the stop"
        self._show()

    def _found(self, position: int) -> None:
        if position < 0:
            self._hint = "no element is NaN or Inf"
            self._show()
        else:
            self._jump(position)

    def _jump(self, position: int) -> None:
        """Put the cursor on an element; a slice that hides it is given up."""
        if position < 0:
            self._hint = "that element is not stored: it is a zero"
            self._show()
            return
        found = self._plane.find(position)
        if found is None:
            self._hint = "outside of the slice: the whole tensor is shown"
            whole = self._plane = Plane.of(self._plane.shape)
            self._show()
            found = self._plane.find(position) or (whole, 0, 0)
        self._plane = found[0]
        self._show()
        self.query_one(TensorGrid).go(*found[1:])

    def action_slice(self) -> None:
        """Let the user type a slice."""
        box = self.query_one("#slice", Input)
        box.display, box.value = True, self._plane.words()
        self.query_one("#element").display = False
        box.focus()

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Show that part, or say what is wrong with it."""
        message.stop()
        try:
            axes = parse_slice(message.value, self._plane.shape)
        except ValueError as error:
            self._hint = str(error)
            self._show_words(*self._shown())
            return
        self._plane = Plane.of(self._plane.shape, axes)
        self._end_slice()
        self._show()
        self.query_one(TensorGrid).go(0, 0)

    def _end_slice(self) -> None:
        self.query_one("#slice").display = False
        self.query_one("#element").display = True
        self.query_one(TensorGrid).focus()

    def action_go(self, until: Until) -> None:
        """Let the program run; the inspector follows."""
        self._go(until)

    def action_leave(self) -> None:
        """Close the slice, else go back to the panes."""
        if self.query_one("#slice").display:
            self._end_slice()
        else:
            self.dismiss()

    def action_help(self) -> None:
        """Keys and words."""
        from gradstep.app.dialogs.help import HelpScreen

        self.app.push_screen(HelpScreen())
