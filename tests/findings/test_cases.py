"""Programs after public reports of training that does not work: their first line says which finding names the fault."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from running import PROGRAMS, Once, Watched
from test_fault_programs import Runs, alarms, found, watch_in_turn

CASES = PROGRAMS / "cases"
WANTED = {path.stem: path.read_text().partition("\n")[0].removeprefix("# finding: ") for path in CASES.glob("*.py")}
OUT_OF_REACH = {"39_kl_summed_over_everything", "42_inputs_and_labels_shuffled_apart"}
FAULTY = sorted(name for name, kind in WANTED.items() if kind != "none" and name not in OUT_OF_REACH)
SOUND = sorted(name for name, kind in WANTED.items() if kind == "none")

ALONE = {"04_no_optimizer_step", "12_argmax_in_loss", "22_non_leaf_weight", "47_batchnorm_last_batch_of_one"}
ALONE |= {"66_scheduler_before_optimizer", "71_retain_graph_then_step", "72_forward_outside_the_loop"}
ALONE |= {"24_same_params_listed_twice", "52_std_of_one_sample"}
"""Programs that raise, of which something is said only at their end, or that warn once a process."""


@pytest.fixture(scope="module")
def runs(once: Once) -> Runs:
    """What was seen of each program."""
    file = once.file("cases", lambda path: path.write_bytes(msgspec.msgpack.encode(all_runs())))
    return msgspec.msgpack.decode(file.read_bytes(), type=Runs)


def all_runs() -> Runs:
    """Those that end well one after the other in one process, the others each alone."""
    together = [CASES / f"{name}.py" for name in sorted(WANTED) if name not in ALONE | OUT_OF_REACH]
    return watch_in_turn(together, sorted(ALONE), "findings", CASES)


@pytest.mark.parametrize("name", FAULTY)
def test_case(name: str, runs: Runs) -> None:
    kind, _, pattern = WANTED[name].partition(" ")
    mine = [item for item in found(runs[name]) if item.kind == kind]
    assert mine
    assert pattern.strip("/") in mine[0].message
    assert all(item.remedy for item in mine)


@pytest.mark.parametrize("name", SOUND)
def test_healthy_twin(name: str, runs: Runs) -> None:
    assert not alarms(runs[name], frozenset())


def test_a_rise_names_the_cause_that_is_known(runs: Runs) -> None:
    assert caused(runs["07_accumulate_not_divided"], "overshoot") == {"accumulated-sum"}
    assert caused(runs["74_function_backward_ignores_upstream"], "overshoot") == {"wrong-backward"}


def caused(watched: Watched, kind: str) -> set[str]:
    """The causes that are told of findings of that kind."""
    return {item.because for item in found(watched) if item.kind == kind}


def test_the_first_lines_are_read() -> None:
    assert len(FAULTY) == 43
    assert len(SOUND) == 10
    assert all(Path(CASES / f"{name}.py").exists() for name in ALONE | OUT_OF_REACH)
