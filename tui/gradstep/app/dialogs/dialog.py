"""What all dialogs have in common: a box with its title and its keys in the border, over the debugger."""

from __future__ import annotations

from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen, ScreenResultType
from textual.widgets import Input, OptionList


class Dialog(ModalScreen[ScreenResultType]):
    """A box in the middle."""

    DEFAULT_CSS = """
    Dialog {
        align: center middle;
        Vertical {
            height: auto;
            max-height: 80%;
            border: round $primary;
            border-title-color: $foreground;
            border-subtitle-color: $text-muted;
            background: $background;
            padding: 0 1;
        }
        OptionList, OptionList:focus { border: none; background: $background; height: auto; padding: 0; }
        Input, Input:focus { border: none; background: $background; height: 1; padding: 0; }
    }
    """

    def say(self, title: str | None = None, keys: str | None = None) -> None:
        """Write something else into the border: above, or below."""
        box = self.query_one(Vertical)
        if title is not None:
            box.border_title = Content(title)
        if keys is not None:
            box.border_subtitle = Content(keys)


class LineDialog(Dialog[ScreenResultType]):
    """A box at the bottom, in which a line is typed."""

    DEFAULT_CSS = """
    LineDialog {
        align: center bottom;
        background: $background 0%;
        Vertical { width: 100%; }
    }
    """


class Choices(OptionList):
    """A list of which one is chosen. A page is turned only once it is known how high one is."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether the key can be used now."""
        return not action.startswith("page_") or bool(self.scrollable_content_region)


def box(title: str, keys: str) -> Vertical:
    """The box, to be filled."""
    made = Vertical()
    made.border_title = Content(title)
    made.border_subtitle = Content(keys)
    return made


def field(value: str = "", *, hint: str = "") -> Input:
    """The line; its cursor stands still."""
    made = Input(value, placeholder=hint, compact=True)
    made.cursor_blink = False
    return made
