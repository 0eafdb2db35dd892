"""Attention: out = P @ V with P = softmax(Q @ K.mT · scale)."""

from __future__ import annotations

from gradstep.formulas.row import Bound, Row


def _scaled(product: str, bound: Bound) -> str:
    return f"({product}) / sqrt({bound.shape('query')[-1]})" if bound.value("scale") is None else f"scale * ({product})"


def _plain(bound: Bound) -> bool:
    same = bound.shape("query")[:-2] == bound.shape("key")[:-2] == bound.shape("value")[:-2]
    return bound.value("dropout_p") in (0, 0.0) and bound.value("enable_gqa") is False and same


def _row(scores: str, given: bool, *, causal: bool, masked: bool) -> Row:
    return Row(
        "scaled_dot_product_attention",
        "$query $key $value $attn_mask=None dropout_p=0.0 is_causal=False scale=None enable_gqa=False",
        vjp={
            "query": lambda bound, _: _scaled("S @ key", bound),
            "key": lambda bound, _: _scaled("T(S) @ query", bound),
            "value": "T(P) @ grad",
            "attn_mask": "sum_to(S, attn_mask)",
        },
        lets={
            "P": f"softmax({scores}, -1)",
            "S": "P * (grad @ T(value) - sum(P * (grad @ T(value)), -1))",
        },
        constants=lambda bound: {"width": bound.shape("query")[-1]},
        when=lambda bound: (
            _plain(bound)
            and bound.value("is_causal") is causal
            and bound.has("attn_mask") is masked
            and (bound.value("scale") is not None) is given
        ),
    )


ROWS = tuple(
    _row(shape.format(scores), given, causal=causal, masked=masked)
    for scores, given in (("query @ T(key) / sqrt(width)", False), ("scale * (query @ T(key))", True))
    for shape, causal, masked in (
        ("{}", False, False),
        ("causal({})", True, False),
        ("masked({}, attn_mask)", False, True),
    )
)
