"""The choice of the device."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from gradstep.app.bindings import bindings
from gradstep.app.commands import DIALOG_COMMANDS
from gradstep.app.dialogs.dialog import Choices, Dialog, box


class DeviceScreen(Dialog[str | None]):
    """The devices of this torch; gives the one that was chosen, or None."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(DIALOG_COMMANDS["devices"])
    DEFAULT_CSS = "DeviceScreen Vertical { width: 44; }"

    def __init__(self, devices: tuple[str, ...], current: str) -> None:
        super().__init__()
        self._devices = devices
        self._current = current

    def compose(self) -> ComposeResult:
        """One row a device, the current one marked."""
        with box("Run again on which device?", "enter runs · esc keeps"):
            yield Choices(
                *(Option(f"{'●' if name == self._current else ' '} {name}", id=name) for name in self._devices)
            )

    def on_mount(self) -> None:
        """Begin on the current device."""
        if self._current in self._devices:
            self.query_one(Choices).highlighted = self._devices.index(self._current)

    def on_option_list_option_selected(self, message: OptionList.OptionSelected) -> None:
        """Give the device."""
        self.dismiss(message.option.id)
