"""Calls of the ops of the table that work on elements: numbers, vectors, batches, broadcasting, every setting."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

Case = tuple[str, Callable[[], Any]]


def leaf(*shape: int) -> Tensor:
    return torch.randn(shape, dtype=torch.float64, requires_grad=True)


def positive(*shape: int) -> Tensor:
    return (torch.rand(shape, dtype=torch.float64) * 0.8 + 0.1).requires_grad_()


def constant(*shape: int) -> Tensor:
    return torch.randn(shape, dtype=torch.float64)


def whole(high: int, *shape: int) -> Tensor:
    return torch.randint(high, shape)


def pairs() -> Iterator[tuple[Tensor, Tensor]]:
    """Operands that broadcast in every way."""
    for left, right in (((), ()), ((3,), (3,)), ((2, 3), (3,)), ((2, 3), ()), ((2, 1), (1, 3)), ((4, 2, 3), (2, 1))):
        yield leaf(*left), leaf(*right)


def each(label: str, function: Callable[[Tensor], Any], make: Callable[..., Tensor] = leaf) -> Iterator[Case]:
    """A function of one tensor on several shapes."""
    for shape in ((), (3,), (2, 3)):
        x = make(*shape)
        yield f"{label}-{len(shape)}d", partial(function, x)


def arithmetic() -> Iterator[Case]:
    for number, (a, b) in enumerate(pairs()):
        yield f"add-{number}", partial(lambda a, b: a + b, a, b)
        yield f"add-alpha-{number}", partial(lambda a, b: torch.add(a, b, alpha=3), a, b)
        yield f"sub-{number}", partial(lambda a, b: a - b, a, b)
        yield f"sub-alpha-{number}", partial(lambda a, b: torch.sub(a, b, alpha=2), a, b)
        yield f"rsub-{number}", partial(lambda a, b: torch.rsub(a, b, alpha=2), a, b)
        yield f"mul-{number}", partial(lambda a, b: a * b, a, b)
        yield f"div-{number}", partial(lambda a, b: a / b.abs().add(1), a, b)
        yield f"pow-{number}", partial(lambda a, b: a.exp() ** b, a, b)
        yield f"maximum-{number}", partial(torch.maximum, a, b)
        yield f"minimum-{number}", partial(torch.min, a, b)
        yield (
            f"where-{number}",
            partial(lambda a, b: torch.where((a + b).detach() > 0, a, b), a, b),
        )
        yield f"lerp-{number}", partial(lambda a, b: torch.lerp(a, b, 0.3), a, b)
        yield f"hypot-{number}", partial(torch.hypot, a, b)
        yield f"atan2-{number}", partial(torch.atan2, a, b)
        yield f"logaddexp-{number}", partial(torch.logaddexp, a, b)
    x, y, z = leaf(2, 3), leaf(2, 3), leaf(3)
    yield "where-number", lambda: torch.where(x > 0, x, 2.0)
    yield "where-number-first", lambda: torch.where(x > 0, 2.0, x)
    yield "tie", lambda: torch.maximum(x, x.detach().clone().requires_grad_())
    yield "tie-min", lambda: torch.minimum(x, x.detach().clone().requires_grad_())
    yield "lerp-tensor", lambda: torch.lerp(x, y, z)
    yield "addcmul", lambda: torch.addcmul(z, x, y, value=0.5)
    yield "addcdiv", lambda: torch.addcdiv(z, x, y.exp(), value=0.5)
    yield "masked_fill", lambda: x.masked_fill(x > 0, -9.0)
    yield "masked_fill-tensor", lambda: x.masked_fill(x > 0, leaf())
    yield "masked_fill_", lambda: x.clone().masked_fill_(x > 0, 3)
    for label, function in (
        ("add", lambda x: x + 1),
        ("radd", lambda x: 1 + x),
        ("rsub", lambda x: 1 - x),
        ("sub", lambda x: x - 2.5),
        ("rmul", lambda x: 2 * x),
        ("div", lambda x: x / 4),
        ("rdiv", lambda x: 2 / x),
        ("neg", lambda x: -x),
        ("positive", lambda x: +x),
        ("clone", lambda x: x.clone()),
        ("square", torch.square),
        ("pow2", lambda x: x**2),
        ("pow3", lambda x: torch.pow(x, 3)),
        ("pow0", lambda x: x**0),
        ("pow1", lambda x: x**1),
        ("reciprocal", torch.reciprocal),
        ("pow-half", lambda x: x**0.5),
        ("pow-minus", lambda x: x**-2),
        ("rpow", lambda x: 2**x),
        ("number-pow", lambda x: torch.pow(3.0, x)),
        ("remainder", lambda x: torch.remainder(x, 0.3)),
        ("add_", lambda x: x.clone().add_(1)),
        ("sub_", lambda x: x.clone().sub_(1, alpha=2)),
        ("mul_", lambda x: x.clone().mul_(3)),
        ("div_", lambda x: x.clone().div_(3)),
        ("pow_", lambda x: x.clone().pow_(3)),
        ("neg_", lambda x: x.clone().neg_()),
    ):
        yield from each(label, function, positive)


def elementary() -> Iterator[Case]:
    names = "exp exp2 expm1 log log2 log10 log1p sqrt rsqrt abs sin cos tan sinh cosh asin acos atan erf tanh sigmoid"
    for name in names.split():
        yield from each(name, getattr(torch, name), positive)
    for name in "abs sin tanh exp sign floor relu sigmoid".split():
        yield from each(f"{name}-signed", getattr(torch, name))
    yield from each("exp_", lambda x: x.clone().exp_())
    yield from each("clamp", lambda x: x.clamp(-0.5, 0.5))
    yield from each("clamp-min", lambda x: x.clamp(min=0.1))
    yield from each("clamp-max", lambda x: torch.clamp(x, max=0.1))
    yield from each("clamp_", lambda x: x.clone().clamp_(-0.5, 0.5))
    yield from each("clamp_min", lambda x: x.clamp_min(0.1))
    yield from each("clamp_max", lambda x: x.clamp_max(0.1))


def activations() -> Iterator[Case]:
    for name in (
        "relu relu6 leaky_relu elu celu selu silu gelu softplus softsign mish hardsigmoid hardswish hardtanh logsigmoid"
    ).split():
        yield from each(name, getattr(F, name))
    yield from each("relu_", lambda x: F.relu(x.clone(), inplace=True))
    yield from each("leaky-slope", lambda x: F.leaky_relu(x, 0.2))
    yield from each("elu-alpha", lambda x: F.elu(x, alpha=0.7))
    yield from each("celu-alpha", lambda x: F.celu(x, alpha=0.7))
    yield from each("gelu-tanh", lambda x: F.gelu(x, approximate="tanh"))
    yield from each("softplus-beta", lambda x: F.softplus(x, beta=3, threshold=1))
    yield from each("hardtanh-range", lambda x: F.hardtanh(x, -0.3, 0.4))
    yield "prelu", lambda: F.prelu(leaf(2, 3), leaf(1))
    for dim, shape in ((0, (4,)), (-1, (2, 4)), (1, (2, 3, 2))):
        x = leaf(*shape)
        yield f"softmax-{shape}", partial(lambda x, dim: F.softmax(x, dim=dim), x, dim)
        yield f"softmax-method-{shape}", partial(lambda x, dim: x.softmax(dim), x, dim)
        yield f"log_softmax-{shape}", partial(lambda x, dim: F.log_softmax(x, dim=dim), x, dim)
        yield (
            f"glu-{shape}",
            partial(lambda x, dim: F.glu(x, 0 if dim == 0 else -1) if x.shape[-1] % 2 == 0 else x + 1, x, dim),
        )
    x = leaf(4, 5)
    yield "dropout", lambda: F.dropout(x, 0.4)
    yield "dropout-evaluation", lambda: F.dropout(x, 0.4, training=False)
    yield "dropout-none", lambda: F.dropout(x, 0.0)
    yield "dropout2d", lambda: F.dropout2d(leaf(2, 3, 2, 2), 0.4)


def losses() -> Iterator[Case]:
    for reduction in ("mean", "sum", "none"):
        x, y = leaf(4, 3), leaf(4, 3)
        for name in ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "poisson_nll_loss"):
            target = y if name != "poisson_nll_loss" else y.detach().exp()
            yield (
                f"{name}-{reduction}",
                partial(lambda f, t, r: f(x, t, reduction=r), getattr(F, name), target, reduction),
            )
        yield f"smooth_l1-beta-{reduction}", partial(lambda r: F.smooth_l1_loss(x, y, reduction=r, beta=0.3), reduction)
        yield f"huber-delta-{reduction}", partial(lambda r: F.huber_loss(x, y, reduction=r, delta=0.3), reduction)
        p, q = positive(4, 3), positive(4, 3)
        yield f"bce-{reduction}", partial(lambda r: F.binary_cross_entropy(p, q, reduction=r), reduction)
        yield (
            f"bce-logits-{reduction}",
            partial(
                lambda r: F.binary_cross_entropy_with_logits(x, q.detach().clone().requires_grad_(), reduction=r),
                reduction,
            ),
        )
        classes, some = whole(3, 4), torch.tensor([0, -100, 2, 1])
        for label, smoothing in (("", 0.0), ("-smooth", 0.1)):
            yield (
                f"cross_entropy{label}-{reduction}",
                partial(lambda r, s: F.cross_entropy(x, classes, reduction=r, label_smoothing=s), reduction, smoothing),
            )
        yield f"cross_entropy-ignored-{reduction}", partial(lambda r: F.cross_entropy(x, some, reduction=r), reduction)
        yield (
            f"cross_entropy-ignored-class-{reduction}",
            partial(lambda r: F.cross_entropy(x, whole(3, 4), ignore_index=1, reduction=r), reduction),
        )
        yield (
            f"cross_entropy-places-{reduction}",
            partial(lambda r: F.cross_entropy(leaf(2, 3, 4), whole(3, 2, 4), reduction=r), reduction),
        )
        yield (
            f"cross_entropy-one-{reduction}",
            partial(lambda r: F.cross_entropy(leaf(3), torch.tensor(1), reduction=r), reduction),
        )
        yield (
            f"cross_entropy-probabilities-{reduction}",
            partial(lambda r: F.cross_entropy(x, q, reduction=r), reduction),
        )
        weight = positive(3).detach()
        for name, loss in (("cross_entropy", F.cross_entropy), ("nll_loss", F.nll_loss)):
            for shape in ((4,), (2, 4)):
                yield (
                    f"{name}-weighted{len(shape)}-{reduction}",
                    partial(
                        lambda f, s, r, w: f(leaf(s[0], 3, *s[1:]), whole(3, *s), weight=w, reduction=r),
                        loss, shape, reduction, weight,
                    ),
                )  # fmt: skip
        yield f"nll_loss-{reduction}", partial(lambda r: F.nll_loss(x, some, reduction=r), reduction)
        yield (
            f"nll_loss-places-{reduction}",
            partial(lambda r: F.nll_loss(leaf(2, 3, 4), whole(3, 2, 4), reduction=r), reduction),
        )
    for reduction in ("mean", "sum", "none", "batchmean"):
        yield f"kl_div-{reduction}", partial(lambda r: F.kl_div(leaf(4, 3), positive(4, 3), reduction=r), reduction)
        yield (
            f"kl_div-log-{reduction}",
            partial(lambda r: F.kl_div(leaf(4, 3), leaf(4, 3), reduction=r, log_target=True), reduction),
        )
    yield "mse_loss-number", lambda: F.mse_loss(leaf(), leaf())
    yield "cosine_similarity", lambda: F.cosine_similarity(leaf(4, 3), leaf(4, 3))
    yield "cosine_similarity-last", lambda: F.cosine_similarity(leaf(2, 4, 3), leaf(2, 4, 3), dim=-1)
