"""NaN or Inf where it first appears: which op made it, of what, at which line."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gradstep.findings.reading import at_line
from gradstep.model.evidence import NotFinite
from gradstep.model.stop import Finding, Stop

_REMEDIES = {
    "log": "Keep its argument above 0: log(x + eps), x.clamp(min=eps), or a loss that takes logits.",
    "sqrt": "Its derivative at 0 is infinite: sqrt(x + eps).",
    "div": "Keep the divisor away from 0: add eps.",
    "exp": "Its result overflows: subtract the maximum first, or use logsumexp, softmax, log_softmax.",
    "softmax": "Do not mask all elements of a row: it has no sum to divide by.",
    "norm": "Its derivative at 0 is not defined: add eps, or use the squared norm.",
    "pow": "Keep its base away from where the power or its derivative is infinite: add eps.",
    "acos": "Beyond -1 and 1 it is not defined, and at them its derivative is infinite: clamp its argument inside.",
    "logit": "Keep its argument between 0 and 1: logit(x, eps=1e-6).",
    "std": "It divides by n - 1: of a single element that is 0 / 0. Use correction=0, or skip such a batch.",
    "mean": "The mean of no elements is 0 / 0: skip an empty selection.",
    "cross_entropy": "The mean over no targets is 0 / 0: all are ignored (ignore_index), or the batch is empty.",
}
_OF_NAN = {
    "pow": "A negative number has no fractional power: take its size, or clamp it at 0.",
    "mul": "0 times Inf is NaN: keep Inf out of the product, as torch.xlogy(x, y) does where x·log(y) is meant.",
    "sub": "Inf minus Inf is NaN: look for what made its inputs infinite.",
    "add": "Inf minus Inf is NaN: look for what made its inputs infinite.",
}
"""Where the op made NaN in the forward pass."""
_OVERFLOW = "float16 ends at 65,504: use bfloat16, or compute this in float32."
_GROWN = "Its inputs have grown until their sum overflows: a step was far too long, or the data are not normalised."
_ADAPTIVE = frozenset(("Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "NAdam", "RAdam", "Adamax"))
_TINY_EPS = "In float16 eps=1e-8 is 0, and it divides by 0: use eps=1e-4, or keep the weights in float32."
_SAME = {"log2": "log", "log10": "log", "truediv": "div", "true_divide": "div", "reciprocal": "div", "rsqrt": "sqrt",
         "linalg_norm": "norm", "vector_norm": "norm", "cdist": "norm", "scaled_dot_product_attention": "softmax",
         "__rtruediv__": "div", "__truediv__": "div", "rdiv": "div", "__pow__": "pow", "expm1": "exp",
         "asin": "acos", "atanh": "acos", "var": "std", "nanmean": "mean", "mse_loss": "mean", "l1_loss": "mean",
         "nll_loss": "cross_entropy", "__mul__": "mul", "__sub__": "sub", "rsub": "sub", "__rsub__": "sub",
         "__add__": "add"}  # fmt: skip
_IN_SOURCE = (
    (".std(", "std"), (".var(", "std"), ("log(", "log"), ("log2(", "log"), ("sqrt(", "sqrt"), ("exp(", "exp"),
    ("acos(", "acos"), ("asin(", "acos"), (".norm(", "norm"), (".mean(", "mean"), (" / ", "div"),
)  # fmt: skip
"""What stands in the line that made it, and the op that it is; the likeliest first."""
_ELSE = "Look at the inputs of that op; a smaller learning rate, or clipping, keeps numbers from growing that far."


def not_finite(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at the stop at which it first appears, and at no later one."""
    stop = stops[-1]
    found = stop.not_finite
    if found is None:
        return _unseen(stops) if stop.light else []
    evidence: dict[str, float | int | str] = {"what": found.what, "tensor": found.of, "count": found.count}
    for key, value in (("op", found.op), ("inputs", found.inputs), ("line", found.place.line)):
        if value:
            evidence[key] = value
    return [Finding("not-finite", "error", _message(found), _remedy(found), evidence)]


def _message(found: NotFinite) -> str:
    where = at_line(found.place)
    inputs = f" Its inputs: {found.inputs}." if found.inputs else ""
    if found.given:
        many = f"{found.count:,} of its elements are" if found.count > 1 else "1 of its elements is"
        of = f"A constant that {found.op} reads{where}" if found.of == "constant" and found.op else found.of
        where = "" if of != found.of else where
        text = f"{of} holds {found.what} ({many} not finite) before any op has read it{where}."
        return text + (f" It was made at {found.made.spot} ({found.made.text})." if found.made.spot else "")
    if found.backward:
        if not found.op:
            return f"{found.what} first appears in {found.of}: in backward, while the loss is finite."
        made = f"{found.what} first appears in backward through {found.op}{where}: a finite gradient came to it"
        return f"{made}, and what it hands on is {found.what}. It reaches {found.of}.{inputs}"
    of = f", in {found.of}" if found.of != found.op else ""
    op = "the update" if found.op == "update" else found.op
    return f"{found.what} first appears in {op}{where}{of}.{inputs}"


def _remedy(found: NotFinite) -> str:
    if found.given:
        known = next((_REMEDIES[name] for part, name in _IN_SOURCE if part in found.made.text), "")
        if known:
            return known
        made = " If it is computed: log(0) is -Inf, 0 / 0 and std() of one element are NaN." * (found.of == "constant")
        return f"Look at where it is loaded or made: torch.isfinite(...).all() tells.{made}"
    name = found.op if found.op.startswith("__") else found.op.rstrip("_")
    name = _SAME.get(name, name)
    if found.what == "Inf" and found.dtype == "float16":
        return _OVERFLOW
    if found.dtype == "float16" and found.op in _ADAPTIVE:
        return _TINY_EPS
    if found.what == "Inf" and not found.backward and name in ("mean", "sum", "cross_entropy"):
        return _GROWN
    if found.backward and found.chosen and name in _REMEDIES:
        return f"{_REMEDIES[name]} Do it before the op: where() after it lets 0 · Inf = NaN pass back."
    if not found.backward and (name in _OF_NAN or name == "pow"):
        return _OF_NAN.get(name, _ELSE) if found.what == "NaN" else _ELSE
    return _REMEDIES.get(name, _ELSE)


def _unseen(stops: Sequence[Stop]) -> list[Finding]:
    """The program ran through: only the loss is known."""
    loss = stops[-1].loss
    if stops[-1].phase != "forward" or loss is None or loss.value is None or math.isfinite(loss.value):
        return []
    before = next((item.loss for item in reversed(stops[:-1]) if item.phase == "forward" and item.loss), None)
    if before is not None and before.value is not None and not math.isfinite(before.value):
        return []
    what = "NaN" if math.isnan(loss.value) else "Inf"
    message = f"{loss.name} is {what} here for the first time; the program ran through, so that the op is not known."
    remedy = "Run it again and stop in this iteration: then the op that made it is found."
    return [Finding("not-finite", "error", message, remedy, {"what": what, "tensor": loss.name})]
