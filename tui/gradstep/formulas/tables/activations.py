"""Activation functions, softmax and dropout."""

from __future__ import annotations

from gradstep.formulas.row import Bound, Row

_SOFTMAX = "out * (grad - sum(grad * out, dim))"


def _is_vector(bound: Bound) -> bool:
    return bound.rank("input") == 1


ROWS = (
    Row("relu", "$input inplace=False", local={"input": "truth(input > 0)"}, value="max2(0, input)"),
    Row(
        "relu6",
        "$input inplace=False",
        local={"input": "between(0, input, 6)"},
        value="min2(6, max2(0, input))",
    ),
    Row(
        "hardtanh",
        "$input min_val=-1.0 max_val=1.0 inplace=False",
        local={"input": "between(min_val, input, max_val)"},
    ),
    Row(
        "leaky_relu",
        "$input negative_slope=0.01 inplace=False",
        local={"input": "where(input > 0, 1, negative_slope)"},
    ),
    Row(
        "prelu",
        "$input $weight",
        local={"input": "where(input > 0, 1, weight)", "weight": "where(input > 0, 0, input)"},
        value="where(input > 0, input, weight * input)",
        when=lambda bound: bound.shape("weight") in ((), (1,)) or bound.rank("input") <= 1,
    ),
    Row(
        "elu",
        "$input alpha=1.0 inplace=False",
        local={"input": "where(input > 0, 1, alpha * exp(input))"},
        value="where(input > 0, input, alpha * (exp(input) - 1))",
    ),
    Row(
        "celu",
        "$input alpha=1.0 inplace=False",
        local={"input": "where(input > 0, 1, exp(input / alpha))"},
    ),
    Row(
        "selu",
        "$input inplace=False",
        local={"input": "1.0507009873554805 * where(input > 0, 1, 1.6732632423543772 * exp(input))"},
    ),
    Row("tanh", "$input", local={"input": "1 - out**2"}, value="tanh(input)"),
    Row("sigmoid", "$input", local={"input": "out * (1 - out)"}, value="sigmoid(input)"),
    Row("logsigmoid log_sigmoid", "$input", local={"input": "sigmoid(-input)"}, value="log(sigmoid(input))"),
    Row(
        "silu",
        "$input inplace=False",
        local={"input": "sigmoid(input) * (1 + input * (1 - sigmoid(input)))"},
        value="input * sigmoid(input)",
    ),
    Row(
        "gelu",
        "$input approximate='none'",
        local={"input": "Phi(input) + input * phi(input)"},
        value="input * Phi(input)",
        when=lambda bound: bound.value("approximate") == "none",
    ),
    Row(
        "gelu",
        "$input approximate",
        local={
            "input": "(1 + tanh(u)) / 2 + input * (1 - tanh(u) ** 2) * sqrt(2 / pi) * (1 + 0.134145 * input**2) / 2"
        },
        value="input * (1 + tanh(u)) / 2",
        lets={"u": "sqrt(2 / pi) * (input + 0.044715 * input**3)"},
        when=lambda bound: bound.value("approximate") == "tanh",
    ),
    Row(
        "softplus",
        "$input beta=1 threshold=20",
        local={"input": "where(beta * input > threshold, 1, sigmoid(beta * input))"},
    ),
    Row("softsign", "$input", local={"input": "1 / (1 + abs(input)) ** 2"}, value="input / (1 + abs(input))"),
    Row(
        "mish",
        "$input inplace=False",
        local={"input": "t + input * (1 - t**2) * sigmoid(input)"},
        value="input * t",
        lets={"t": "tanh(log(1 + exp(input)))"},
    ),
    Row(
        "hardsigmoid",
        "$input inplace=False",
        local={"input": "between(-3, input, 3) / 6"},
    ),
    Row(
        "hardswish",
        "$input inplace=False",
        local={"input": "where(input < -3, 0, where(input > 3, 1, input / 3 + 0.5))"},
    ),
    Row(
        "softmax _softmax",
        "$input dim *_",
        vjp={"input": _SOFTMAX},
        jacobian={"input": lambda bound, _: "diag(out) - outer(out, out)" if _is_vector(bound) else ""},
        value="softmax(input, dim)",
        when=lambda bound: isinstance(bound.value("dim"), int),
    ),
    Row(
        "log_softmax _log_softmax",
        "$input dim *_",
        vjp={"input": "grad - exp(out) * sum(grad, dim)"},
        value="log_softmax(input, dim)",
        when=lambda bound: isinstance(bound.value("dim"), int),
    ),
    Row(
        "glu",
        "$input dim=-1",
        vjp={"input": "join_parts(grad * sigmoid(b), grad * a * sigmoid(b) * (1 - sigmoid(b)), dim)"},
        value="a * sigmoid(b)",
        lets={"a": "half(input, 0, dim)", "b": "half(input, 1, dim)"},
    ),
    Row(
        "dropout dropout1d dropout2d dropout3d",
        "$input p=0.5 training=True inplace=False",
        local={"input": "kept(out) / (1 - p)"},
        value="input * kept(out) / (1 - p)",
        when=lambda bound: bound.value("training") is True and bound.value("p") not in (0, 1),
    ),
    Row(
        "dropout dropout1d dropout2d dropout3d",
        "$input p=0.5 training=True inplace=False",
        local={"input": "1"},
        value="input",
        when=lambda bound: bound.value("training") is False or bound.value("p") == 0,
    ),
)
