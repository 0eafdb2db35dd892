"""The functions that expressions of the table may call: how each is written, and the shape of what it gives."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType


class Level(IntEnum):
    """How tightly an expression holds together."""

    TEXT = 0
    """`1 if x > 0, else 0.01`"""
    SUM = 1
    """`a + b`, `−a`"""
    PRODUCT = 2
    """`a·b`, `a * b`, `a / b`"""
    MATRIX = 3
    """`A @ B`"""
    POWER = 4
    """`x²`, `W.T`"""
    ATOM = 5
    """`x`, `tanh(x)`"""


@dataclass(frozen=True, slots=True)
class Word:
    """How a call of that function is written."""

    template: str
    """With `{0}`, `{1}` for its arguments."""
    level: Level = Level.ATOM
    """Of what the template gives."""
    inner: Level = Level.TEXT
    """Arguments of a lower level are put in parentheses."""
    like: int | None = None
    """The argument whose shape the result has."""
    elementwise: bool = False
    """The result has the shape that its arguments broadcast to."""


def _function(name: str) -> Word:
    return Word(f"{name}({{0}})", elementwise=True)


WORDS = MappingProxyType(
    {
        # elementwise
        **{
            name: _function(name)
            for name in "exp log log2 log10 sin cos tan sinh cosh tanh sign asin acos atan".split()
        },
        "erf": _function("erf"),
        "sigmoid": _function("σ"),
        "Phi": _function("Φ"),
        "phi": _function("φ"),
        "sqrt": Word("√{0}", Level.POWER, Level.ATOM, elementwise=True),
        "abs": Word("|{0}|", elementwise=True),
        "max2": Word("max({0}, {1})", elementwise=True),
        "min2": Word("min({0}, {1})", elementwise=True),
        "where": Word("{1} if {0}, else {2}", Level.TEXT, Level.SUM, elementwise=True),
        "between": Word("[{0} < {1} < {2}]", elementwise=True),
        "within": Word("[{0} ≤ {1} ≤ {2}]", elementwise=True),
        "truth": Word("[{0}]", elementwise=True),
        "no": Word("[not {0}]", elementwise=True),
        # axes
        "T": Word("{0}.{transposed}", Level.POWER, Level.ATOM),
        "outer": Word("outer({0}, {1})"),
        "sum": Word("Σ{axes} {0}", Level.PRODUCT, Level.PRODUCT),
        "sum_to": Word("Σ{axes} {0}", Level.PRODUCT, Level.PRODUCT, like=1),
        "sum_channel": Word("Σ{axes} {0}", Level.PRODUCT, Level.PRODUCT, like=1),
        "mean": Word("mean{axes}({0})"),
        "var": Word("var{axes}({0})"),
        "norm": Word("||{0}||{axes}"),
        "softmax": Word("softmax{axes}({0})", like=0),
        "log_softmax": Word("log softmax{axes}({0})", like=0),
        "group_mean": Word("mean in group({0})", like=0),
        "group_var": Word("var in group({0})", like=0),
        "channel": Word("{0}", Level.ATOM, Level.ATOM),
        "count": Word("Σ{axes} {0}", Level.PRODUCT, Level.PRODUCT),
        # repeated, moved, put back
        "spread": Word("{0}", like=1),
        "along": Word("{0}", Level.ATOM, Level.ATOM, like=1),
        "reshape": Word("{0} as {shape}", Level.TEXT, Level.PRODUCT, like=1),
        "permute": Word("{0} with axes in order {1}", Level.TEXT, Level.ATOM),
        "part": Word("{0}{slice}", Level.POWER, Level.ATOM),
        "layer": Word("{0}{slice}", Level.POWER, Level.ATOM),
        "half": Word("half {1} of {0}", Level.TEXT, Level.ATOM),
        "join_parts": Word("cat({0}, {1})"),
        "join": Word("cat(δ₁, δ₂, …)"),
        "join_new": Word("stack(δ₁, δ₂, …)"),
        "fold": Word("Σ over the copies of {0}", Level.TEXT, Level.ATOM, like=1),
        "fold_nearest": Word("Σ over the copies of {0}", Level.TEXT, Level.ATOM, like=1),
        "crop": Word("{0} without the padding", Level.TEXT, Level.ATOM),
        "flip": Word("flip({0})", like=0),
        "rolled": Word("roll({0}, −{1})", like=0),
        "tril": Word("tril({0})", like=0),
        "triu": Word("triu({0})", like=0),
        "diag": Word("diag({0})"),
        "diagonal": Word("diagonal of {0}", Level.TEXT, Level.ATOM),
        "eye": Word("I", like=0),
        "inverse": Word("inv({0})", like=0),
        "pixel_shuffle": Word("pixel_shuffle({0}, {1})"),
        "pixel_unshuffle": Word("pixel_unshuffle({0}, {1})"),
        "put_back": Word("{0} at {2}, 0 elsewhere", Level.TEXT, Level.ATOM, like=1),
        "put_layer": Word("{0} at {3} of axis {2}, 0 elsewhere", Level.TEXT, Level.ATOM, like=1),
        "put_part": Word("{0} from {3} of axis {2} on, 0 elsewhere", Level.TEXT, Level.ATOM, like=1),
        "put_masked": Word("{0} where {1}, 0 elsewhere", Level.TEXT, Level.ATOM, like=2),
        "put_rows": Word("Σ of the {0} that were taken from each place of axis {3}", Level.TEXT, Level.ATOM, like=2),
        "put_rows_of": Word("Σ of the {0} of each row's uses", Level.TEXT, Level.POWER, like=2),
        "scatter_sum": Word("Σ of the {0} that were taken from each place", Level.TEXT, Level.ATOM, like=2),
        "taken": Word("{0} gathered at {1}", Level.TEXT, Level.ATOM, like=1),
        "taken_rows": Word("{0}[{1}]", Level.POWER, Level.ATOM),
        "outside": Word("[{0} ≠ {1}]"),
        # choices
        "first": Word("[first {kind}{axes} of {0}]", like=0),
        "kept": Word("[kept]", like=0),
        "onehot": Word("onehot({0})", like=1),
        "of_class": Word("{0}[{1}]", Level.POWER, Level.ATOM, like=1),
        "from_here": Word("Σ{axes} {0} from each place on", Level.TEXT, Level.ATOM, like=0),
        "nonzero": Word("{0}, for {1} ≠ 0", Level.TEXT, Level.PRODUCT, like=0),
        # layers
        "einsum": Word("einsum({0}, {rest})"),
        "correlate": Word("conv({0}, {1})", like=2),
        "correlate_back": Word("conv_transpose({0}, {1})", like=2),
        "correlate_weight": Word("conv({0}, {1})", like=2),
        "at_window_maximum": Word("{0} at the maximum of each window, 0 elsewhere", Level.TEXT, Level.ATOM, like=1),
        "at_cell_maximum": Word("{0} at the maximum of each cell, 0 elsewhere", Level.TEXT, Level.ATOM, like=1),
        "over_windows": Word("Σ over its windows of {0}", Level.PRODUCT, Level.ATOM, like=1),
        "over_cells": Word("{0}", like=1),
        "causal": Word("causal({0})", like=0),
        "masked": Word("masked({0}, {1})", like=0),
        "gates": Word("δ at the gates, carried back through time", Level.TEXT),
        "cell_gates": Word("δ at the gates", Level.TEXT),
        "at_start": Word("{0}[t=1]", Level.ATOM, Level.ATOM),
        "first_cell": Word("δ at the first cell, carried back through time", Level.TEXT),
        "cell_before": Word("δ at the new cell * forget gate", Level.TEXT),
        "before": Word("h[t−1]"),
    }
)
"""Every function by name. The writer fills in `{axes}`, `{shape}`, `{slice}`, `{rest}`, `{kind}` and `{transposed}`."""

LETTERS = MappingProxyType(
    {
        "grad": "δ",
        "out": "out",
        "grads": "δ",
        "input": "x",
        "other": "y",
        "weight": "W",
        "bias": "b",
        "target": "t",
        "exponent": "p",
        "condition": "c",
        "mask": "m",
        "index": "i",
        "query": "Q",
        "key": "K",
        "value": "V",
        "mat1": "A",
        "mat2": "B",
        "batch1": "A",
        "batch2": "B",
        "vec": "v",
        "tensor1": "a",
        "tensor2": "b",
        "end": "y",
        "input1": "x",
        "input2": "y",
        "attn_mask": "M",
        "hx_0": "h",
        "hx_1": "c",
        "w_ih": "W_ih",
        "w_hh": "W_hh",
        "params_0": "W_ih",
        "params_1": "W_hh",
        "params_2": "b_ih",
        "params_3": "b_hh",
        "x1": "x",
        "x2": "y",
        "vec2": "y",
        "mat": "A",
        "running_mean": "μ",
        "running_var": "v",
        "sigma": "σ",
        "xhat": "x̂",
        "da": "δa",
        "pi": "π",
    }
)
"""What a tensor is called that the user has no name for, by its parameter."""
