"""The lessons: plain PyTorch programs, with what they are about."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.highlight import highlight
from textual.screen import Screen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from gradstep.app.bindings import bindings
from gradstep.app.commands import LESSON_COMMANDS
from gradstep.app.dialogs.dialog import Choices
from gradstep.app.keyline import KeyLine
from gradstep.app.runs.budget import GIB, Budget, programs_share
from gradstep.source import Source

FOLDER = Path(__file__).parent.parent / "lessons"

ORDER = (
    "one_weight",
    "three_weights",
    "three_weights_cleared",
    "momentum",
    "learning_rate",
    "log_of_zero",
    "dead_relu",
    "ten_layers",
    "attention",
)
"""The lessons from easy to hard, by the names of their files."""


@dataclass(frozen=True)
class Lesson:
    """One lesson, as its file tells it."""

    path: Path
    title: str
    """First line of the docstring."""
    text: str
    """The rest of it."""
    code: str
    """The program without its docstring."""


def read_lesson(path: Path) -> Lesson:
    """A lesson from its file."""
    source = path.read_text(encoding="utf-8")
    module = ast.parse(source)
    title, _, text = (ast.get_docstring(module) or path.stem).partition("\n")
    after = module.body[0].end_lineno or 0 if ast.get_docstring(module) else 0
    return Lesson(path, title.strip(), unwrap(text.strip()), "\n".join(source.split("\n")[after:]).strip())


def unwrap(text: str) -> str:
    """Paragraphs as one line each, so that they wrap to any width; indented lines stay as they are."""
    return re.sub(r"(?<=\S)\n(?=[^\s\-*])", " ", text)


def all_lessons(folder: Path = FOLDER) -> list[Lesson]:
    """The lessons in their order."""
    return [read_lesson(folder / f"{name}.py") for name in ORDER]


def entry(number: int, lesson: Lesson) -> Content:
    """A lesson in the list: its number, what it is about, and in a second line what of it."""
    topic, _, rest = lesson.title.partition(": ")
    return Content.assemble(f"{number}  {topic}\n", (f"   {rest}", "$foreground 70%"))


class LessonsScreen(Screen[None]):
    """The list on the left; text and program of the chosen one on the right."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(LESSON_COMMANDS)
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-normal")]  # noqa: RUF012
    DEFAULT_CSS = """
    LessonsScreen {
        background: $background;
        #lessons, #preview {
            border: round $foreground 25%;
            border-title-color: $foreground;
            border-subtitle-color: $text-muted;
            background: $background;
            height: 1fr;
            scrollbar-size-vertical: 1;
            scrollbar-color: $foreground 20%;
            scrollbar-background: $background;
        }
        #lessons { width: 42; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
        #preview { width: 1fr; padding: 1 2; }
        #lessons:focus, #preview:focus { border: round $primary; background: $background; }
        #lessons:focus { background-tint: $background 0%; }
        #name { height: 1; padding: 0 1; background: $panel; text-style: bold; }
        #title { text-style: bold; }
        #text { margin: 1 0; max-width: 90; }
        &.-narrow #lessons { width: 30; }
    }
    """

    def __init__(self, open_lesson: Callable[[Path], Source] | None, history: int = GIB) -> None:
        super().__init__()
        self._history = history
        self._open = open_lesson
        self._lessons = all_lessons()

    def compose(self) -> ComposeResult:
        """The two columns."""
        entries = (Option(entry(at, lesson), id=lesson.path.stem) for at, lesson in enumerate(self._lessons, 1))
        listed = Choices(*entries, id="lessons")
        listed.border_title = "Lessons"
        preview = VerticalScroll(Static(id="title"), Static(id="text", markup=False), Static(id="code"), id="preview")
        preview.border_subtitle = "enter opens it in the debugger"
        yield Static("gradstep [$foreground 70%]· step through backpropagation[/]", id="name")
        with Horizontal():
            yield listed
            yield preview
        yield KeyLine(LESSON_COMMANDS)

    def on_option_list_option_highlighted(self, message: OptionList.OptionHighlighted) -> None:
        """Show the lesson."""
        lesson = self._lessons[message.option_index]
        preview = self.query_one("#preview")
        preview.border_title = lesson.path.name
        self.query_one("#title", Static).update(lesson.title)
        self.query_one("#text", Static).update(lesson.text)
        self.query_one("#code", Static).update(highlight(lesson.code, language="python"))
        preview.scroll_home(animate=False)

    def action_leave(self) -> None:
        """End the app."""
        self.app.exit(return_code=0)

    def on_option_list_option_selected(self, message: OptionList.OptionSelected) -> None:
        """Open it."""
        self.action_open()

    def action_open(self) -> None:
        """Step through the chosen lesson."""
        from gradstep.app.debugger.screen import DebuggerScreen

        chosen = self.query_one("#lessons", Choices).highlighted
        if self._open is not None and chosen is not None:
            source = self._open(self._lessons[chosen].path)
            self.app.push_screen(
                DebuggerScreen(source, lesson=True, budget=Budget(self._history, programs_share(self._history)))
            )
