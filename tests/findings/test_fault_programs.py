"""Programs with a fault give its finding; their twins, and healthy programs, give no warning and no error."""

from __future__ import annotations

import ast
from collections.abc import Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest
from chain_rule import check_chain_rule
from gradstep.findings import KINDS, Examiner
from gradstep.model.message import Detail
from gradstep.model.stop import Finding
from msgspec.structs import replace
from running import PROGRAMS, Once, Runner, Stage, Watched

FAULTY = PROGRAMS / "findings"
HEALTHY = PROGRAMS / "healthy"
CASES = PROGRAMS / "cases"
TWINS = sorted(path.stem for path in FAULTY.glob("*_not.py"))
FAULTS = sorted(path.stem for path in FAULTY.glob("*.py") if path.stem not in TWINS)
SOUND = sorted(path.stem for path in HEALTHY.glob("*.py"))

ELSEWHERE = {"overshoot", "stale-gradient"}
"""Findings with tests of their own."""

SWING = {"by_hand_momentum", "xor"}
"""Healthy, with momentum on one batch: their loss does rise now and then."""

_ALONE = (
    "loss_not_scalar", "skipped_step", "scheduler_idle", "gradient_never_reached_loss", "not_finite",
    "weight_not_changed_sch",
    "graph_reused", "changed_in_place", "explained", "torch_warning",
)  # fmt: skip
ALONE = [name for name in FAULTS if name.startswith(_ALONE)]
"""Programs that raise, of which something is said only at their end, or only once a run."""

SCALED = {"scaled_backward", "scaled_backward_not"}
"""Backward begins with another gradient than 1: what it gives is so many times the derivative of the loss."""

Runs = dict[str, Watched]


@pytest.fixture(scope="module")
def runs(once: Once) -> Runs:
    """What was seen of each program."""
    file = once.file("faults", lambda path: path.write_bytes(msgspec.msgpack.encode(all_runs())))
    return msgspec.msgpack.decode(file.read_bytes(), type=Runs)


@pytest.fixture(scope="module")
def brief_runs(once: Once) -> Runs:
    """The same where only what findings need is made."""
    file = once.file("faults-brief", lambda path: path.write_bytes(msgspec.msgpack.encode(all_runs("findings"))))
    return msgspec.msgpack.decode(file.read_bytes(), type=Runs)


def all_runs(detail: Detail = "screen") -> Runs:
    """All programs: those that end well one after the other in two processes, side by side."""
    shared = [FAULTY / f"{name}.py" for name in FAULTS + TWINS if name not in ALONE]
    shared += [HEALTHY / f"{name}.py" for name in SOUND]
    with ThreadPoolExecutor(2) as pool:
        parts = list(pool.map(watch_in_turn, (shared[::2], shared[1::2]), (ALONE[::2], ALONE[1::2]), (detail, detail)))
    return {name: watched for part in parts for name, watched in part.items()}


def watch_in_turn(paths: Sequence[Path], alone: Sequence[str], detail: Detail, home: Path = FAULTY) -> Runs:
    """Each program's own stops, examined by themselves; those that run `alone` are in `home`."""
    stage = Stage()
    runner = Runner(stage)
    found = {name: runner.watch(home / f"{name}.py", directory=home, detail=detail) for name in alone}
    whole = runner.watch(PROGRAMS / "in_turn.py", *map(str, paths), detail=detail)
    stage.close()
    assert whole.code == 0
    for path in paths:
        examiner = Examiner()
        own = [stop for stop in whole.stops if stop.place.file == str(path) and stop.phase not in ("start", "end")]
        found[path.stem] = Watched([examiner.examine(replace(stop, findings=())) for stop in own], 0)
    return found


def kind_of(name: str) -> str:
    """The kind that a program's file is named after."""
    return next(kind for kind in KINDS if name.startswith(kind.replace("-", "_")))


def found(watched: Watched) -> list[Finding]:
    return [item for stop in watched.stops for item in stop.findings]


def alarms(watched: Watched, besides: Set[str] = ELSEWHERE) -> list[str]:
    """What was said of warnings and errors."""
    items = [item for item in found(watched) if item.severity != "info" and item.kind not in besides]
    return [f"{item.kind}: {item.message}" for item in items]


@pytest.mark.parametrize("name", FAULTS)
def test_fault(name: str, runs: Runs) -> None:
    mine = [item for item in found(runs[name]) if item.kind == kind_of(name)]
    assert mine
    assert all(item.remedy and item.evidence and item.message.endswith(".") for item in mine)


@pytest.mark.parametrize("name", TWINS)
def test_twin(name: str, runs: Runs) -> None:
    watched = runs[name]
    assert not alarms(watched)
    assert watched.code == 0
    assert kind_of(name) not in {item.kind for item in found(watched)}


@pytest.mark.parametrize("name", SOUND)
def test_healthy(name: str, runs: Runs) -> None:
    watched = runs[name]
    assert watched.code == 0
    assert len(watched.of("update")) > 3
    assert not alarms(watched, {"overshoot"} if name in SWING else frozenset())


@pytest.mark.parametrize("name", [name for name in (*FAULTS, *TWINS, *SOUND) if name not in SCALED])
def test_chain_rule(name: str, runs: Runs) -> None:
    check_chain_rule(runs[name])


