"""Losses: for each the derivative of one element, then what the reduction makes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gradstep.formulas.row import Bound, Row

_OLD = "size_average=None reduce=None"
_REDUCTIONS = ("mean", "sum", "none")


def _elements(
    ops: str,
    parameters: str,
    input_: str,
    target: str = "",
    value: str = "",
    when: Callable[[Bound], bool] = lambda _: True,
    lets: Mapping[str, str] | None = None,
) -> tuple[Row, ...]:
    """A row for each reduction of a loss of elements, given the derivative of an element."""

    def row(reduction: str) -> Row:
        scale = " / size(input)" if reduction == "mean" else ""
        texts = {"input": input_, "target": target} if target else {"input": input_}
        reduced = {"mean": f"mean({value})", "sum": f"sum({value})", "none": value}[reduction] if value else ""
        return Row(
            ops,
            f"$input $target {parameters} reduction='mean'",
            local={key: text for key, text in texts.items() if reduction == "none"},
            vjp={key: f"grad * ({text}){scale}" for key, text in texts.items() if reduction != "none"},
            value=reduced,
            lets=lets or {},
            when=lambda bound: (
                bound.value("reduction") == reduction and bound.shape("input") == bound.shape("target") and when(bound)
            ),
        )

    return tuple(row(reduction) for reduction in _REDUCTIONS)


def _plain_classes(bound: Bound) -> bool:
    """Class indices as targets, one for each place of the input without its class axis."""
    shape, target = bound.shape("input"), bound.tensors["target"]
    axis = min(1, len(shape) - 1)
    return bool(shape) and target.shape == shape[:axis] + shape[axis + 1 :] and "int" in target.dtype


def _probabilities(bound: Bound) -> bool:
    return bound.rank("input") >= 1 and bound.shape("input") == bound.shape("target")


def _class_axis(bound: Bound) -> Mapping[str, object]:
    axis = min(1, bound.rank("input") - 1)
    return {"classes": axis, "number": bound.shape("input")[axis] if bound.rank("input") else 1}


def _scaled(local: str) -> Callable[[Bound, str], str]:
    """The derivative by one place's scores, with what the reduction and the ignored targets make of it."""

    def text(bound: Bound, _: str) -> str:
        lowest, ignored = bound.tensors["target"].smallest, bound.value("ignore_index")
        none_ignored = lowest is not None and isinstance(ignored, int) and lowest > ignored
        counted = local if none_ignored else f"({local}) * along(target != ignore_index, input)"
        reduction = bound.value("reduction")
        if reduction == "mean":
            return f"grad * ({counted}) / {'size(target)' if none_ignored else 'count(target != ignore_index)'}"
        return f"grad * ({counted})" if reduction == "sum" else f"along(grad, input) * ({counted})"

    return text


def _entropy(bound: Bound, place: str) -> str:
    onehot = "onehot(target, input)"
    if bound.value("label_smoothing"):
        onehot = f"((1 - label_smoothing) * {onehot} + label_smoothing / number)"
    return _scaled(f"softmax(input, classes) - {onehot}")(bound, place)


def _weighted(local: str) -> Callable[[Bound, str], str]:
    """The same with a weight for each class, where none is ignored: the mean is over the weights."""

    def text(bound: Bound, _: str) -> str:
        weighted = f"along(of_class(weight, target), input) * ({local})"
        reduction = bound.value("reduction")
        if reduction == "mean":
            return f"grad * {weighted} / sum(of_class(weight, target))"
        return f"grad * {weighted}" if reduction == "sum" else f"along(grad, input) * {weighted}"

    return text


def _weighted_classes(bound: Bound) -> bool:
    lowest, ignored = bound.tensors["target"].smallest, bound.value("ignore_index")
    some_ignored = lowest is not None and isinstance(ignored, int) and lowest <= ignored
    return bound.has("weight") and not some_ignored and _plain_classes(bound) and not bound.value("label_smoothing")


def _mean_of_places(local: str) -> Callable[[Bound, str], str]:
    def text(bound: Bound, _: str) -> str:
        match bound.value("reduction"):
            case "mean":
                return f"grad * ({local}) / {_size(bound) // bound.shape('input')[min(1, bound.rank('input') - 1)]}"
            case "sum":
                return f"grad * ({local})"
        return f"along(grad, input) * ({local})"

    return text


def _size(bound: Bound) -> int:
    size = 1
    for length in bound.shape("input"):
        size *= length
    return size


