"""The list of conditions, and the line in which another is typed."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from gradstep.app.bindings import bindings
from gradstep.app.commands import DIALOG_COMMANDS
from gradstep.app.conversation.conditions import Waits
from gradstep.app.dialogs.dialog import Choices, Dialog, box, field
from gradstep.conditions import ConditionError
from gradstep.conditions.parse import FORMS
from gradstep.draw.conditions import WaitRow, form_lines, wait_lines

_KEYS = "enter adds · tab to the list · esc closes"
_OF_LIST = "space on/off · o once · d removes it · tab to the line · esc closes"


class ConditionsScreen(Dialog[None]):
    """Changes the list at once."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(DIALOG_COMMANDS["conditions"])
    DEFAULT_CSS = """
    ConditionsScreen {
        Vertical { width: 100; max-width: 96%; max-height: 90%; }
        OptionList, OptionList:focus { background-tint: $background 0%; max-height: 10; }
        Static { color: $text-muted; padding-top: 1; }
    }
    """

    def __init__(self, waits: Waits) -> None:
        super().__init__()
        self._waits = waits

    def compose(self) -> ComposeResult:
        """The list, the line, and what can be typed."""
        with box("c stops the program where", _KEYS):
            yield Choices()
            yield field(hint="another condition, such as: loss > 5")
            yield Static(id="forms")

    def on_mount(self) -> None:
        """The keys go to the line."""
        self.query_one(Input).focus()

    def on_resize(self) -> None:
        """Fit the rows to the width."""
        self._fill(0)
        self.query_one("#forms", Static).update(form_lines(FORMS, self._width, self.size.height - 12))

    @property
    def _width(self) -> int:
        return min(100, int(self.size.width * 0.96)) - 4

    def _fill(self, at: int) -> None:
        listed = self.query_one(Choices)
        listed.clear_options()
        rows = [WaitRow(wait.text, wait.on, wait.once, wait.met) for wait in self._waits.all]
        listed.add_options([Option(text) for text in wait_lines(rows, self._width - 2)])
        listed.highlighted = min(at, len(rows) - 1)

    @property
    def _at(self) -> int:
        return self.query_one(Choices).highlighted or 0

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Add it, or say what is wrong with it; an empty line closes."""
        if not message.value.strip():
            self.dismiss(None)
            return
        try:
            self._waits.add(message.value)
        except ConditionError as error:
            self.say(keys=str(error))
            return
        message.input.clear()
        self.say(keys=_KEYS)
        self._fill(len(self._waits.all) - 1)

    def on_descendant_focus(self) -> None:
        """Say what the keys do now."""
        self.say(keys=_OF_LIST if isinstance(self.focused, OptionList) else _KEYS)

    def on_option_list_option_selected(self, message: OptionList.OptionSelected) -> None:
        """Turn it on or off."""
        self._waits.switch(message.option_index)
        self._fill(message.option_index)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Letters are typed where there is a line."""
        return action in ("dismiss", "pane") or isinstance(self.focused, OptionList)

    def action_switch(self) -> None:
        """On or off."""
        self._waits.switch(self._at)
        self._fill(self._at)

    def action_once(self) -> None:
        """For one time, or for good."""
        self._waits.once(self._at)
        self._fill(self._at)

    def action_remove(self) -> None:
        """Take it off the list."""
        at = self._at
        if self._waits.remove(at):
            self._fill(at)
        else:
            self.say(keys="this one stays; space turns it off")

    def action_pane(self) -> None:
        """To the list, or back to the line."""
        if isinstance(self.focused, Input):
            self.query_one(Choices).focus()
        else:
            self.query_one(Input).focus()
