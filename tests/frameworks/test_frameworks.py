"""Programs written with the libraries that people train with, each watched once and looked at from several sides."""

from __future__ import annotations

import ast
import os
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch
from known import KNOWN, UNSTEADY
from running import Once, Runner, Stage, Watched, same

PROGRAMS = Path(__file__).parent / "programs"
NAMES = sorted(path.stem for path in PROGRAMS.glob("*.py"))
MARK = "# the loss"
"""Stands in programs at the lines where the user's code computes the loss, or has a library compute it."""

Look = Callable[[str], "Seen"]


@dataclass(frozen=True)
class Program:
    """What a program's text says of itself."""

    path: Path

    @cached_property
    def text(self) -> str:
        return self.path.read_text()

    def said(self, word: str) -> list[str]:
        """The words behind `Word:` in its docstring."""
        found = re.search(rf"^{word}:(.*)$", ast.get_docstring(ast.parse(self.text)) or "", re.M)
        return found.group(1).split() if found else []

    @property
    def missing(self) -> list[str]:
        """The libraries that it needs and that are not installed here."""
        return [library for library in self.said("Library") if find_spec(library) is None]

    @property
    def lines(self) -> set[int]:
        """The lines of the loss."""
        return {number for number, line in enumerate(self.text.splitlines(), 1) if line.endswith(MARK)}


class Seen(msgspec.Struct):
    """A program's run under gradstep, and its run under python alone."""

    watched: Watched
    plain_code: int
    watched_log: str
    plain_log: str

    def logs(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """What the program itself wrote, plain and watched."""
        one, two = (torch.load(log, weights_only=False) for log in (self.plain_log, self.watched_log))
        return one, two


def marked(aspect: str) -> list[Any]:
    """The programs, skipped where a library is missing, expected to fail where something is known to be wrong."""
    found = []
    for name in NAMES:
        missing = Program(PROGRAMS / f"{name}.py").missing
        marks = [pytest.mark.skipif(bool(missing), reason=f"needs {' and '.join(missing)}")]
        if reason := KNOWN[aspect].get(name):
            marks.append(pytest.mark.xfail(strict=(aspect, name) not in UNSTEADY, reason=reason))
        found.append(pytest.param(name, marks=marks))
    return found


@pytest.fixture(scope="module")
def look(once: Once) -> Iterator[Look]:
    """Runs a program, once for all workers."""
    stage = Stage()
    with pytest.MonkeyPatch.context() as patch:
        if sys.platform == "linux" and torch.version.cuda is None:
            patch.setenv("PYTHONPATH", str(Path(__file__).parent / "on_cpu"), prepend=os.pathsep)
        yield lambda name: run(name, once, stage)
        stage.close()


def run(name: str, once: Once, stage: Stage) -> Seen:
    """The program's two runs."""
    program = PROGRAMS / f"{name}.py"

    def make(path: Path) -> None:
        watched_log, plain_log = (str(path.with_name(f"{name}-{kind}.pt")) for kind in ("watched", "plain"))
        watched = Runner(stage).watch(program, watched_log, directory=PROGRAMS)
        code = stage.plain(program, plain_log, directory=PROGRAMS)
        path.write_bytes(msgspec.msgpack.encode(Seen(watched, code, watched_log, plain_log)))

    return msgspec.msgpack.decode(once.file(f"framework-{name}", make).read_bytes(), type=Seen)


@pytest.mark.parametrize("name", marked("bits"))
def test_results_are_those_of_plain_python(name: str, look: Look) -> None:
    seen = look(name)
    assert (seen.watched.code, seen.plain_code) == (0, 0)
    assert same(*seen.logs())


@pytest.mark.parametrize("name", marked("phases"))
def test_phases(name: str, look: Look) -> None:
    assert look(name).watched.phases == " ".join(Program(PROGRAMS / f"{name}.py").said("Phases"))


@pytest.mark.parametrize("name", marked("names"))
def test_leaves_have_their_names_and_order_from_the_module(name: str, look: Look) -> None:
    seen = look(name)
    own = seen.logs()[0]["names"]
    leaves = seen.watched.of("update")[-1].leaves
    for names in own.values() if isinstance(own, dict) else [own]:
        assert named_as_in(leaves, names), (leaves, names)
    assert not [leaf for leaf in leaves if re.fullmatch(r"leaf_\d+", leaf)]


def named_as_in(leaves: tuple[str, ...], names: list[str]) -> bool:
    """Whether the names stand among the leaves in their order, all behind the same path to their module."""
    paths = [leaf.removesuffix(names[0]) for leaf in leaves if leaf.endswith(names[0])]
    wanted = [[path + name for name in names] for path in paths if not path or path.endswith(".")]
    return any([leaf for leaf in leaves if leaf in full] == full for full in wanted)


@pytest.mark.parametrize("name", marked("lines"))
def test_the_line_of_a_forward_pass_is_the_users(name: str, look: Look) -> None:
    program = Program(PROGRAMS / f"{name}.py")
    places = {(stop.place.file, stop.place.line) for stop in look(name).watched.of("forward")}
    assert places
    assert places <= {(str(program.path), line) for line in program.lines}


@pytest.mark.parametrize("name", marked("losses"))
def test_the_loss_has_the_users_name(name: str, look: Look) -> None:
    names = Program(PROGRAMS / f"{name}.py").said("Loss")
    if not names:
        pytest.skip("the program gives its loss no name")
    found = [stop.loss.name if stop.loss else "" for stop in look(name).watched.of("forward")]
    assert set(found) == set(names)


@pytest.mark.parametrize("name", marked("notices"))
def test_all_of_it_is_watched(name: str, look: Look) -> None:
    assert not look(name).watched.notices


@pytest.mark.parametrize("name", marked("silence"))
def test_nothing_is_wrong_with_it(name: str, look: Look) -> None:
    assert look(name).watched.of("update")
    found = [(stop.index, finding) for stop in look(name).watched.stops for finding in stop.findings]
    assert not [f"{index}: {item.kind}: {item.message}" for index, item in found if item.severity != "info"]
