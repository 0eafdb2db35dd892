"""Programs that are right stay without alarm, and mutants of them are named. `table.py` measures all of them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec
import pytest
from edits import Mutation, NoPlace, after, drop, move, put, within
from mutations import MUTATIONS, NAMES, PROGRAMS, Mutant, mutants
from running import Once, Runner
from said import EXPLAINED, Said, heard
from table import BROKEN, MISSED, NAMED, about, grid, mark, misses

SELECTED = (
    ("by_hand", "update uphill"),
    ("convnet", "the loss not reduced"),
    ("dqn", "ReLU at the output"),
    ("gan", "detach in the middle"),
    ("gpt", "warm-up from zero never stepped"),
    ("lora", "square root at zero"),
    ("lstm", "zero_grad dropped"),
    ("mlp", "layers in a list"),
    ("mlp", "zero_grad before the batch loop"),
    ("policy", "inputs not normalised"),
    ("scaler", "outputs rounded"),
    ("vae", "learning rate far too large"),
    ("vae", "step dropped"),
)
"""A few of many natures; the table has all."""

MUTANTS = {(mutant.program, mutant.mutation.name): mutant for mutant in mutants()}
TEXT = "a = 1\nfor b in a:\n    c = b\n    d = c\n"


def watched(path: Path, runner: Runner) -> Said:
    """What is said of a program."""
    stops = runner.watch(path, directory=path.parent, detail="findings").stops
    return heard(
        [
            {
                "findings": [{"kind": item.kind, "severity": item.severity} for item in stop.findings],
                "fault": msgspec.to_builtins(stop.fault),
                "exit_code": stop.exit_code,
            }
            for stop in stops
        ]
    )


def of_original(name: str, runner: Runner, once: Once) -> Said:
    """What is said of a program that is right, which is run once."""
    file = once.file(
        f"original-{name}",
        lambda path: path.write_bytes(msgspec.json.encode(watched(PROGRAMS / f"{name}.py", runner))),
    )
    return msgspec.json.decode(file.read_bytes(), type=Said)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_right_gives_no_alarm(name: str, runner: Runner, once: Once) -> None:
    said = of_original(name, runner, once)
    assert said.exit_code == 0
    assert not said.alarms


@pytest.mark.parametrize(("program", "mutation"), SELECTED)
def test_mutant_is_named(program: str, mutation: str, runner: Runner, once: Once, tmp_path: Path) -> None:
    mutant = MUTANTS[program, mutation]
    path = tmp_path / f"{program}.py"
    path.write_text(mutant.text)
    said = watched(path, runner)
    assert mark(mutant, said, of_original(program, runner, once)) == NAMED, said


@pytest.mark.parametrize("mutant", MUTANTS.values(), ids=lambda mutant: mutant.id)
def test_mutation_applies(mutant: Mutant) -> None:
    assert mutant.text != (PROGRAMS / f"{mutant.program}.py").read_text()


def test_there_are_enough_of_them() -> None:
    assert len(NAMES) >= 10
    assert len({mutation.name for mutation in MUTATIONS}) == len(MUTATIONS) >= 25
    assert min(Counter(mutant.program for mutant in mutants()).values()) >= 8


@pytest.mark.parametrize(
    ("edit", "changed"),
    [
        (put("c = b", "c = 0"), "a = 1\nfor b in a:\n    c = 0\n    d = c\n"),
        (drop("c = b"), "a = 1\nfor b in a:\n    d = c\n"),
        (after("c = b", "e = c", "f = e"), "a = 1\nfor b in a:\n    c = b\n    e = c\n    f = e\n    d = c\n"),
        (within("if a:", "c = b", "d = c"), "a = 1\nfor b in a:\n    if a:\n        c = b\n        d = c\n"),
        (move("c = b", ahead="for b"), "a = 1\nc = b\nfor b in a:\n    d = c\n"),
        (move("a = 1", behind="d = c"), "for b in a:\n    c = b\n    d = c\n    a = 1\n"),
    ],
)
def test_edit(edit: object, changed: str) -> None:
    assert callable(edit)
    assert edit(TEXT) == changed


@pytest.mark.parametrize(
    "edit", [put("e", "f"), put("a", "f"), drop("b"), move("c = b", ahead="e"), within("if a:", "d = c", "c = b")]
)
def test_an_edit_without_its_one_place_fails(edit: object) -> None:
    assert callable(edit)
    with pytest.raises(NoPlace):
        edit(TEXT)


def test_what_names_a_mutant() -> None:
    original = Said({"loss-rose": "info", "saturated": "warning"}, 0)
    mutation = Mutation("m", ("saturated", "loss-rose"), {})
    mutant = Mutant("mlp", mutation)
    assert mark(mutant, original, original) == MISSED
    assert mark(mutant, Said({"dead-units": "error"}, 0), original) == MISSED
    assert mark(mutant, Said({"loss-rose": "warning"}, 0), original) == NAMED
    assert mark(mutant, Said({"loss-rose": "warning"}, 1), original) == BROKEN


def test_an_exception_is_explained_by_more_than_its_text() -> None:
    fault = {"kind": "ValueError", "message": "no", "traceback": "..."}
    end = {"findings": [], "fault": fault, "exit_code": 1}
    assert EXPLAINED not in heard([end]).kinds
    assert EXPLAINED in heard([{**end, "fault": {**fault, "place": "here"}}]).kinds
    assert EXPLAINED in heard([{**end, "findings": [{"kind": "graph-reused", "severity": "error"}]}]).kinds


def test_the_loudest_is_heard() -> None:
    findings = [{"kind": "overshoot", "severity": severity} for severity in ("info", "error", "warning")]
    said = heard([{"findings": findings}, {"findings": [], "fault": None, "exit_code": 0}])
    assert said == Said({"overshoot": "error"}, 0)
    assert said.alarms == ("overshoot",)


def test_table() -> None:
    mutant = MUTANTS["mlp", "step dropped"]
    marks = {("step dropped", "mlp"): MISSED}
    head, row = grid([mutant.mutation], marks)
    assert head.split() == list(NAMES)
    assert row.split() == ["step", "dropped", MISSED]
    (line,) = misses({mutant: Said({"loss-rose": "info"}, 0)}, marks)
    assert line == "missed  mlp: step dropped: not weight-not-changed, but loss-rose (info)"


@pytest.mark.parametrize(
    ("word", "holds"), [("mlp", True), ("lp", False), ("step", True), ("not-changed", True), ("gan", False)]
)
def test_what_a_word_chooses(word: str, holds: bool) -> None:
    assert about(MUTANTS["mlp", "step dropped"], word) is holds
