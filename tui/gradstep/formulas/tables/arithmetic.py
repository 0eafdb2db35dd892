"""Sums, products, quotients and powers; also reversed (`1 - x`) and in place (`x -= 1`)."""

from __future__ import annotations

from gradstep.formulas.row import Row

_PAIR = "$input $other"


ROWS = (
    Row(
        "add __add__ __radd__ __iadd__",
        f"{_PAIR} alpha=1",
        local={"input": "1", "other": "alpha"},
        value="input + alpha * other",
    ),
    Row(
        "sub subtract __sub__ __isub__",
        f"{_PAIR} alpha=1",
        local={"input": "1", "other": "-alpha"},
        value="input - alpha * other",
    ),
    Row(
        "rsub __rsub__",
        f"{_PAIR} alpha=1",
        local={"input": "-alpha", "other": "1"},
        value="other - alpha * input",
    ),
    Row(
        "mul multiply __mul__ __rmul__ __imul__",
        _PAIR,
        local={"input": "other", "other": "input"},
        value="input * other",
    ),
    Row(
        "div divide true_divide __truediv__ __div__ __itruediv__ __idiv__",
        f"{_PAIR} rounding_mode=None",
        local={"input": "1 / other", "other": "-input / other**2"},
        value="input / other",
        when=lambda bound: bound.value("rounding_mode") is None,
    ),
    Row("__rdiv__ __rtruediv__", _PAIR, local={"input": "-other / input**2"}, value="other / input"),
    Row("neg negative __neg__", "$input", local={"input": "-1"}, value="-input"),
    Row("positive __pos__ clone", "$input", local={"input": "1"}, value="input", linear=True),
    Row(
        "pow __pow__ __ipow__ float_power",
        "$input exponent",
        local={"input": "exponent * input ** (exponent - 1)"},
        value="input**exponent",
    ),
    Row(
        "pow __pow__ __ipow__",
        "$input $exponent",
        local={"input": "exponent * input ** (exponent - 1)", "exponent": "out * log(input)"},
        value="input**exponent",
    ),
    Row("__rpow__", "$exponent $input", local={"exponent": "out * log(input)"}, value="input**exponent"),
    Row("square", "$input", local={"input": "2 * input"}, value="input**2"),
    Row("reciprocal", "$input", local={"input": "-(out**2)"}, value="1 / input"),
    Row(
        "addcmul",
        "$input $tensor1 $tensor2 value=1",
        local={"input": "1", "tensor1": "value * tensor2", "tensor2": "value * tensor1"},
        value="input + value * tensor1 * tensor2",
    ),
    Row(
        "addcdiv",
        "$input $tensor1 $tensor2 value=1",
        local={"input": "1", "tensor1": "value / tensor2", "tensor2": "-value * tensor1 / tensor2**2"},
        value="input + value * tensor1 / tensor2",
    ),
    Row(
        "lerp",
        "$input $end $weight",
        local={"input": "1 - weight", "end": "weight", "weight": "end - input"},
        value="input + weight * (end - input)",
    ),
    Row("fmod remainder __mod__", "$input other", local={"input": "1"}),
)
