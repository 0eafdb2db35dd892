"""Sums, means, extremes, norms and running sums."""

from __future__ import annotations

from collections.abc import Mapping

from gradstep.formulas.row import Bound, Row

_DIM = "dim=None keepdim=False"


def _deviation(bound: Bound) -> Mapping[str, object]:
    """What the variance divides by: n less the correction."""
    correction = bound.value("correction")
    if correction is None:
        correction = 0 if bound.value("unbiased") is False else 1
    return {"correction": correction}


_TWO = (2, "fro", None)
_EUCLIDEAN = "spread(grad, input, dim) * input / spread(out, input, dim)"
_ABSOLUTE = "spread(grad, input, dim) * sign(input)"
_FREEDOM = "(size(input, dim) - correction)"
_CENTRED = "(input - mean(input, dim))"
_VAR = f"2 * {_CENTRED} / {_FREEDOM}"


def _extreme(ops: str, word: str) -> tuple[Row, ...]:
    """max and min: of all elements (ties share), along an axis (the first takes all), amax (ties share)."""
    share = "truth(input == out) / count(input == out)"
    return (
        Row(ops, "$input", vjp={"input": f"grad * {share}"}),
        Row(
            ops,
            "$input dim keepdim=False",
            vjp={"input": "spread(grad, input, dim) * first(input, '" + word + "', dim)"},
            when=lambda bound: isinstance(bound.value("dim"), int) and bound.rank("input") > 0,
        ),
        Row(
            f"a{ops}",
            "$input dim=() keepdim=False",
            vjp={
                "input": "spread(grad, input, dim) * truth(input == spread(out, input, dim))"
                " / count(input == spread(out, input, dim), dim)"
            },
        ),
    )


ROWS = (
    Row("sum", f"$input {_DIM} *_", vjp={"input": "spread(grad, input, dim)"}, linear=True),
    Row("nansum", "$input", vjp={"input": "grad * truth(input == input)"}),
    Row("mean", f"$input {_DIM} *_", vjp={"input": "spread(grad / size(input, dim), input, dim)"}),
    Row(
        "var",
        "$input dim=None unbiased=True keepdim=False correction=None",
        vjp={"input": f"spread(grad, input, dim) * {_VAR}"},
        constants=_deviation,
        when=lambda bound: not isinstance(bound.value("dim"), bool),
    ),
    Row(
        "std",
        "$input dim=None unbiased=True keepdim=False correction=None",
        vjp={"input": f"spread(grad, input, dim) * {_CENTRED} / ({_FREEDOM} * spread(out, input, dim))"},
        constants=_deviation,
        when=lambda bound: not isinstance(bound.value("dim"), bool),
    ),
    Row("norm", f"$input p='fro' {_DIM} *_", vjp={"input": _EUCLIDEAN}, when=lambda bound: bound.value("p") in _TWO),
    Row("norm", f"$input p {_DIM} *_", vjp={"input": _ABSOLUTE}, when=lambda bound: bound.value("p") == 1),
    Row(
        "linalg_vector_norm",
        f"$input ord=2 {_DIM}",
        vjp={"input": _EUCLIDEAN},
        when=lambda bound: bound.value("ord") == 2,
    ),
    Row(
        "linalg_vector_norm", f"$input ord {_DIM}", vjp={"input": _ABSOLUTE}, when=lambda bound: bound.value("ord") == 1
    ),
    Row(
        "linalg_norm",
        f"$input ord=None {_DIM}",
        vjp={"input": _EUCLIDEAN},
        when=lambda bound: (
            bound.value("ord") is None
            or (bound.value("ord") == 2 and (bound.rank("input") == 1 or isinstance(bound.value("dim"), int)))
        ),
    ),
    *_extreme("max", "max"),
    *_extreme("min", "min"),
    Row("logsumexp", "$input dim keepdim=False", vjp={"input": "spread(grad, input, dim) * softmax(input, dim)"}),
    Row(
        "prod",
        f"$input {_DIM} *_",
        vjp={"input": "nonzero(spread(grad, input, dim) * spread(out, input, dim) / input, input)"},
    ),
    Row("cumsum", "$input dim", vjp={"input": "from_here(grad, dim)"}),
    Row(
        "normalize",
        "$input p=2.0 dim=1 eps=1e-12",
        vjp={"input": "(grad - out * sum(grad * out, dim)) / norm(input, dim)"},
        value="input / norm(input, dim)",
        when=lambda bound: bound.value("p") == 2,
    ),
)
