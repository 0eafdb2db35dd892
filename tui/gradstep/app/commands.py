"""Every action of the debugger, once. Keys, footer, command palette, help and the README's key table come from here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gradstep.app.panes.table import PANES


@dataclass(frozen=True)
class Command:
    """One thing that the user can do."""

    keys: str
    """Comma-separated, as Textual names them."""
    action: str
    """The screen's action that it runs."""
    name: str
    """A word or two, for the footer and the palette."""
    description: str
    """One sentence."""
    group: str
    footer: int = 0
    """Its rank in the footer, the lowest stays longest when room is short; 0 is not there."""
    short: str = ""
    """Its name in the footer of a small screen, if shorter."""
    shown: str = ""
    """How the key is written, where Textual's way is not clear."""

    @property
    def display(self) -> str:
        """The key for people."""
        return self.shown or self.keys.replace(",", ", ")


STEP, RUN, TIME, LOOK, GRAPH, PROGRAM = "Step", "Run", "Time and runs", "Look", "Graph", "Program"

COMMANDS = (
    Command("space", "go('phase')", "next phase", "Run to the end of the next phase.", STEP, 1, "next"),
    Command("o", "go('op')", "one op", "Run one op; in the backward pass, one node.", STEP, 2, "op"),
    Command("f", "go('forward')", "forward", "Run to the end of the next forward pass.", STEP, 2, "fwd"),
    Command("b", "go('backward')", "backward", "Run to the end of the next backward pass.", STEP, 2, "bwd"),
    Command("u", "go('update')", "update", "Run to the end of the next update.", STEP, 2, "upd"),
    Command("i", "go('iteration')", "iteration", "Run to the first stop of the next iteration.", RUN, 5, "iter"),
    Command("c", "go('condition')", "continue", "Run on until something is wrong, or a condition of B is met.", RUN, 3,
            "run"),
    Command("e", "go('end')", "to the end", "Run to the end of the program, whatever happens.", RUN, 9, "end"),
    Command("B", "conditions", "conditions", "List what c stops at: a loss, a tensor, an op, a line; add to it.", RUN),
    Command("escape", "pause", "pause", "Stop at the next phase; if none ends soon, where it is. In the past: to now.",
            RUN, shown="esc"),
    Command("left", "travel(-1)", "back", "Go back to the stop before.", TIME, 4, shown="←"),
    Command("right", "travel(1)", "forth", "Go to the stop after it, of those already made.", TIME, shown="→"),
    Command("C", "back_to_condition", "back to condition", "Go back to the stop before at which a condition was met.",
            TIME),
    Command("R", "look_again", "look again", "Run again up to a stop that the program ran past, and look at it.", TIME),
    Command("home", "edge('first')", "first stop", "Go to the first stop that is kept.", TIME),
    Command("end", "edge('last')", "last stop", "Go to the newest stop.", TIME),
    Command("j", "jump", "go to stop", "Go to a stop by its number.", TIME),
    Command("w", "worlds", "both worlds", "Run again with gradients cleared (or not): both in one plot.", TIME),
    Command("m", "runs", "runs", "List the runs, show another, forget one.", TIME),
    Command("equals_sign", "compare", "compare", "Two stops side by side: of two runs, or this and the marked one.",
            TIME, shown="="),
    Command("asterisk", "mark", "mark", "Mark this stop, to compare others with it.", TIME, shown="*"),
    Command("z", "clear", "clear grads", "Clear gradients after each update, or stop doing so.", PROGRAM, 6, "zero"),
    Command("plus", "rate(2.0)", "lr ×2", "Double the learning rate, from here on.", PROGRAM, shown="+"),
    Command("minus", "rate(0.5)", "lr ÷2", "Halve the learning rate, from here on.", PROGRAM, shown="-"),
    Command("t", "swap", "fresh step", "At an update: undo the part of this step that came from older gradients.",
            PROGRAM),
    Command("colon", "prompt", "Python", "Run Python where the program is paused: see and set its variables.", PROGRAM,
            shown=":"),
    Command("d", "device", "device", "Choose the device and run again on it.", PROGRAM, 8),
    Command("r", "restart", "restart", "Run the program again from its start, same seed; this run is kept.", PROGRAM, 7,
            "rerun"),
    Command("question_mark", "help", "help", "Show keys, panes and words.", PROGRAM, 1, shown="?"),
    Command("q", "leave", "quit", "End the program and leave; from a lesson, back to the lessons.", PROGRAM, 1),
    *(Command(pane.key, f"show('{pane.id}')", pane.name, pane.description, LOOK) for pane in PANES if pane.key),
    Command("G", "probe", "check gradient", "Check the chosen box's gradient by finite differences.", LOOK),
    Command("enter", "inspect", "open", "Open a closed box of the graph; look into a chosen tensor, all of it.", LOOK),
    Command("l", "log", "log scale", "Draw the loss on a logarithmic axis, or on a linear one.", LOOK),
    Command("S", "sort", "sort", "Sort Gradients, or Tensors, by norm, or as the model has them.", LOOK),
    Command("tab", "pane(1)", "next pane", "Go to the next pane; where panes are tabs, show it.", LOOK),
    Command("shift+tab", "pane(-1)", "previous pane", "Go to the previous pane.", LOOK, shown="shift+tab"),
    Command("backspace", "fold", "fold", "Close what is open around the selected box.", GRAPH),
    Command("v", "level", "level", "Show modules, operations, or autograd's nodes.", GRAPH),
    Command("a", "near", "neighbours", "Show the selected box with its neighbours alone; again: more of them.", GRAPH),
    Command("slash", "find", "find",
            "Find an operation, a tensor or a module by name; in Gradients and Tensors show only the rows that fit.",
            GRAPH, shown="/"),
    Command("n", "match(1)", "next match", "Go to the next that was found.", GRAPH),
    Command("N", "match(-1)", "previous match", "Go to the one before.", GRAPH),
)  # fmt: skip

