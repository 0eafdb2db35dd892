"""Names of keys, as people write them on the command line."""

from __future__ import annotations

from difflib import get_close_matches

from textual.keys import Keys, key_to_character

from gradstep.app.commands import COMMANDS

_MODIFIERS = {"ctrl", "shift", "alt", "super", "hyper", "meta"}


def textual_key(key: str) -> str:
    """The key under Textual's name: `esc` is `escape`. ValueError, naming the nearest, if there is no such key."""
    shown = {command.shown: command.keys.split(",")[0] for command in COMMANDS if command.shown}
    if key in shown:
        return shown[key]
    *modifiers, base = key.split("+") if len(key) > 1 else [key]
    named = {known.value for known in Keys if not known.value.startswith("<")}
    character = base == base.lower() and key_to_character(base) is not None
    if key in named or (_MODIFIERS.issuperset(modifiers) and (base in named or character or len(base) == 1)):
        return key
    near = get_close_matches(key.lower(), sorted(named | set(shown)), n=1)
    raise ValueError(
        f"no key {key!r}" + (f"; did you mean {near[0]}?" if near else "; the keys are in gradstep's help")
    )
