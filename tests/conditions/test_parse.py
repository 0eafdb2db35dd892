"""The text of conditions: what each means, and what is said of one that is none."""

from __future__ import annotations

import pytest
from gradstep.conditions import ConditionError, parse
from gradstep.conditions.condition import (
    Bound,
    ExpressionTrue,
    FindingMet,
    IterationBegun,
    LineReached,
    LossPasses,
    Meaning,
    OpReached,
    PhaseEnded,
    Stalls,
    TensorPasses,
)
from gradstep.conditions.parse import FORMS


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("not-finite", FindingMet("not-finite")),
        ("warning", FindingMet("warning")),
        ("error", FindingMet("error")),
        ("loss > 5", LossPasses(Bound("value", ">", 5))),
        ("loss>=-1e3", LossPasses(Bound("value", ">=", -1000))),
        ("loss   rises", LossPasses("rises")),
        ("loss is not finite", LossPasses("not finite")),
        ("loss has nan", LossPasses("has nan")),
        ("loss does not improve for 50", LossPasses(Stalls(50))),
        ("loss not improved for 50 iterations", LossPasses(Stalls(50))),
        ("loss norm > 2", TensorPasses("loss", Bound("norm", ">", 2))),
        ("*.weight.grad norm > 10", TensorPasses("*.weight.grad", Bound("norm", ">", 10))),
        ("w maximum<0.5", TensorPasses("w", Bound("max", "<", 0.5))),
        ("y_hat <= 2", TensorPasses("y_hat", Bound("value", "<=", 2))),
        ("fc.weight ratio > 1e-2", TensorPasses("fc.weight", Bound("ratio", ">", 0.01))),
        ("w.grad is zero", TensorPasses("w.grad", "is zero")),
        ("w has inf", TensorPasses("w", "has inf")),
        ("w changes", TensorPasses("w", "changes")),
        ("w does not change", TensorPasses("w", "does not change")),
        ("op softmax", OpReached("softmax")),
        ("op blocks.3.*", OpReached("blocks.3.*")),
        ("node MulBackward0", OpReached("MulBackward0", backward=True)),
        ("train.py:41", LineReached("train.py", 41)),
        ("src/train.py:1", LineReached("src/train.py", 1)),
        ("iteration 1,234", IterationBegun(1234)),
        ("backward", PhaseEnded("backward")),
        ("if step > 9 and not done", ExpressionTrue("step > 9 and not done")),
        ("if model.training", ExpressionTrue("model.training")),
    ],
)
def test_a_text_means_this(text: str, meaning: Meaning) -> None:
    found = parse(text)
    assert found.meaning == meaning
    assert found.text == " ".join(text.split())


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "an empty condition; write one such as: loss > 5"),
        ("overshot", "overshot: no such finding; overshoot?"),
        ("fc1", "fc1: neither a finding nor a phase; of a tensor say what: fc1 changes, fc1 norm > 10"),
        ("loss > x", "loss > x: after > comes one number"),
        ("loss > 1 2", "loss > 1 2: after > comes one number"),
        ("loss grows", "loss grows: after loss comes one of >, <, >=, <=, rises, is not finite, …"),
        ("loss changes", "loss changes: after loss comes one of >, <, >=, <=, rises, is not finite, …"),
        ("w norm 3", "w norm 3: after w norm comes one of >, <, >=, <="),
        ("w is big", "w is big: after w comes one of >, <, >=, <=, norm, max, min, mean, ratio, is not finite, …"),
        ("iteration x", "iteration x: after iteration comes its number, from 1"),
        ("iteration 0", "iteration 0: after iteration comes its number, from 1"),
        ("op a b", "op a b: after op comes one name; * stands for any part of it"),
        ("if", "if: after if comes a Python expression"),
        ("if 1 +", "if 1 +: no Python expression: invalid syntax"),
        ("if (q := 3)", "if (q := 3): an assignment (:=) would change the program"),
        ("if x.add_(1)", "if x.add_(1): add_() would change the program"),
        ("if log.append(1)", "if log.append(1): append() would change the program"),
        ("if optimizer.step()", "if optimizer.step(): step() would change the program"),
        ("if next(batches)", "if next(batches): next() would change the program"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(text: str, says: str) -> None:
    with pytest.raises(ConditionError) as raised:
        parse(text)
    assert str(raised.value) == says


def test_what_the_list_shows_can_be_typed() -> None:
    for text, _ in FORMS:
        assert parse(text).text == text
