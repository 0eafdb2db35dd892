"""Textual's list of commands."""

from __future__ import annotations

from textual.command import CommandList, CommandPalette


class Palette(CommandPalette):
    """Takes the keys that turn its page before the list has been laid out."""

    def __init__(self) -> None:
        super().__init__(id="--command-palette")

    def _action_command_list(self, action: str) -> None:
        if not action.startswith("page_") or self.query_one(CommandList).scrollable_content_region:
            super()._action_command_list(action)
