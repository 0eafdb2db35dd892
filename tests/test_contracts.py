"""The architecture is a test: arrows between modules, types, lint; and what each process really imports."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
from gradstep.app.conversation.conversation import Conversation
from gradstep.model.message import Command, Event
from gradstep.program.host.talk import Talk

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(
    "command",
    [["importlinter", "lint"], ["mypy"], ["ruff", "check", "."], ["ruff", "format", "--check", "."]],
    ids=["arrows", "types", "lint", "format"],
)
def test_checks(command: list[str]) -> None:
    program = [sys.executable, "-m", *command]
    if command[0] == "importlinter":
        program = [str(Path(sys.executable).parent / "lint-imports")]
    done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def imported(statement: str) -> set[str]:
    """Top-level modules that a fresh interpreter has after that statement."""
    code = f"{statement}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_screen_never_imports_torch() -> None:
    assert not imported("import gradstep.cli, gradstep.app.app, gradstep.source.live, gradstep.trace") & {
        "torch",
        "numpy",
    }


def test_the_program_never_imports_what_shows() -> None:
    assert not imported("import gradstep.program.session.attach, gradstep.program.host.zygote") & {
        "textual",
        "rich",
        "click",
    }


def test_every_message_is_understood() -> None:
    obey = vars(Talk)["_obey"].dispatcher
    hear = vars(Conversation)["_hear"].dispatcher
    assert [kind.__name__ for kind in get_args(Command) if obey.dispatch(kind) is obey.dispatch(object)] == []
    assert [kind.__name__ for kind in get_args(Event) if hear.dispatch(kind) is hear.dispatch(object)] == []
