"""Normalisation by layer, batch, group, instance and root mean square.

All have one shape: with x̂ the normalised input and g = δ * W, the input gets
(g − mean(g) − x̂ * mean(g * x̂)) / σ, the means taken where those of the input were.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gradstep.formulas.row import Bound, Row

_STATISTICS = "$running_mean=None $running_var=None $weight=None $bias=None"


def _last_axes(bound: Bound) -> Mapping[str, object]:
    shape = bound.value("normalized_shape")
    count = len(shape) if isinstance(shape, tuple) else 1
    return {"axes": tuple(range(bound.rank("input") - count, bound.rank("input")))}


def _all_but_channel(bound: Bound) -> Mapping[str, object]:
    return {"axes": tuple(axis for axis in range(bound.rank("input")) if axis != 1)}


def _places(bound: Bound) -> Mapping[str, object]:
    return {"axes": tuple(range(2, bound.rank("input")))}


def _row(
    ops: str,
    parameters: str,
    axes: Callable[[Bound], Mapping[str, object]],
    *,
    weighted: bool,
    by_channel: bool,
    when: Callable[[Bound], bool] = lambda _: True,
    mean: str = "mean({}, axes)",
    var: str = "var(input, axes)",
) -> Row:
    """One whose statistics are those of the input, with or without a weight."""
    weight = "channel(weight, input)" if by_channel else "weight"
    summed = "sum_channel({}, {})" if by_channel else "sum_to({}, {})"
    centre, slope = mean.format("g"), mean.format("g * xhat")
    return Row(
        ops,
        parameters,
        vjp={
            "input": f"(g - {centre} - xhat * {slope}) / sigma",
            "weight": summed.format("grad * xhat", "weight"),
            "bias": summed.format("grad", "bias"),
        },
        lets={
            "sigma": f"sqrt({var} + eps)",
            "xhat": f"(input - {mean.format('input')}) / sigma",
            "g": f"grad * {weight}" if weighted else "grad",
        },
        constants=axes,
        when=lambda bound: bound.has("weight") == weighted and when(bound),
    )


def _frozen(weighted: bool) -> Row:
    """Batch norm in evaluation: the statistics are constants."""
    return Row(
        "batch_norm",
        f"$input {_STATISTICS} training=False momentum=0.1 eps=1e-05",
        vjp={
            "input": f"grad * {'channel(weight, input) / sigma' if weighted else '1 / sigma'}",
            "weight": "sum_channel(grad * (input - channel(running_mean, input)) / sigma, weight)",
            "bias": "sum_channel(grad, bias)",
        },
        lets={"sigma": "sqrt(channel(running_var, input) + eps)"},
        when=lambda bound: (
            bound.value("training") is False and bound.has("weight") == weighted and bound.has("running_mean")
        ),
    )


def _rms(weighted: bool) -> Row:
    return Row(
        "rms_norm",
        "$input normalized_shape $weight=None eps=None",
        vjp={"input": "(g - xhat * mean(g * xhat, axes)) / sigma", "weight": "sum_to(grad * xhat, weight)"},
        lets={
            "sigma": "sqrt(mean(input**2, axes) + eps)",
            "xhat": "input / sigma",
            "g": "grad * weight" if weighted else "grad",
        },
        constants=lambda bound: {**_last_axes(bound), "eps": bound.value("eps") or _EPSILON[bound.output.dtype]},
        when=lambda bound: bound.has("weight") == weighted and bound.output.dtype in _EPSILON,
    )


_EPSILON = {"float64": 2.0**-52, "float32": 2.0**-23, "bfloat16": 2.0**-7, "float16": 2.0**-10}
"""What `rms_norm` adds where none is given: the precision of the type."""


def _rows(weighted: bool) -> tuple[Row, ...]:
    return (
        _row(
            "layer_norm",
            "$input normalized_shape $weight=None $bias=None eps=1e-05 *_",
            _last_axes,
            weighted=weighted,
            by_channel=False,
        ),
        _row(
            "batch_norm",
            f"$input {_STATISTICS} training=False momentum=0.1 eps=1e-05",
            _all_but_channel,
            weighted=weighted,
            by_channel=True,
            when=lambda bound: bound.value("training") is True,
        ),
        _row(
            "instance_norm",
            f"$input {_STATISTICS} use_input_stats=True momentum=0.1 eps=1e-05",
            _places,
            weighted=weighted,
            by_channel=True,
            when=lambda bound: bound.value("use_input_stats") is True and bound.rank("input") > 2,
        ),
        _row(
            "group_norm",
            "$input num_groups $weight=None $bias=None eps=1e-05 *_",
            lambda _: {},
            weighted=weighted,
            by_channel=True,
            mean="group_mean({}, num_groups)",
            var="group_var(input, num_groups)",
        ),
        _frozen(weighted),
        _rms(weighted),
    )


ROWS = (*_rows(True), *_rows(False))
