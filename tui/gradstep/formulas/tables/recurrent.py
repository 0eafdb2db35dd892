"""Recurrent layers. δa is the gradient at the gates, before their functions, carried back through time."""

from __future__ import annotations

from gradstep.formulas.row import Bound, Row

_WEIGHTS = "input, hx_0, hx_1, params_0, params_1, params_2, params_3"
_CELL = "input, hx_0, hx_1, w_ih, w_hh, b_ih, b_hh"


def _one_layer(bound: Bound) -> bool:
    return (
        bound.count("params") == 4
        and bound.count("hx") == 2
        and bound.value("num_layers") == 1
        and bound.value("bidirectional") is False
        and bound.rank("input") == 3
    )


ROWS = (
    Row(
        "lstm",
        "$input $hx $params has_biases num_layers dropout train bidirectional batch_first=False",
        vjp={
            "input": "da @ params_0",
            "hx_0": "at_start(da, batch_first) @ params_1",
            "hx_1": f"first_cell(batch_first, grads, {_WEIGHTS})",
            "params_0": "sum_to(T(da) @ input, params_0)",
            "params_1": "sum_to(T(da) @ before(out, hx_0, batch_first), params_1)",
            "params_2": "sum_to(da, params_2)",
            "params_3": "sum_to(da, params_3)",
        },
        lets={"da": f"gates(batch_first, grads, {_WEIGHTS})"},
        when=_one_layer,
    ),
    Row(
        "lstm_cell",
        "$input $hx $w_ih $w_hh $b_ih=None $b_hh=None",
        vjp={
            "input": "da @ w_ih",
            "hx_0": "da @ w_hh",
            "hx_1": f"cell_before(grads, {_CELL})",
            "w_ih": "T(da) @ input",
            "w_hh": "T(da) @ hx_0",
            "b_ih": "sum_to(da, b_ih)",
            "b_hh": "sum_to(da, b_hh)",
        },
        lets={"da": f"cell_gates(grads, {_CELL})"},
        when=lambda bound: bound.has("b_ih", "b_hh") and bound.rank("input") == 2,
    ),
)
