"""Keys as people write them."""

from __future__ import annotations

import pytest
from gradstep.app.commands import COMMANDS, Command
from gradstep.app.keys import textual_key


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_key_of_a_command_is_known_under_both_names(command: Command) -> None:
    first, *others = command.keys.split(",")
    assert [textual_key(key) for key in (first, *others)] == [first, *others]
    if command.shown:
        assert textual_key(command.shown) == first


@pytest.mark.parametrize(
    "key", ["5", "%", "ctrl+p", "ctrl+shift+left", "shift+tab", "f12", "question_mark", "pagedown"]
)
def test_a_key_that_no_command_uses_is_one_too(key: str) -> None:
    assert textual_key(key) == key


@pytest.mark.parametrize("key", ["spacee", "Space", "<any>", "ctr+p", "ctrl+", "Q+x", "page-down"])
def test_what_is_no_key(key: str) -> None:
    with pytest.raises(ValueError, match="no key"):
        textual_key(key)
