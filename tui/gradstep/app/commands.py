"""Every action of the debugger, once. Keys, footer, command palette, help and the README's key table come from here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from textual.binding import Binding, BindingType


@dataclass(frozen=True)
class Command:
    """One thing that the user can do."""

    keys: str
    """Comma-separated, as Textual names them."""
    action: str
    """The screen's action that it runs."""
    name: str
    """Two or three words, for the footer and the palette."""
    description: str
    """One sentence."""
    group: str
    footer: int = 0
    """Its rank in the footer, the lowest stays longest when room is short; 0 is not there."""
    shown: str = ""
    """How the key is written, where Textual's way is not clear."""

    @property
    def display(self) -> str:
        """The key for people."""
        return self.shown or self.keys.replace(",", ", ")


STEP, RUN, LOOK, GRAPH, PROGRAM = "Step", "Run", "Look", "Graph", "Program"

COMMANDS = (
    Command("space", "go('phase')", "next phase", "Run to the end of the next phase.", STEP, 1),
    Command("f", "go('forward')", "forward", "Run to the end of the next forward pass.", STEP, 2),
    Command("b", "go('backward')", "backward", "Run to the end of the next backward pass.", STEP, 2),
    Command("u", "go('update')", "update", "Run to the end of the next update.", STEP, 2),
    Command("i", "go('iteration')", "iteration", "Run to the first stop of the next iteration.", RUN, 4),
    Command("c", "go('end')", "continue", "Run to the end of the program.", RUN, 3),
    Command("escape", "pause", "pause", "Stop at the next phase; if none ends soon, where it is.", RUN, 0, "esc"),
    Command("z", "clear", "clear grads", "Clear gradients after each update, or stop doing so.", PROGRAM, 5),
    Command("d", "device", "device", "Choose the device and run again on it.", PROGRAM, 7),
    Command("r", "restart", "restart", "Run the program again from its start, with the same seed.", PROGRAM, 6),
    Command("question_mark", "help", "help", "Show keys, panes and words.", PROGRAM, 1, "?"),
    Command("q", "leave", "quit", "End the program and leave; from a lesson, back to the lessons.", PROGRAM, 1),
    Command("g", "show('graph')", "graph", "Show the graph.", LOOK),
    Command("s", "show('source')", "source", "Show the source of the program.", LOOK),
    Command("k", "show('console')", "console", "Show what the program prints, and answer its input().", LOOK),
    Command("l", "log", "log scale", "Draw the loss on a logarithmic axis, or on a linear one.", LOOK),
    Command("tab", "pane(1)", "next pane", "Go to the next pane; where panes are tabs, show it.", LOOK),
    Command("shift+tab", "pane(-1)", "previous pane", "Go to the previous pane.", LOOK, 0, "shift+tab"),
    Command("enter", "inspect", "open", "Open what is closed in the graph, or close it again.", GRAPH),
    Command("minus", "fold", "fold", "Close what is open around the selected box.", GRAPH, 0, "-"),
    Command("v", "level", "level", "Show modules, or operations.", GRAPH),
    Command("a", "near", "neighbours", "Show the selected box with its neighbours alone; again: more of them.", GRAPH),
    Command("slash", "find", "find", "Find an operation, a tensor or a module by name or pattern.", GRAPH, 0, "/"),
    Command("n", "match(1)", "next match", "Go to the next that was found.", GRAPH),
    Command("N", "match(-1)", "previous match", "Go to the one before.", GRAPH),
)  # fmt: skip

LESSON_COMMANDS = (
    Command("enter", "open", "open", "Step through the chosen lesson.", PROGRAM, 1),
    Command("q,escape", "leave", "quit", "Leave.", PROGRAM, 1, "q"),
)
"""What can be done in the list of lessons."""


def bindings(commands: Iterable[Command] = COMMANDS) -> list[BindingType]:
    """The commands as Textual's bindings."""
    return [Binding(command.keys, command.action, command.name, show=False) for command in commands]


def key_table(commands: Iterable[Command] = COMMANDS) -> str:
    """The keys as a Markdown table, for the README."""
    rows = [f"| `{command.display}` | {command.name} | {command.description} |" for command in commands]
    return "\n".join(["| key | action | what it does |", "|---|---|---|", *rows])


if __name__ == "__main__":
    print(key_table())  # noqa: T201
