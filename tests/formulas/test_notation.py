"""How formulas read: the user's names, short and unambiguous."""

from __future__ import annotations

import pytest
from gradstep.formulas import Argument, Call, explain
from gradstep.model.graph import Local

SCALAR = ""


def one(op: str, *inputs: str, out: str = "", scalars: tuple[int | float | str, ...] = (), at: str = "") -> list[Local]:
    """Arguments as `name:4,3`; the result as `name:4,8`."""
    return list(explain(Call(op, tuple(map(argument, inputs)), scalars, argument(out), at)))


def argument(text: str) -> Argument:
    name, _, shape = text.partition(":")
    return Argument(name, tuple(int(size) for size in shape.split(",") if size))


def test_the_seed() -> None:
    """∂L/∂w = 2s · 1 · x, as on the board."""
    (square,) = one("pow", "s", out="loss", scalars=(2,), at="t s")
    assert (square.formula, square.rule, square.form) == ("∂loss/∂s = 2s", "∂L/∂s = 2δ·s", "number")
    minus = one("sub", "y_hat", "y", out="s")
    assert [item.formula for item in minus] == ["∂s/∂y_hat = 1", "∂s/∂y = −1"]
    product = one("matmul", "w:3", "x:3", out="y_hat")
    assert [item.formula for item in product] == ["∂y_hat/∂w = x", "∂y_hat/∂x = w"]
    assert product[0].rule == "∂L/∂w = δ·x"


@pytest.mark.parametrize(
    ("found", "formula"),
    [
        (one("pow", "s", scalars=(2,), at="t s"), "∂s²/∂s = 2s"),
        (one("pow", "y_hat", out="loss", scalars=(2,), at="t s"), "∂loss/∂y_hat = 2·y_hat"),
        (one("pow", "x:3", out="y:3", scalars=(3,), at="t s"), "∂y/∂x = 3x²"),
        (one("pow", "x:3", out="y:3", scalars=(0.5,), at="t s"), "∂y/∂x = 0.5x^(−0.5)"),
        (one("__rpow__", "x:3", out="y:3", scalars=(2,), at="t s"), "∂y/∂x = y·log(2)"),
        (one("pow", "x:3", out="y:3", scalars=(2,), at="s t"), "∂y/∂x = y·log(2)"),
        (one("sub", "y_hat", "y"), "∂(y_hat − y)/∂y_hat = 1"),
        (one("div", "a:3", out="b:3", scalars=(16,), at="t s"), "∂b/∂a = 1 / 16"),
        (one("__rsub__", "p:3", scalars=(1,), at="t s"), "∂(1 − p)/∂p = −1"),
        (one("tanh", "x:4,3", out="y:4,3"), "∂y/∂x = 1 − y²"),
        (one("tanh", "x:4,3", out=":4,3"), "∂tanh(x)/∂x = 1 − tanh²(x)"),
        (one("sigmoid", "x:3", out=":3"), "∂σ(x)/∂x = σ(x)·(1 − σ(x))"),
        (one("relu", "x:4,3", out="x:4,3"), "∂max(0, x)/∂x = [x > 0]"),
        (one("mul", "x:3", "x:3", out=":3"), "∂(x₁·x₂)/∂x₁ = x₂"),
        (one("mul", ":3", "x:3", out=":3"), "∂(x'·x)/∂x' = x"),
        (one("matmul", "W:8,3", "x:3", out="h:8")[1:], "∂h/∂x = W"),
        (one("mse_loss", "y_hat:4,3", "y:4,3", out="loss", scalars=("mean",), at="t t reduction= s"),
         "∂loss/∂y_hat = 2(y_hat − y) / 12"),
        (one("elu", "x:3", out="y:3", scalars=(0.5,), at="t s"), "∂y/∂x = 1 if x > 0, else 0.5·exp(x)"),
    ],
)  # fmt: skip
def test_formulas_read_well(found: list[Local], formula: str) -> None:
    assert found[0].formula == formula
    assert found[0].ours


@pytest.mark.parametrize(
    ("found", "rules"),
    [
        (
            one("linear", "x:4,3", "model.fc1.weight:8,3", "model.fc1.bias:8", out="h:4,8"),
            [
                "∂L/∂x = δ @ fc1.weight   [4,3] = [4,8] @ [8,3]",
                "∂L/∂fc1.weight = δ.T @ x   [8,3] = [4,8].T @ [4,3]",
                "∂L/∂fc1.bias = Σ₀ δ   [8] = Σ₀ [4,8]",
            ],
        ),
        (
            one("matmul", "W:8,3", "x:3", out="h:8"),
            ["∂L/∂W = outer(δ, x)   [8,3] = outer([8], [3])", "∂L/∂x = W.T @ δ   [3] = [8,3].T @ [8]"],
        ),
        (one("add", "x:4,3", "b:3", out=":4,3"), ["∂L/∂x = δ", "∂L/∂b = Σ₀ δ   [3] = Σ₀ [4,3]"]),
        (
            one("softmax", "x:4,3", out="p:4,3", scalars=(-1,), at="t dim= s"),
            ["∂L/∂x = p * (δ − Σ₁ δ * p)"],
        ),
        (one("mean", "x:4,3", out="m:4", scalars=(1,), at="t s"), ["∂L/∂x = δ / 3   [4,3] from [4]"]),
        (one("__getitem__", "x:4,3", out=":4", scalars=(1,), at="t ( : s )"), ["∂L/∂x = δ at [:, 1], 0 elsewhere"]),
        (
            one("cat", "a:2,3", "b:2,2", out=":2,5", scalars=(1,), at="( t t ) dim= s"),
            ["∂L/∂a = δ[:, 0:3]", "∂L/∂b = δ[:, 3:5]"],
        ),
    ],
)
def test_rules_read_well(found: list[Local], rules: list[str]) -> None:
    assert [item.rule for item in found] == rules


def test_targets_that_cannot_be_ignored_need_no_mention() -> None:
    classes = {smallest: Argument("t", (4,), False, "int64", smallest) for smallest in (None, 0.0)}
    found = {
        smallest: explain(Call("cross_entropy", (argument("logits:4,3"), target), (), argument("loss"), "t t"))
        for smallest, target in classes.items()
    }
    assert found[0.0][0].formula == "∂loss/∂logits = (softmax₁(logits) − onehot(t)) / 4"
    assert "[t ≠ −100]" in found[None][0].formula
    assert found[0.0][1] == Local()


def test_what_is_given_to_another_name_is_not_confused() -> None:
    found = one("mul", "a.b.w:3", "c.b.w:3", out=":3")
    assert found[0].formula == "∂(a.b.w·c.b.w)/∂a.b.w = c.b.w"


@pytest.mark.parametrize(
    "call",
    [
        one("pow", "x", scalars=(2,)),
        one("no_such_op", "x:3", out=":3"),
        one("div", "x:3", "y:3", out=":3", scalars=("floor",), at="t t rounding_mode= s"),
        one("relu", "x:3", out=":3", scalars=(1, 2), at="t s"),
    ],
    ids=["numbers whose place is unknown", "unknown op", "unknown setting", "wrong signature"],
)
def test_nothing_is_invented(call: list[Local]) -> None:
    assert {(item.formula, item.rule) for item in call} == {("", "")}


def test_complex_numbers_have_rules_only_where_values_are_moved() -> None:
    z = Argument("z", (3,), dtype="complex64")
    assert explain(Call("mul", (z, z), (), z))[0].rule == ""
    assert explain(Call("clone", (z,), (), z))[0].rule == "∂L/∂z = δ"
