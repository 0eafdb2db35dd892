"""One table of actions: keys, footer, palette, help and the README come from it."""

from gradstep.app.commands import COMMANDS, bindings, key_table
from gradstep.app.screens.debugger import DebuggerScreen
from gradstep.app.screens.help import help_lines


def test_every_command_has_its_action_on_the_screen() -> None:
    for command in COMMANDS:
        assert hasattr(DebuggerScreen, f"action_{command.action.partition('(')[0]}")


def test_no_key_is_taken_twice() -> None:
    keys = [key for command in COMMANDS for key in command.keys.split(",")]
    assert len(keys) == len(set(keys)) == len(bindings())


def test_the_table_and_the_help_have_every_key() -> None:
    page = "\n".join(line.plain for line in help_lines(90))
    for command in COMMANDS:
        assert f"| `{command.display}` | {command.name} |" in key_table()
        assert command.display in page
