"""The tensor inspector: all elements of one tensor, its statistics and its gradient, at the stop that is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.widgets import Input, Static

from gradstep.app.bindings import bindings
from gradstep.app.commands import INSPECTOR_COMMANDS
from gradstep.app.inspector.band import Band, layer_of, title_of
from gradstep.app.inspector.grid import TensorGrid
from gradstep.app.inspector.plane import Plane, index_of
from gradstep.app.inspector.questions import Questions
from gradstep.app.inspector.sheet import Kind, Sheet
from gradstep.app.inspector.slices import parse_slice
from gradstep.app.keyline import KeyLine
from gradstep.app.runs.state import State
from gradstep.draw.inspector import Part, element_line, head_line
from gradstep.draw.tensors import tensor_order
from gradstep.draw.text import MUTED, line
from gradstep.model.message import Command, Fetched, Until
from gradstep.model.moment import Moment
from gradstep.model.survey import Side

WIDE = 110
"""Columns of a screen on which value and gradient stand side by side."""
Page = tuple[Kind, tuple[Side, ...]]


class InspectorScreen(Screen[None]):
    """Looks into one tensor; the debugger below it gives the moments and passes on what it asks."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(INSPECTOR_COMMANDS)
    palette = INSPECTOR_COMMANDS
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

    def __init__(self, name: str, node: int, send: Callable[[Command], None], go: Callable[[Until], None]) -> None:
        super().__init__()
        self._questions = Questions(name, node, send)
        self._go = go
        self._plane = Plane()
        self._page = 0
        self._at_high = False
        self._hint = ""
        self._stale = False

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

    @property
    def tensor(self) -> str:
        """The user's name of the tensor."""
        return self._questions.tensor

    @property
    def waits(self) -> bool:
        """Whether the program runs, or an answer is under way."""
        return self._questions.waits

    # What the debugger gives

    def follow(self, moment: Moment, state: State) -> None:
        """Show that stop; ask the program for the rest while it waits there."""
        self._questions.follow(moment, state)
        if self.is_mounted:
            self._show()

    def take(self, answer: Fetched) -> None:
        """Show what the program tells of this tensor at this stop."""
        if not self._questions.take(answer):
            return
        if answer.of.want == "seek":
            self._found(answer.at)
        elif not self._stale:
            self._stale = True
            self.call_later(self._show)

    # What is shown

    def _shown(self) -> tuple[Kind, list[Sheet]]:
        """What stands in the grid: now or the change, of the sides that there are."""
        pages = self._pages()
        kind, sides = pages[self._page % len(pages)]
        return kind, [self._questions.sheets[side] for side in sides]

    def _pages(self) -> list[Page]:
        """All there is to turn to, at this width."""
        sides: tuple[Side, ...] = ("value", "gradient")
        kinds: tuple[Kind, ...] = ("now", "change")
        if self.size.width < WIDE:
            return [(kind, (side,)) for kind in kinds for side in sides]
        there = tuple(side for side in sides if not self._questions.sheets[side].problem)
        return [(kind, there or ("value",)) for kind in kinds]

    def _show(self) -> None:
        """Draw everything anew, and ask for what is missing."""
        self._stale = False
        kind, sheets = self._shown()
        shape = next((sheet.view.shape for sheet in sheets if sheet.view is not None), None)
        if shape is None:
            self._plane = Plane()
        elif shape != self._plane.shape:
            self._plane = Plane.of(shape)
        lack = self._questions.lack(kind, sheets)
        grid = self.query_one(TensorGrid)
        grid.show(self._plane, [] if lack else [layer_of(sheet, kind) for sheet in sheets], lack)
        self._plane = grid.plane
        self._questions.ask(kind, sheets, grid)
        self._show_words(kind, sheets)

    def _show_words(self, kind: Kind, sheets: list[Sheet]) -> None:
        """The lines around the grid."""
        width = self.size.width - 2
        grid, moment, state = self.query_one(TensorGrid), self._questions.moment, self._questions.state
        first, part = sheets[0], self._plane.words()
        words = self._hint or state.hint or ("◀ past" if moment.past else state.words())
        titles = " │ ".join(title_of(sheet, kind).capitalize() for sheet in sheets)
        grid.border_title = f"{titles} \\[{part}]" if part else titles
        grid.border_subtitle = self._extent()
        head = head_line(self.tensor, first.view, first.layout, moment.stop, words, width)
        self.query_one("#head", Static).update(head)
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
        if not grid.is_shown or not plane.shape:
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
        grid = self.query_one(TensorGrid)
        self._plane = grid.plane
        kind, sheets = self._shown()
        self._questions.ask(kind, sheets, grid)
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
        names = tensor_order(self._questions.moment)
        if not names:
            return
        at = names.index(self.tensor) + by if self.tensor in names else 0
        self._plane = Plane()
        self._questions.look_into(names[at % len(names)])
        self._show()

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
        survey, place = sheet.known, self.query_one(TensorGrid).position
        after = -1 if place is None else place
        if survey is not None and not survey.nan and not survey.inf:
            self._hint = "no element is NaN or Inf"
        elif self._questions.keeps_all(sheet.side):
            self._found(sheet.next_bad(after))
            return
        elif not self._questions.seek(sheet, after):
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
