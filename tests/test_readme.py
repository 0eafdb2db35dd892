"""The README is true to the letter."""

from __future__ import annotations

import re
from pathlib import Path

from gradstep import TORCH
from gradstep.app.commands import key_table
from gradstep.findings import KINDS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_keys_are_those_of_the_commands() -> None:
    assert key_table() in README


def test_every_finding_is_named() -> None:
    assert [kind for kind in KINDS if f"`{kind}`" not in README] == []


def test_the_pictures_are_there() -> None:
    pictures = re.findall(r"!\[[^]]*\]\(([^)]+)\)", README)
    assert pictures
    for picture in pictures:
        assert (ROOT / picture).exists()


def test_the_versions_are_those_that_were_tried() -> None:
    assert f"torch {TORCH}" in README


def test_two_commands_set_it_up() -> None:
    commands = [line for line in README.splitlines() if line.startswith("python3 -m venv")]
    assert len(commands) == 2
    assert all("-c constraints.txt" in command for command in commands)
