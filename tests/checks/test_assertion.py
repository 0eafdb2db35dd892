"""`--assert`: what can be written, what it means, and what is wrong is said in one line."""

from __future__ import annotations

import pytest
from gradstep.checks.assertion import Assertion, AssertionTextError
from gradstep.model.stop import Gradient, Loss, Stop, Update
from gradstep.model.tensor import TensorView

NAN, INF = float("nan"), float("inf")


def view(value: object, *shape: int) -> TensorView:
    return TensorView(shape, "float32", "cpu", value)  # type: ignore[arg-type]


LARGE = TensorView((30, 10), "float32", "cpu", min=-2.0, max=4.0, mean=0.5, norm=9.0, nan=0, inf=0)
STOP = Stop(
    5,
    "backward",
    iteration=2,
    loss=Loss("loss", 1.5),
    leaves=("model.fc1.weight", "model.fc2.weight", "b"),
    tensors={"model.fc1.weight": LARGE, "model.fc2.weight": view([3.0, -4.0], 2), "b": view(0.25)},
    gradients={
        "model.fc1.weight": Gradient(now=TensorView((30, 10), "float32", "cpu", norm=0.0)),
        "model.fc2.weight": Gradient(now=view([NAN, 1.0], 2)),
        "b": Gradient(),
    },
)
UPDATE = Stop(6, "update", iteration=2, update=Update("SGD", 0.1), leaves=STOP.leaves, tensors=STOP.tensors,
              gradients=STOP.gradients)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("loss < 100", True),
        ("loss < 1.5", False),
        ("0 <= loss <= 1.5", True),
        ("loss == 1.5 and iteration == 2", True),
        ("loss > 2 or iteration != 2", False),
        ("not loss > 2", True),
        ("loss - 1 == 0.5 and loss * 2 == 3 and loss / 3 == 0.5 and loss + 1 == 2.5", True),
        ("iteration % 2 == 0 and iteration // 2 == 1", True),
        ("-loss == -1.5 and abs(-loss) == +1.5", True),
        ("sqrt(4) == 2 and log(1) == 0 and max(1, 2) == 2 and min(1, 2) == 1", True),
        ('param("model.fc2.weight").norm() == 5', True),
        ('param("fc2.weight").max() == 3 and param("fc2.weight").min() == -4', True),
        ('param("fc2.weight").mean() == -0.5 and param("fc2.weight").numel() == 2', True),
        ('param("fc1.weight").norm() == 9 and param("fc1.weight").max() == 4', True),
        ('param("fc1.weight").min() == -2 and param("fc1.weight").mean() == 0.5', True),
        ('param("b") < 0.3', True),
        ('grad("fc1.weight").norm() > 0', False),
        ("finite(params)", True),
        ("finite(grads)", False),
        ("finite(loss)", True),
        ('finite(grad("fc1.weight")) and not finite(grad("fc2.weight"))', True),
        ("len(params) == 3 and len(grads) == 2", True),
        ("all(loss < 2, loss > 1) and any(loss > 2, loss > 1) and sum(loss, 1) == 2.5", True),
        ("all(loss < 2, loss > 2) or any(loss > 2, loss > 3)", False),
        ("lr == 0.1", None),
        ('grad("b").norm() > 0', None),
        ('param("none").norm() > 0', None),
    ],
)
def test_what_it_means(text: str, holds: bool | None) -> None:
    assertion = Assertion(text)
    assert assertion.holds(STOP) is holds
    assert assertion.judged == (holds is not None)


def test_gradients_are_judged_as_backward_leaves_them_and_rates_at_updates() -> None:
    assert Assertion("finite(grads)").holds(UPDATE) is None
    assert Assertion('grad("fc1.weight").norm() > 0').holds(UPDATE) is None
    assert Assertion("finite(params)").holds(UPDATE) is True
    assert Assertion("lr == 0.1").holds(UPDATE) is True


@pytest.mark.parametrize("stop", [Stop(0), Stop(4, "forward", reason="op", loss=Loss("loss", 1.0)),
                                  Stop(4, "forward", light=True, loss=Loss("loss", 1.0))])  # fmt: skip
def test_what_is_not_known_is_not_judged(stop: Stop) -> None:
    assertion = Assertion("loss < 0")
    assert assertion.holds(stop) is None
    assert assertion.judged == 0


def test_a_loss_that_is_no_number_is_below_nothing() -> None:
    assert Assertion("loss < 100").holds(Stop(1, "forward", loss=Loss("loss", NAN))) is False
    assert Assertion("finite(loss)").holds(Stop(1, "forward", loss=Loss("loss", INF))) is False
    nan = TensorView((300,), "float32", "cpu", norm=1.0, nan=1, inf=0)
    inf = TensorView((300,), "float32", "cpu", norm=1.0, nan=0, inf=2)
    for wrong in (nan, inf):
        stop = Stop(1, "forward", leaves=("w",), tensors={"w": wrong})
        assert Assertion("finite(params)").holds(stop) is False


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no expression"),
        ("loss <", "no expression"),
        ("lost < 1", "lost is not known here; known are loss, iteration"),
        ("loss = 1", "no expression"),
        ("loss ** 2 < 1", "compute by"),
        ("loss is 1", "compare by"),
        ("[x for x in params]", "cannot be asserted"),
        ("lambda: loss", "cannot be asserted"),
        ("~iteration", "cannot be asserted"),
        ("__import__('os').system('true')", "not known here"),
        ("params.clear()", ".clear is not known here"),
        ("loss.__class__", "not known here"),
        ("finite(x=1)", "cannot be called"),
        ("None", "only numbers"),
        ("1 < " * 999 + "2", "too long"),
    ],
)
def test_what_cannot_be_asserted(text: str, says: str) -> None:
    with pytest.raises(AssertionTextError) as error:
        Assertion(text)
    assert says in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("params", "compare it with something"),
        ("grads < 1", "only numbers"),
        ("all(params)", "only numbers"),
        ("min(loss) > 1", "not iterable"),
        ('param("fc2.weight") > 1', "has 2 elements; say which"),
        ('param("weight").norm() > 1', "the name of 2 parameters: model.fc1.weight, model.fc2.weight"),
        ("param(1).norm() > 1", "takes the name"),
        ("loss.norm() > 1", "is of one tensor"),
        ("loss / 0 > 1", "division by zero"),
        ('"a" * iteration == "aa"', "only numbers"),
    ],
)
def test_what_is_nonsense_at_a_stop(text: str, says: str) -> None:
    with pytest.raises(AssertionTextError) as error:
        Assertion(text).holds(STOP)
    assert says in str(error.value)
