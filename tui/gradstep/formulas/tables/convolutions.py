"""Convolutions, which PyTorch computes as correlations (`conv(x, W)`), and pooling."""

from __future__ import annotations

import math
from collections.abc import Mapping

from gradstep.formulas.row import Bound, Row

_PARAMETERS = "$input $weight $bias=None stride=1 padding=0 dilation=1 groups=1"
_TRANSPOSED = "$input $weight $bias=None stride=1 padding=0 output_padding=0 groups=1 dilation=1"
_SETTINGS = "stride, padding, dilation, groups"
_POOL = "$input kernel_size stride=None padding=0 dilation=1 ceil_mode=False return_indices=False"


def _ratio(bound: Bound, axes: int) -> Mapping[str, object]:
    """How many elements of the input an element of the result is made of."""
    pairs = zip(bound.shape("input")[-axes:], bound.output.shape[-axes:], strict=True)
    return {"cell": math.prod(size // cells for size, cells in pairs)}


def _window(bound: Bound, axes: int) -> Mapping[str, object]:
    size = bound.value("kernel_size")
    sizes = size if isinstance(size, tuple) else (size,)
    return {"window": math.prod(sizes if len(sizes) > 1 else sizes * axes)}


def _even(bound: Bound, axes: int) -> bool:
    pairs = zip(bound.shape("input")[-axes:], bound.output.shape[-axes:], strict=True)
    return all(size % cells == 0 for size, cells in pairs)


def _convolution(axes: int) -> tuple[Row, Row]:
    """`conv1d` to `conv3d` and their transposes; with a batch axis."""

    def batched(bound: Bound) -> bool:
        return bound.rank("input") == axes + 2

    return (
        Row(
            f"conv{axes}d",
            _PARAMETERS,
            vjp={
                "input": f"correlate_back(grad, weight, input, {_SETTINGS})",
                "weight": f"correlate_weight(input, grad, weight, {_SETTINGS})",
                "bias": "sum_channel(grad, bias)",
            },
            when=batched,
        ),
        Row(
            f"conv_transpose{axes}d",
            _TRANSPOSED,
            vjp={
                "input": f"correlate(grad, weight, input, {_SETTINGS})",
                "weight": f"correlate_weight(grad, input, weight, {_SETTINGS})",
                "bias": "sum_channel(grad, bias)",
            },
            when=lambda bound: batched(bound) and isinstance(bound.value("padding"), int | tuple),
        ),
    )


def _pooling(axes: int) -> tuple[Row, ...]:
    """Maximum and mean, over windows and over the cells that divide the input evenly."""
    return (
        Row(
            f"max_pool{axes}d max_pool{axes}d_with_indices",
            _POOL,
            vjp={"input": "at_window_maximum(grad, input, kernel_size, stride, padding, dilation)"},
            when=lambda bound: bound.value("ceil_mode") is False and bound.rank("input") == axes + 2,
        ),
        Row(
            f"avg_pool{axes}d",
            "$input kernel_size stride=None padding=0 ceil_mode=False count_include_pad=True divisor_override=None",
            vjp={"input": "over_windows(grad, input, kernel_size, stride, padding) / window"},
            constants=lambda bound: _window(bound, axes),
            when=lambda bound: (
                bound.value("ceil_mode") is False
                and bound.value("count_include_pad") is True
                and bound.value("divisor_override") is None
                and bound.rank("input") == axes + 2
            ),
        ),
        Row(
            f"adaptive_avg_pool{axes}d",
            "$input output_size",
            vjp={"input": "over_cells(grad, input) / cell"},
            constants=lambda bound: _ratio(bound, axes),
            when=lambda bound: _even(bound, axes),
        ),
        Row(
            f"adaptive_max_pool{axes}d",
            "$input output_size return_indices=False",
            vjp={"input": "at_cell_maximum(grad, input)"},
            when=lambda bound: _even(bound, axes) and bound.rank("input") == axes + 2,
        ),
    )


ROWS = (
    *_convolution(1),
    *_convolution(2),
    *_convolution(3),
    *(row for axes in (1, 2, 3) for row in _pooling(axes)),
)