def _divergence(local: str) -> Callable[[Bound, str], str]:
    def text(bound: Bound, _: str) -> str:
        by = {"mean": " / size(input)", "batchmean": " / size(input, 0)"}.get(str(bound.value("reduction")), "")
        return f"grad * ({local}){by}"

    return text


_CLASSES = f"$input $target weight=None {_OLD.split(maxsplit=1)[0]} ignore_index=-100 reduce=None reduction='mean'"
_WEIGHTED = _CLASSES.replace("weight", "$weight")
_KL = f"$input $target {_OLD} reduction='mean' log_target=False"

ROWS = (
    *_elements("mse_loss", _OLD, "2 * (input - target)", "-2 * (input - target)", "(input - target)**2"),
    *_elements("l1_loss", _OLD, "sign(input - target)", "-sign(input - target)", "abs(input - target)"),
    Row(
        "smooth_l1_loss",
        f"$input $target {_OLD} reduction='mean' beta=1.0",
        vjp={
            "input": _divergence("where(abs(d) < beta, d / beta, sign(d))"),
            "target": _divergence("-where(abs(d) < beta, d / beta, sign(d))"),
        },
        lets={"d": "input - target"},
        when=_probabilities,
    ),
    Row(
        "huber_loss",
        "$input $target reduction='mean' delta=1.0",
        vjp={
            "input": _divergence("where(abs(d) < delta, d, delta * sign(d))"),
            "target": _divergence("-where(abs(d) < delta, d, delta * sign(d))"),
        },
        lets={"d": "input - target"},
        when=_probabilities,
    ),
    *_elements(
        "binary_cross_entropy",
        f"weight=None {_OLD}",
        "(input - target) / (input * (1 - input))",
        "log(1 - input) - log(input)",
    ),
    *_elements(
        "binary_cross_entropy_with_logits",
        f"weight=None {_OLD}",
        "sigmoid(input) - target",
        "-input",
    ),
    *_elements(
        "poisson_nll_loss",
        "log_input=True full=False size_average=None eps=1e-08 reduce=None",
        "exp(input) - target",
        when=lambda bound: bound.value("log_input") is True and bound.value("full") is False,
    ),
    Row(
        "kl_div",
        _KL,
        vjp={"input": _divergence("-target"), "target": _divergence("log(target) + 1 - input")},
        when=lambda bound: bound.value("log_target") is False and _probabilities(bound),
    ),
    Row(
        "kl_div",
        _KL,
        vjp={
            "input": _divergence("-exp(target)"),
            "target": _divergence("exp(target) * (target + 1 - input)"),
        },
        when=lambda bound: bound.value("log_target") is True and _probabilities(bound),
    ),
    Row(
        "cross_entropy cross_entropy_loss",
        f"{_CLASSES} label_smoothing=0.0",
        vjp={"input": _entropy},
        constants=_class_axis,
        when=_plain_classes,
    ),
    Row(
        "cross_entropy cross_entropy_loss",
        f"{_CLASSES} label_smoothing=0.0",
        vjp={
            "input": _mean_of_places("softmax(input, classes) * sum(target, classes) - target"),
            "target": _mean_of_places("-log_softmax(input, classes)"),
        },
        constants=_class_axis,
        when=lambda bound: _probabilities(bound) and not bound.value("label_smoothing"),
    ),
    Row("nll_loss", _CLASSES, vjp={"input": _scaled("-onehot(target, input)")}, when=_plain_classes),
    Row(
        "cross_entropy cross_entropy_loss",
        f"{_WEIGHTED} label_smoothing=0.0",
        vjp={"input": _weighted("softmax(input, classes) - onehot(target, input)")},
        constants=_class_axis,
        when=_weighted_classes,
    ),
    Row("nll_loss", _WEIGHTED, vjp={"input": _weighted("-onehot(target, input)")}, when=_weighted_classes),
    Row(
        "cosine_similarity",
        "$x1 $x2 dim=1 eps=1e-08",
        vjp={
            "x1": "spread(grad, x1, dim) * (x2 / norm(x2, dim) - spread(out, x1, dim) * x1 / norm(x1, dim))"
            " / norm(x1, dim)",
            "x2": "spread(grad, x2, dim) * (x1 / norm(x1, dim) - spread(out, x2, dim) * x2 / norm(x2, dim))"
            " / norm(x2, dim)",
        },
        when=lambda bound: bound.shape("x1") == bound.shape("x2"),
    ),
)
