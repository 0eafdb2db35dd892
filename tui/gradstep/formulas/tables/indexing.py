"""Taking elements: δ goes back to the places they were taken from."""

from __future__ import annotations

from gradstep.formulas.row import Bound, Row


def _plain_padding(bound: Bound) -> bool:
    return bound.value("max_norm") is None and bound.value("scale_grad_by_freq") is False


ROWS = (
    Row("__getitem__", "$input $*at", vjp={"input": "put_back(grad, input, at)"}, linear=True),
    Row("select", "$input dim index", vjp={"input": "put_layer(grad, input, dim, index)"}, linear=True),
    Row("narrow", "$input dim start length", vjp={"input": "put_part(grad, input, dim, start)"}, linear=True),
    Row("gather", "$input dim $index *_", vjp={"input": "scatter_sum(grad, index, input, dim)"}, linear=True),
    Row("take_along_dim", "$input $index dim", vjp={"input": "scatter_sum(grad, index, input, dim)"}),
    Row("index_select", "$input dim $index", vjp={"input": "put_rows(grad, index, input, dim)"}, linear=True),
    Row("masked_select", "$input $mask", vjp={"input": "put_masked(grad, mask, input)"}),
    Row(
        "scatter_add",
        "$input dim $index $src",
        vjp={"input": "grad", "src": "taken(grad, index, dim)"},
        when=lambda bound: bound.shape("index") == bound.shape("src"),
    ),
    Row(
        "index_add",
        "$input dim $index $source alpha=1",
        vjp={"input": "grad", "source": "alpha * taken_rows(grad, index, dim)"},
    ),
    Row(
        "embedding",
        "$input $weight padding_idx=None max_norm=None norm_type=2.0 scale_grad_by_freq=False sparse=False",
        vjp={"weight": "put_rows_of(grad, input, weight)"},
        when=lambda bound: _plain_padding(bound) and bound.value("padding_idx") is None,
    ),
    Row(
        "embedding",
        "$input $weight padding_idx max_norm=None norm_type=2.0 scale_grad_by_freq=False sparse=False",
        vjp={"weight": "put_rows_of(grad * outside(input, padding_idx), input, weight)"},
        when=_plain_padding,
    ),
)
