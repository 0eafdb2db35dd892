"""What did not hold is told once, with its place, and reported to machines."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from gradstep.checks.checks import Breach, Checks
from gradstep.checks.report import github_lines, junit, line
from gradstep.model.place import Place
from gradstep.model.stop import Finding, Loss, Stop
from msgspec.structs import replace

PLACE = Place("/there/src/train.py", 12)
RISEN = Finding("overshoot", "error", "The loss rose.", "Use less.")
LARGE = Finding("step-too-small", "warning", "The step is small.")
NOTED = Finding("loss-rose", "info", "The loss rose.")


def stops(*findings: tuple[Finding, ...]) -> list[Stop]:
    return [
        Stop(at, "forward", iteration=at, place=PLACE, loss=Loss("loss", float(at)), findings=found)
        for at, found in enumerate(findings, 1)
    ]


@pytest.mark.parametrize(
    ("kinds", "met"),
    [
        (["overshoot"], [(2, "overshoot")]),
        (["loss-rose"], [(1, "loss-rose")]),
        (["warning"], [(1, "step-too-small"), (2, "overshoot")]),
        (["error"], [(2, "overshoot")]),
        (["not-finite"], []),
        ([], []),
    ],
)
def test_findings_that_must_not_be_met(kinds: list[str], met: list[tuple[int, str]]) -> None:
    checks = Checks(kinds)
    told = [breach for stop in stops((NOTED, LARGE), (RISEN,), (RISEN, LARGE)) for breach in checks.look(stop)]
    assert [(breach.stop and breach.stop.index, breach.check) for breach in told] == met
    assert checks.end() == []
    assert checks.code(0) == (3 if met else 0)
    assert checks.code(7) == (3 if met else 7)


def test_an_assertion_is_told_where_it_first_did_not_hold() -> None:
    checks = Checks((), ["loss < 2", "loss < 9", "lr < 1", "finite(params)"])
    told = [breach for stop in stops((), (), ()) for breach in checks.look(stop)]
    assert [line(breach) for breach in told] == ["assert loss < 2: it did not hold (train.py:12, stop 2, iteration 2)"]
    assert [line(breach) for breach in checks.end()] == [
        "assert lr < 1: it was never judged: lr was never known (the end of the run)",
        "assert finite(params): it was never judged: any parameter or gradient was never known (the end of the run)",
    ]
    assert checks.code(0) == checks.code(7) == 5
    assert Checks((), ["loss < 9"]).code(0) == 0


def test_a_finding_outweighs_an_assertion() -> None:
    checks = Checks(["overshoot"], ["loss < 0"])
    checks.look(stops((RISEN,))[0])
    assert checks.code(0) == 3


def test_nonsense_is_told_once() -> None:
    checks = Checks((), ["params"])
    told = [breach for _ in range(2) for breach in checks.look(Stop(1, "forward", loss=Loss("loss", 1.0)))]
    assert told == []
    bad = Checks((), ["loss / 0 < 1"])
    told = [breach for stop in stops((), ()) for breach in bad.look(stop)]
    assert [breach.message for breach in told] == ["float division by zero"]
    assert bad.end() == []


def test_junit() -> None:
    checks = Checks(["overshoot", "not-finite"], ["loss < 2", "loss < 9"])
    for stop in stops((), (replace(RISEN, message="A <b>\x1b[31m & \x00c"),)):
        checks.look(stop)
    checks.end()
    root = ElementTree.fromstring(junit(checks, "train.py", 1, 2.5))
    (suite,) = root
    assert (suite.get("tests"), suite.get("failures"), suite.get("time")) == ("5", "3", "2.500")
    found = {case.get("name"): case.find("failure") for case in suite}
    assert list(found) == [
        "no overshoot", "no not-finite", "assert loss < 2", "assert loss < 9", "the program ends well",
    ]  # fmt: skip
    failures = {name: failure.get("message") for name, failure in found.items() if failure is not None}
    assert failures == {
        "no overshoot": "overshoot: A <b> & c Use less. (train.py:12, stop 2, iteration 2)",
        "assert loss < 2": "assert loss < 2: it did not hold (train.py:12, stop 2, iteration 2)",
        "the program ends well": "it ended with exit code 1",
    }


def test_github() -> None:
    breaches = [
        Breach("overshoot", "100 % wrong\n::error::no", Stop(2, iteration=1, place=PLACE), asserted=False),
        Breach("loss < 1, 2", "it did not hold", None, asserted=True),
        Breach(
            "not-finite", "in a cell", Stop(3, iteration=1, place=replace(PLACE, cell=2, cell_line=4)), asserted=False
        ),
    ]
    assert github_lines(breaches, {}) == []
    assert github_lines(breaches, {"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": "/there"}) == [
        "::error file=src/train.py,line=12,title=gradstep%3A overshoot::"
        "overshoot: 100 %25 wrong ::error::no (train.py:12, stop 2, iteration 1)",
        "::error title=gradstep%3A loss < 1%2C 2::assert loss < 1, 2: it did not hold (the end of the run)",
        "::error title=gradstep%3A not-finite::not-finite: in a cell (cell 2, line 4, stop 3, iteration 1)",
    ]
    away = github_lines(breaches[:1], {"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": "/elsewhere"})
    assert away[0].startswith("::error file=/there/src/train.py,line=12,")
