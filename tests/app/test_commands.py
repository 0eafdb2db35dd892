"""One table of actions: keys, footer, palette, help and the README come from it."""

import pytest
from gradstep.app.bindings import bindings
from gradstep.app.commands import COMMANDS, key_table
from gradstep.app.debugger.screen import DebuggerScreen
from gradstep.app.dialogs.help import help_lines
from gradstep.app.keyline import chosen


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


@pytest.mark.parametrize(
    ("width", "missing"),
    [(139, ()), (119, ()), (99, ("e", "d")), (79, ("e", "z", "d", "r")), (60, ("i", "e", "←", "z", "d", "r"))],
)
def test_the_footer_has_as_many_keys_as_fit(width: int, missing: tuple[str, ...]) -> None:
    shown = chosen(COMMANDS, width)
    keys = [command.display for command, _ in shown]
    assert [command.display for command in COMMANDS if command.footer and command.display not in keys] == sorted(
        missing, key=[command.display for command in COMMANDS].index
    )
    assert len("  ".join(f"{command.display} {name}" for command, name in shown)) <= width


@pytest.mark.parametrize("width", range(20, 200, 9))
def test_help_and_quit_are_always_in_the_footer(width: int) -> None:
    assert {"?", "q"} <= {command.display for command, _ in chosen(COMMANDS, width)}


def test_equal_commands_are_shortened_together() -> None:
    for width in range(20, 200):
        whole = {command.footer: set() for command, _ in chosen(COMMANDS, width)}  # type: dict[int, set[bool]]
        for command, name in chosen(COMMANDS, width):
            whole[command.footer].add(name == command.name)
        assert all(len(group) == 1 for rank, group in whole.items() if rank > 1)