LESSON_COMMANDS = (
    Command("enter", "open", "open", "Step through the chosen lesson.", PROGRAM, 1),
    Command("q,escape", "leave", "quit", "Leave.", PROGRAM, 1, shown="q"),
)
"""What can be done in the list of lessons."""


DIALOG = "In a dialog"

DIALOG_COMMANDS: dict[str, tuple[Command, ...]] = {
    "compare": (
        Command("escape,q,enter,equals_sign", "dismiss", "close", "Back to the panes.", DIALOG, shown="esc"),
        Command("tab", "other", "another", "Compare with another stop.", DIALOG),
        Command("left", "travel(-1)", "back", "Both a stop back.", DIALOG, shown="←"),
        Command("right", "travel(1)", "forth", "Both a stop further.", DIALOG, shown="→"),
    ),
    "conditions": (
        Command("escape", "dismiss(None)", "close", "Back to the panes.", DIALOG, shown="esc"),
        Command("tab,shift+tab", "pane", "list or line", "To the list, or back to the line.", DIALOG, shown="tab"),
        Command("space", "switch", "on or off", "Stop at it, or not.", DIALOG),
        Command("o", "once", "once", "Stop at it one time, or each time.", DIALOG),
        Command("d,delete", "remove", "take off", "Take it off the list.", DIALOG, shown="d"),
    ),
    "devices": (Command("escape,q,d", "dismiss(None)", "close", "Keep the device.", DIALOG, shown="esc"),),
    "find": (Command("escape", "dismiss(None)", "close", "Back to the panes.", DIALOG, shown="esc"),),
    "help": (Command("escape,q,question_mark", "dismiss", "close", "Back to the panes.", DIALOG, shown="esc"),),
    "jump": (Command("escape", "dismiss(None)", "close", "Back to the panes.", DIALOG, shown="esc"),),
    "prompt": (
        Command("escape", "leave", "close", "Interrupt what runs, or close.", DIALOG, shown="esc"),
        Command("up", "earlier(1)", "line before", "Bring back the line typed before.", DIALOG, shown="↑"),
        Command("down", "earlier(-1)", "line after", "The line typed after it.", DIALOG, shown="↓"),
    ),
    "runs": (
        Command("escape,q,m", "dismiss(None)", "close", "Back to the panes.", DIALOG, shown="esc"),
        Command("d,delete", "forget", "forget", "Forget the run.", DIALOG, shown="d"),
    ),
}
"""What can be done in each dialog, besides what its list or its line does by itself."""


MOVES = (
    *(
        (command.keys, f"screen.{command.action}")
        for command in COMMANDS
        if command.keys in {"left", "right", "home", "end"}
    ),
    ("shift+left", "scroll_left"),
    ("shift+right", "scroll_right"),
)
"""Keys that a pane would take for scrolling, and what they do instead."""


INSPECT = "In the inspector"

INSPECTOR_COMMANDS = (
    Command("s", "slice", "slice", "Show a part of the tensor, written as in Python: 0:50, :, 3.", INSPECT, 2),
    Command("left_square_bracket", "plane(-1)", "plane back", "Show the plane before (of more than two axes).",
            INSPECT, shown="["),
    Command("right_square_bracket", "plane(1)", "next plane", "Show the next plane.", INSPECT, 4, shown="]"),
    Command("left_curly_bracket", "plane(-1, -2)", "axis back", "Step the axis before that one back.",
            INSPECT, shown="{"),
    Command("right_curly_bracket", "plane(1, -2)", "axis on", "Step the axis before that one on.", INSPECT, shown="}"),
    Command("n", "bad", "NaN, Inf", "Go to the next element that is NaN or Inf.", INSPECT, 3),
    Command("e", "extreme", "extremes", "Go to the largest element, then to the smallest.", INSPECT, 3),
    Command("greater_than_sign", "tensor(1)", "next tensor", "Look into the next tensor of the stop.",
            INSPECT, 5, shown=">"),
    Command("less_than_sign", "tensor(-1)", "tensor before", "Look into the tensor before it.", INSPECT, shown="<"),
    Command("tab,v", "turn(1)", "view", "Show value and gradient, or how they have changed since the stop before.",
            INSPECT, 2, shown="tab"),
    *(command for command in COMMANDS if command.action.startswith("go(")),
    Command("question_mark", "help", "help", "Show keys and words.", INSPECT, 1, shown="?"),
    Command("q,escape,enter", "leave", "close", "Back to the panes.", INSPECT, 1, shown="q"),
)  # fmt: skip
"""What can be done in the tensor inspector; stepping is as in the panes."""


STEERING = frozenset(
    {"look_again", "worlds", "clear", "rate(2.0)", "rate(0.5)", "swap", "prompt", "device", "restart", "probe"}
)
"""Actions that need a program."""

LOOKING_COMMANDS = tuple(command for command in COMMANDS if command.action not in STEERING)
"""What the footer has where there is none: a recording."""


def key_table(commands: Iterable[Command] = COMMANDS) -> str:
    """The keys as a Markdown table, for the README."""
    rows = [f"| `{command.display}` | {command.name} | {command.description} |" for command in commands]
    return "\n".join(["| key | action | what it does |", "|---|---|---|", *rows])


if __name__ == "__main__":
    print(key_table())  # noqa: T201
