"""A program is run to a condition: the right stop, as plain torch knows it, looked at on the way or not."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from running import PROGRAMS, Once, Runner, gradstep

PROGRAM = PROGRAMS / "conditions.py"
TEXT = PROGRAM.read_text().splitlines()


@pytest.fixture(scope="module")
def log(runner: Runner, once: Once) -> dict[str, Any]:
    """What the program itself has noted, run by python alone; a list entry an iteration."""
    code, path = runner.plain_once(PROGRAM.name, once)
    assert code == 0
    found: dict[str, Any] = torch.load(path)
    return found


def first(log: list[Any], holds: Any) -> int:
    """The first iteration in which something holds."""
    return next(at for at, value in enumerate(log, 1) if holds(value))


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize(
    ("text", "phase", "oracle"),
    [
        ("loss rises", "forward", lambda log: next(
            at + 1 for at in range(1, 12) if log["losses"][at] > log["losses"][at - 1]
        )),
        ("loss < 1.1", "forward", lambda log: first(log["losses"], lambda loss: loss < 1.1)),
        ("loss is not finite", "forward", lambda log: first(log["losses"], math.isnan)),
        ("loss does not improve for 2", "forward", lambda log: 4),
        ("second.weight.grad norm > 4", "backward", lambda log: first(
            log["grads"], lambda norms: norms["second.weight"] > 4
        )),
        ("first.*.grad has nan", "backward", lambda log: first(
            log["grads"], lambda norms: math.isnan(norms["first.weight"])
        )),
        ("first.weight max > 0.455", "update", lambda log: first(
            log["weights"], lambda largest: largest["first.weight"] > 0.455
        )),
        ("first.weight ratio > 0.007", "update", lambda log: first(log["ratios"], lambda ratio: ratio > 0.007)),
        ("second.bias does not change", "update", lambda log: 6),
        ("relu max > 8", "forward", lambda log: first(log["hidden"], lambda largest: largest > 8)),
        ("if step == 3", "forward", lambda log: 4),
        ("if optimizer.param_groups[0]['lr'] < 1 and loss.item() < 1.1", "forward", lambda log: first(
            log["losses"], lambda loss: loss < 1.1
        )),
        ("not-finite", "forward", lambda log: first(log["losses"], math.isnan)),
        ("iteration 7", "forward", lambda log: 7),
        ("update", "update", lambda log: 1),
    ],
)  # fmt: skip
def test_the_right_stop(runner: Runner, log: dict[str, Any], text: str, phase: str, oracle: Any, full: bool) -> None:
    stop, stops = runner.until(PROGRAM, text, full=full)
    assert (stop.phase, stop.iteration) == (phase, oracle(log))
    assert stop.met
    assert not any(before.met for before in stops[:-1])


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("op relu", "return self.second(self.act(self.first(x)))", "relu has run"),
        ("op net.second", "return self.second(self.act(self.first(x)))", "net.second was reached"),
        ("op sqrt", "loss = (guess - y).square().mean() if step < 9 else (guess - y).sqrt().mean()", "sqrt has run"),
        ("node ReluBackward0", "return self.second(self.act(self.first(x)))", "ReluBackward0 has run"),
    ],
)
def test_ops_and_nodes(runner: Runner, text: str, line: str, words: str) -> None:
    stop, _ = runner.until(PROGRAM, text)
    assert stop.met == words
    assert TEXT[stop.place.line - 1].strip() == line
    assert stop.iteration == (10 if text == "op sqrt" else 1)


@pytest.mark.parametrize("line", ["optimizer.zero_grad()", "net.second.bias.grad = None", "net = Net()"])
def test_a_line_of_the_program(runner: Runner, line: str) -> None:
    number = next(at for at, text in enumerate(TEXT, 1) if text.strip() == line)
    stop, _ = runner.until(PROGRAM, f"conditions.py:{number}")
    assert stop.place.line == number
    assert stop.iteration == {"optimizer.zero_grad()": 0, "net.second.bias.grad = None": 6, "net = Net()": 0}[line]


def test_a_warning_of_any_kind(runner: Runner) -> None:
    """Iterations are looked at now and then; what makes the loss NaN is seen in all of them."""
    stop, _ = runner.until(PROGRAM, "error")
    assert (stop.iteration, stop.phase, stop.met) == (10, "forward", "not-finite")


def test_an_expression_that_raises_stops_there(runner: Runner) -> None:
    stop, _ = runner.until(PROGRAM, "if 1 / (5 - step)")
    assert stop.iteration == 1
    stop, _ = runner.until(PROGRAM, "if step > 2 and 1 / (5 - step) < 0 or step > 4 and guess.nothing")
    assert (stop.iteration, stop.met.split(": ")[1]) == (6, "ZeroDivisionError")


def test_a_name_that_never_is_never_holds(runner: Runner) -> None:
    stop, _ = runner.until(PROGRAM, "if nobody > 3")
    assert (stop.phase, stop.met) == ("end", "")


@pytest.mark.parametrize(
    "texts",
    [
        ("if torch.rand(3).sum() > 9", "loss > 99"),
        ("*.grad norm > 1e9", "first.weight ratio > 1e9", "if loss > 1e9"),
        ("op nothing", "node nothing", "twin.py:2", "overshoot"),
    ],
)
def test_the_program_does_not_notice(
    runner: Runner, log: dict[str, Any], texts: tuple[str, ...], tmp_path: Path
) -> None:
    copy = tmp_path / "twin.py"
    copy.write_text(PROGRAM.read_text().replace("len(sys.argv) > 1", "True").replace("sys.argv[1]", "'log.pt'"))
    stop, _ = runner.until(copy, *texts, directory=tmp_path)
    assert stop.phase == "end"
    found = torch.load(tmp_path / "log.pt")
    for one, two in zip(log["final"].values(), found["final"].values(), strict=True):
        assert torch.equal(one.nan_to_num(), two.nan_to_num())
    assert str(found["losses"]) == str(log["losses"])
    assert str(found["grads"]) == str(log["grads"])


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("loss rises", 0, "gradstep: stopped at stop 7, iteration 3: loss rose from 1.25521 to 1.2882"),
        ("loss > 99", 4, "gradstep: the program ended and never came to: loss > 99"),
        ("loss >", 2, "gradstep: invalid value for '--until': loss >: after > comes one number"),
    ],
)
def test_exit_codes(text: str, code: int, says: str) -> None:
    done = gradstep("trace", "--until", text, PROGRAM.name)
    assert done.returncode == code
    assert says in done.stderr.splitlines()


def test_torch_may_be_imported_after_the_program_has_begun(tmp_path: Path) -> None:
    program = tmp_path / "late.py"
    program.write_text("import os\nos.environ['SOME'] = '1'\n" + PROGRAM.read_text())
    done = gradstep("trace", "--until", "loss < 1.1", program)
    assert done.returncode == 0
    assert "iteration 7: loss 1.09393 < 1.1" in done.stderr


@pytest.mark.parametrize("text", ["if step >= 3", "loss < 1.2", "loss is not finite"])
def test_what_holds_already_is_not_waited_for(runner: Runner, text: str) -> None:
    """The program is let run on from where the condition was met: it is told of it anew, as by the screen."""
    stops = runner.again_until(PROGRAM, text)
    assert [bool(stop.met) for stop in stops] == [True, False]
    assert stops[-1].phase == "end"


def test_a_rise_is_one_from_the_loss_at_which_it_was_let_run(runner: Runner) -> None:
    rose = runner.again_until(PROGRAM, "loss rises")
    assert [stop.iteration for stop in rose] == [3, 4, 12]
    assert rose[-1].phase == "end"