@pytest.mark.parametrize("name", [*FAULTS, *TWINS, *SOUND])
def test_findings_are_the_same_with_less(name: str, runs: Runs, brief_runs: Runs) -> None:
    def told(watched: Watched) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
        told = ((stop.phase, tuple((item.kind, item.severity) for item in stop.findings)) for stop in watched.stops)
        return [row for row in told if row[1]]

    assert told(brief_runs[name]) == told(runs[name])


def test_a_model_that_only_judges_may_be_in_no_optimizer(runs: Runs) -> None:
    told = [item for item in found(runs["judge"]) if item.kind == "gradient-never-reached"]
    assert told
    assert {item.severity for item in told} == {"info"}


@pytest.mark.parametrize(
    ("name", "op", "given"), [("not_finite_masked_row", "softmax", False), ("not_finite_log_of_target", "sub", True)]
)
def test_the_op_that_made_nan_is_found_though_its_inputs_are_freed(name: str, op: str, given: bool, runs: Runs) -> None:
    (first, *_) = (stop.not_finite for stop in runs[name].stops if stop.not_finite is not None)
    assert (first.op, first.given) == (op, given)
    assert first.count == (48 if given else 25)


def test_what_shortens_gradients_is_named(runs: Runs) -> None:
    told = [item for item in found(runs["weight_not_changed_clipped"]) if item.kind == "weight-not-changed"]
    assert all("shortened before the step" in item.message and "max_norm" in item.remedy for item in told)


@pytest.mark.parametrize(
    ("name", "first", "remedy"),
    [
        ("gradient_never_reached_list", "model.hidden[0].weight", "nn.ModuleList"),
        ("gradient_never_reached_tensor", "model.scale", "nn.Parameter"),
    ],
)
def test_what_a_model_holds_without_knowing_of_it_has_a_name(name: str, first: str, remedy: str, runs: Runs) -> None:
    (told, *_) = (item for item in found(runs[name]) if item.kind == "gradient-never-reached")
    assert told.evidence["first"] == first
    assert remedy in told.remedy


def test_weights_that_are_put_back_are_no_step(runs: Runs) -> None:
    told = [item for item in found(runs["restored"]) if "set by hand" in item.message]
    assert told
    assert {(item.kind, item.severity) for item in told} == {("loss-rose", "info")}


def test_a_step_up_the_slope_is_no_matter_of_the_learning_rate(runs: Runs) -> None:
    overshoots = [item for item in found(runs["wrong_sign_own_optimizer"]) if item.kind == "overshoot"]
    assert overshoots
    assert all(item.remedy.startswith("Look at the sign of the step") for item in overshoots)


def test_every_kind_has_a_pair() -> None:
    kinds = {kind_of(name) for name in TWINS}
    assert kinds == set(KINDS) - {"overshoot", "loss-rose", "stale-gradient"}
    cases = {path.read_text().partition("\n")[0].removeprefix("# finding: ") for path in CASES.glob("*.py")}
    reported = {kind.partition(" ")[0].replace("-", "_") for kind in cases}
    assert {name.removesuffix("_not") for name in TWINS} <= {*FAULTS, *reported}


@pytest.mark.parametrize(
    ("name", "phase", "op", "inputs"),
    [
        ("not_finite_exp", "forward", "exp", "linear from"),
        ("not_finite_mask", "forward", "softmax", "-Inf"),
        ("not_finite_sqrt", "backward", "sqrt", "p from 0 to 4"),
        ("not_finite_data", "forward", "linear", "with 1 NaN"),
        ("not_finite", "forward", "log", "probs from 0"),
        ("not_finite_log_times_zero", "forward", "log", "p from 0 to 1"),
    ],
)
def test_not_finite_names_the_op(name: str, phase: str, op: str, inputs: str, runs: Runs) -> None:
    watched = runs[name]
    stops = [stop for stop in watched.stops if stop.finding("not-finite") is not None]
    assert [stop.phase for stop in stops] == [phase], "it is said where it first appears, and only there"
    finding = stops[0].finding("not-finite")
    assert finding is not None
    assert finding.evidence["op"] == op
    assert inputs in str(finding.evidence["inputs"])
    lines = (FAULTY / f"{name}.py").read_text().splitlines()
    assert f"{op}(" in lines[int(finding.evidence["line"]) - 1] or op == "linear"


def test_not_finite_says_what_came_first(runs: Runs) -> None:
    (finding,) = (item for item in found(runs["not_finite_log_times_zero"]) if item.kind == "not-finite")
    assert finding.evidence["what"] == "Inf"
    assert finding.message.startswith("Inf first appears in log (line 13).")


def test_dead_units_are_counted(runs: Runs) -> None:
    finding = runs["dead_units"].of("forward")[0].finding("dead-units")
    assert finding is not None
    assert (finding.evidence["silent"], finding.evidence["units"]) == (32, 32)
    text = (FAULTY / "dead_units.py").read_text()
    calls = [
        node.lineno for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Attribute) and node.attr == "relu"
    ]
    assert finding.evidence["line"] in calls


def test_a_loss_made_of_numbers_names_the_line_that_reads_the_weights(runs: Runs) -> None:
    finding = next(item for item in found(runs["gradient_never_reached_item"]) if item.kind == "gradient-never-reached")
    assert "Line 14 reads model.0.weight" in finding.message
    assert ".item()" in finding.remedy
