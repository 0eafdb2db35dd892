"""Functions of one number, and choices between two."""

from __future__ import annotations

from gradstep.formulas.row import Row


def _of_one(ops: str, value: str, local: str) -> Row:
    return Row(ops, "$input", local={"input": local}, value=value)


ROWS = (
    _of_one("exp", "exp(input)", "out"),
    _of_one("exp2", "2**input", "out * log(2)"),
    _of_one("expm1", "exp(input) - 1", "exp(input)"),
    _of_one("log", "log(input)", "1 / input"),
    _of_one("log2", "log2(input)", "1 / (input * log(2))"),
    _of_one("log10", "log10(input)", "1 / (input * log(10))"),
    _of_one("log1p", "log(1 + input)", "1 / (1 + input)"),
    _of_one("sqrt", "sqrt(input)", "1 / (2 * out)"),
    _of_one("rsqrt", "1 / sqrt(input)", "-(out**3) / 2"),
    _of_one("abs absolute __abs__", "abs(input)", "sign(input)"),
    _of_one("sin", "sin(input)", "cos(input)"),
    _of_one("cos", "cos(input)", "-sin(input)"),
    _of_one("tan", "tan(input)", "1 + out**2"),
    _of_one("sinh", "sinh(input)", "cosh(input)"),
    _of_one("cosh", "cosh(input)", "sinh(input)"),
    _of_one("asin arcsin", "asin(input)", "1 / sqrt(1 - input**2)"),
    _of_one("acos arccos", "acos(input)", "-1 / sqrt(1 - input**2)"),
    _of_one("atan arctan", "atan(input)", "1 / (1 + input**2)"),
    _of_one("erf", "erf(input)", "2 / sqrt(pi) * exp(-(input**2))"),
    _of_one("sign floor ceil round trunc", "", "0"),
    Row(
        "clamp clip",
        "$input min max",
        local={"input": "within(min, input, max)"},
        when=lambda bound: None not in (bound.value("min"), bound.value("max")) and not bound.has("min"),
    ),
    Row(
        "clamp clip",
        "$input min=None max=None",
        local={"input": "truth(input >= min)"},
        value="max2(input, min)",
        when=lambda bound: bound.value("max") is None,
    ),
    Row(
        "clamp clip",
        "$input min=None max=None",
        local={"input": "truth(input <= max)"},
        value="min2(input, max)",
        when=lambda bound: bound.value("min") is None,
    ),
    Row("clamp_min", "$input min", local={"input": "truth(input >= min)"}, value="max2(input, min)"),
    Row("clamp_max", "$input max", local={"input": "truth(input <= max)"}, value="min2(input, max)"),
    Row(
        "maximum max",
        "$input $other",
        local={
            "input": "truth(input > other) + truth(input == other) / 2",
            "other": "truth(other > input) + truth(input == other) / 2",
        },
        value="max2(input, other)",
        when=lambda bound: bound.has("input", "other"),
    ),
    Row(
        "minimum min",
        "$input $other",
        local={
            "input": "truth(input < other) + truth(input == other) / 2",
            "other": "truth(other < input) + truth(input == other) / 2",
        },
        value="min2(input, other)",
        when=lambda bound: bound.has("input", "other"),
    ),
    Row(
        "where",
        "$condition $input $other",
        local={"input": "truth(condition)", "other": "no(condition)"},
        value="where(condition, input, other)",
    ),
    Row(
        "masked_fill",
        "$input $mask $value",
        local={"input": "no(mask)", "value": "truth(mask)"},
        value="where(mask, value, input)",
    ),
    Row(
        "hypot",
        "$input $other",
        local={"input": "input / out", "other": "other / out"},
        value="sqrt(input**2 + other**2)",
    ),
    Row(
        "atan2 arctan2",
        "$input $other",
        local={"input": "other / (input**2 + other**2)", "other": "-input / (input**2 + other**2)"},
    ),
    Row("logaddexp", "$input $other", local={"input": "exp(input - out)", "other": "exp(other - out)"}),
)
