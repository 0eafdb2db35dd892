"""Calls of every op of the table: numbers, vectors, matrices, batches, broadcasting, and each setting that has a row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
        yield f"{label}-{len(shape)}d", lambda x=x: function(x)


def arithmetic() -> Iterator[Case]:
    for number, (a, b) in enumerate(pairs()):
        yield f"add-{number}", lambda a=a, b=b: a + b
        yield f"add-alpha-{number}", lambda a=a, b=b: torch.add(a, b, alpha=3)
        yield f"sub-{number}", lambda a=a, b=b: a - b
        yield f"sub-alpha-{number}", lambda a=a, b=b: torch.sub(a, b, alpha=2)
        yield f"rsub-{number}", lambda a=a, b=b: torch.rsub(a, b, alpha=2)
        yield f"mul-{number}", lambda a=a, b=b: a * b
        yield f"div-{number}", lambda a=a, b=b: a / b.abs().add(1)
        yield f"pow-{number}", lambda a=a, b=b: a.exp() ** b
        yield f"maximum-{number}", lambda a=a, b=b: torch.maximum(a, b)
        yield f"minimum-{number}", lambda a=a, b=b: torch.min(a, b)
        yield (
            f"where-{number}",
            lambda a=a, b=b: torch.where(constant(*torch.broadcast_shapes(a.shape, b.shape)) > 0, a, b),
        )
        yield f"lerp-{number}", lambda a=a, b=b: torch.lerp(a, b, 0.3)
        yield f"hypot-{number}", lambda a=a, b=b: torch.hypot(a, b)
        yield f"atan2-{number}", lambda a=a, b=b: torch.atan2(a, b)
        yield f"logaddexp-{number}", lambda a=a, b=b: torch.logaddexp(a, b)
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
        yield f"softmax-{shape}", lambda x=x, dim=dim: F.softmax(x, dim=dim)
        yield f"softmax-method-{shape}", lambda x=x, dim=dim: x.softmax(dim)
        yield f"log_softmax-{shape}", lambda x=x, dim=dim: F.log_softmax(x, dim=dim)
        yield f"glu-{shape}", lambda x=x, dim=dim: F.glu(x, 0 if dim == 0 else -1) if x.shape[-1] % 2 == 0 else x + 1
    x = leaf(4, 5)
    yield "dropout", lambda: F.dropout(x, 0.4)
    yield "dropout-evaluation", lambda: F.dropout(x, 0.4, training=False)
    yield "dropout-none", lambda: F.dropout(x, 0.0)
    yield "dropout2d", lambda: F.dropout2d(leaf(2, 3, 2, 2), 0.4)


def matrices() -> Iterator[Case]:
    shapes: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...] = (
        ((3,), (3,)),
        ((2, 3), (3,)),
        ((3,), (3, 2)),
        ((2, 3), (3, 4)),
        ((2, 2, 3), (3, 4)),
        ((2, 2, 3), (2, 3, 4)),
        ((2, 1, 2, 3), (3, 3, 2)),
        ((2, 3), (4, 3, 2)),
    )
    for left, right in shapes:
        yield f"matmul-{left}-{right}", lambda a=leaf(*left), b=leaf(*right): a @ b
    yield "rmatmul", lambda: torch.Tensor.__rmatmul__(leaf(3, 2), leaf(2, 3))
    yield "dot", lambda: torch.dot(leaf(3), leaf(3))
    yield "mm", lambda: torch.mm(leaf(2, 3), leaf(3, 2))
    yield "mm-keyword", lambda: torch.mm(leaf(2, 3), mat2=leaf(3, 2))
    yield "mv", lambda: torch.mv(leaf(2, 3), leaf(3))
    yield "mv-keyword", lambda: torch.mv(input=leaf(2, 3), vec=leaf(3))
    yield "bmm", lambda: torch.bmm(leaf(2, 2, 3), leaf(2, 3, 2))
    yield "outer", lambda: torch.outer(leaf(3), leaf(2))
    yield "addmm", lambda: torch.addmm(leaf(4), leaf(2, 3), leaf(3, 4), beta=0.5, alpha=2)
    yield "baddbmm", lambda: torch.baddbmm(leaf(2, 1, 4), leaf(2, 2, 3), leaf(2, 3, 4), alpha=2)
    yield "addmv", lambda: torch.addmv(leaf(2), leaf(2, 3), leaf(3), beta=0.5, alpha=2)
    for shape in ((3,), (4, 3), (2, 4, 3), (2, 2, 2, 3)):
        x, weight, bias = leaf(*shape), leaf(2, 3), leaf(2)
        yield f"linear-{shape}", lambda x=x, weight=weight, bias=bias: F.linear(x, weight, bias)
        yield f"linear-no-bias-{shape}", lambda x=x, weight=weight: F.linear(x, weight)
    yield "linear-one", lambda: F.linear(leaf(3), leaf(1, 3), leaf(1))
    yield "bilinear", lambda: F.bilinear(leaf(2, 3), leaf(2, 4), leaf(5, 3, 4), leaf(5))
    yield "einsum", lambda: torch.einsum("ij,jk->ik", leaf(2, 3), leaf(3, 2))
    yield "einsum-batch", lambda: torch.einsum("bhid,bhjd->bhij", leaf(2, 2, 3, 2), leaf(2, 2, 2, 2))
    yield "einsum-sum", lambda: torch.einsum("ij,k->k", leaf(2, 3), leaf(4))
    yield "einsum-three", lambda: torch.einsum("i,ij,j->", leaf(2), leaf(2, 3), leaf(3))
    yield "einsum-list", lambda: torch.einsum("ij,ij->i", [leaf(2, 3), leaf(2, 3)])
    yield "inverse", lambda: torch.linalg.inv(constant(3, 3).add(3 * torch.eye(3)).requires_grad_())
    yield "det", lambda: torch.linalg.det(leaf(3, 3))
    yield "trace", lambda: torch.trace(leaf(3, 3))
    yield "diag", lambda: torch.diag(leaf(3, 3))
    yield "diag-vector", lambda: torch.diag(leaf(3))


def convolutions() -> Iterator[Case]:
    for axes in (1, 2, 3):
        space, kernel = (6, 5, 4)[:axes], (3, 2, 2)[:axes]
        conv, transposed = getattr(F, f"conv{axes}d"), getattr(F, f"conv_transpose{axes}d")
        x, weight, bias = leaf(2, 2, *space), leaf(4, 2, *kernel), leaf(4)
        back = leaf(2, 3, *kernel)
        yield f"conv{axes}d", lambda conv=conv, x=x, w=weight, b=bias: conv(x, w, b)
        yield f"conv{axes}d-no-bias", lambda conv=conv, x=x, w=weight: conv(x, w)
        yield f"conv{axes}d-stride", lambda conv=conv, x=x, w=weight, b=bias: conv(x, w, b, stride=2, padding=1)
        yield f"conv{axes}d-same", lambda conv=conv, x=x, w=weight, b=bias: conv(x, w, b, padding="same")
        yield f"conv{axes}d-dilation", lambda conv=conv, x=x, w=weight: conv(x, w, padding=1, dilation=2)
        yield f"conv{axes}d-groups", lambda conv=conv, x=x, w=leaf(4, 1, *kernel): conv(x, w, groups=2)
        yield f"conv_transpose{axes}d", lambda f=transposed, x=x, w=back, b=leaf(3): f(x, w, b)
        yield (
            f"conv_transpose{axes}d-stride",
            lambda f=transposed, x=x, w=back: f(x, w, stride=2, padding=1, output_padding=1),
        )
        yield f"conv_transpose{axes}d-groups", lambda f=transposed, x=x, w=leaf(2, 1, *kernel): f(x, w, groups=2)
        for name in ("max_pool", "avg_pool"):
            pool = getattr(F, f"{name}{axes}d")
            yield f"{name}{axes}d", lambda pool=pool, x=x: pool(x, 2)
            yield f"{name}{axes}d-stride", lambda pool=pool, x=x: pool(x, 3, stride=1, padding=1)
        for name in ("adaptive_avg_pool", "adaptive_max_pool"):
            pool = getattr(F, f"{name}{axes}d")
            even = leaf(2, 2, *(4, 6, 2)[:axes])
            yield f"{name}{axes}d-one", lambda pool=pool, x=even: pool(x, 1)
            yield f"{name}{axes}d-cells", lambda pool=pool, x=even: pool(x, 2)
    yield "max_pool2d-dilation", lambda: F.max_pool2d(leaf(1, 2, 7, 7), 2, dilation=2)


def norms() -> Iterator[Case]:
    for shape in ((4, 3), (2, 3, 4), (2, 4, 3, 2)):
        x, last, channels = leaf(*shape), shape[-1], shape[1]
        w, b = leaf(last), leaf(last)
        cw, cb = leaf(channels), leaf(channels)
        mean, var = constant(channels), positive(channels).detach()
        yield f"layer_norm-{shape}", lambda x=x, n=last, w=w, b=b: F.layer_norm(x, (n,), w, b)
        yield f"layer_norm-plain-{shape}", lambda x=x, n=last: F.layer_norm(x, (n,))
        yield f"rms_norm-{shape}", lambda x=x, n=last, w=w: F.rms_norm(x, (n,), w)
        yield f"rms_norm-plain-{shape}", lambda x=x, n=last: F.rms_norm(x, (n,), eps=1e-3)
        yield f"batch_norm-{shape}", lambda x=x, w=cw, b=cb: F.batch_norm(x, None, None, w, b, training=True)
        yield f"batch_norm-plain-{shape}", lambda x=x: F.batch_norm(x, None, None, training=True)
        yield f"batch_norm-eval-{shape}", lambda x=x, w=cw, b=cb, m=mean, v=var: F.batch_norm(x, m, v, w, b)
        yield f"batch_norm-eval-plain-{shape}", lambda x=x, m=mean, v=var: F.batch_norm(x, m, v)
        if len(shape) > 2:
            yield f"instance_norm-{shape}", lambda x=x, w=cw, b=cb: F.instance_norm(x, weight=w, bias=b)
            yield f"instance_norm-plain-{shape}", lambda x=x: F.instance_norm(x)
    for shape, groups in (((2, 4), 2), ((2, 4, 3), 2), ((2, 4, 2, 2), 4), ((2, 4, 2), 1)):
        x, w, b = leaf(*shape), leaf(4), leaf(4)
        yield f"group_norm-{shape}-{groups}", lambda x=x, n=groups, w=w, b=b: F.group_norm(x, n, w, b)
        yield f"group_norm-plain-{shape}-{groups}", lambda x=x, n=groups: F.group_norm(x, n)
    yield "layer_norm-two-axes", lambda: F.layer_norm(leaf(2, 3, 4), (3, 4), leaf(3, 4), leaf(3, 4))


def losses() -> Iterator[Case]:
    for reduction in ("mean", "sum", "none"):
        x, y = leaf(4, 3), leaf(4, 3)
        for name in ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "poisson_nll_loss"):
            target = y if name != "poisson_nll_loss" else y.detach().exp()
            yield f"{name}-{reduction}", lambda f=getattr(F, name), t=target, r=reduction: f(x, t, reduction=r)
        yield f"smooth_l1-beta-{reduction}", lambda r=reduction: F.smooth_l1_loss(x, y, reduction=r, beta=0.3)
        yield f"huber-delta-{reduction}", lambda r=reduction: F.huber_loss(x, y, reduction=r, delta=0.3)
        p, q = positive(4, 3), positive(4, 3)
        yield f"bce-{reduction}", lambda r=reduction: F.binary_cross_entropy(p, q, reduction=r)
        yield (
            f"bce-logits-{reduction}",
            lambda r=reduction: F.binary_cross_entropy_with_logits(x, q.detach().clone().requires_grad_(), reduction=r),
        )
        classes, some = whole(3, 4), torch.tensor([0, -100, 2, 1])
        for label, smoothing in (("", 0.0), ("-smooth", 0.1)):
            yield (
                f"cross_entropy{label}-{reduction}",
                lambda r=reduction, s=smoothing: F.cross_entropy(x, classes, reduction=r, label_smoothing=s),
            )
        yield f"cross_entropy-ignored-{reduction}", lambda r=reduction: F.cross_entropy(x, some, reduction=r)
        yield (
            f"cross_entropy-ignored-class-{reduction}",
            lambda r=reduction: F.cross_entropy(x, whole(3, 4), ignore_index=1, reduction=r),
        )
        yield (
            f"cross_entropy-places-{reduction}",
            lambda r=reduction: F.cross_entropy(leaf(2, 3, 4), whole(3, 2, 4), reduction=r),
        )
        yield (
            f"cross_entropy-one-{reduction}",
            lambda r=reduction: F.cross_entropy(leaf(3), torch.tensor(1), reduction=r),
        )
        yield f"cross_entropy-probabilities-{reduction}", lambda r=reduction: F.cross_entropy(x, q, reduction=r)
        yield f"nll_loss-{reduction}", lambda r=reduction: F.nll_loss(x, some, reduction=r)
        yield f"nll_loss-places-{reduction}", lambda r=reduction: F.nll_loss(leaf(2, 3, 4), whole(3, 2, 4), reduction=r)
    for reduction in ("mean", "sum", "none", "batchmean"):
        yield f"kl_div-{reduction}", lambda r=reduction: F.kl_div(leaf(4, 3), positive(4, 3), reduction=r)
        yield (
            f"kl_div-log-{reduction}",
            lambda r=reduction: F.kl_div(leaf(4, 3), leaf(4, 3), reduction=r, log_target=True),
        )
    yield "mse_loss-number", lambda: F.mse_loss(leaf(), leaf())
    yield "cosine_similarity", lambda: F.cosine_similarity(leaf(4, 3), leaf(4, 3))
    yield "cosine_similarity-last", lambda: F.cosine_similarity(leaf(2, 4, 3), leaf(2, 4, 3), dim=-1)


def reductions() -> Iterator[Case]:
    for name in ("sum", "mean", "prod", "var", "std", "amax", "amin", "max", "min", "norm"):
        for shape in ((3,), (2, 3)):
            yield f"{name}-{shape}", lambda x=leaf(*shape), name=name: getattr(x, name)()
    for name in ("sum", "mean", "prod", "amax", "amin", "logsumexp", "max", "min", "var", "std"):
        for dim, keepdim in ((0, False), (-1, False), (1, True)):
            x = leaf(2, 3, 2)
            yield (
                f"{name}-dim-{dim}-{keepdim}",
                lambda x=x, name=name, dim=dim, keep=keepdim: getattr(x, name)(dim, keepdim=keep),
            )
    for name in ("sum", "mean", "var", "amax", "logsumexp", "norm"):
        x = leaf(2, 3, 2)
        yield f"{name}-dims", lambda x=x, name=name: getattr(x, name)(dim=(0, 2))
    tied = torch.tensor([[1.0, 3.0, 3.0], [2.0, 2.0, 0.0]], dtype=torch.float64)
    yield "var-biased", lambda: leaf(2, 3).var(0, unbiased=False)
    yield "var-correction", lambda: torch.var(leaf(2, 3), dim=1, correction=0)
    yield "var-all-biased", lambda: torch.var(leaf(2, 3), correction=0)
    yield "std-biased", lambda: leaf(2, 3).std(0, unbiased=False, keepdim=True)
    yield "norm-1", lambda: torch.norm(leaf(2, 3), p=1)
    yield "norm-dim", lambda: torch.norm(leaf(2, 3), dim=1)
    yield "norm-keepdim", lambda: leaf(2, 3).norm(dim=1, keepdim=True)
    yield "linalg-norm", lambda: torch.linalg.norm(leaf(2, 3))
    yield "vector_norm", lambda: torch.linalg.vector_norm(leaf(2, 3), dim=-1, keepdim=True)
    yield "vector_norm-1", lambda: torch.linalg.vector_norm(leaf(2, 3), 1, dim=0)
    yield "nansum", lambda: torch.nansum(leaf(3))
    yield "cumsum", lambda: leaf(2, 3).cumsum(1)
    yield "cumsum-first", lambda: torch.cumsum(leaf(2, 3), dim=0)
    yield "normalize", lambda: F.normalize(leaf(2, 3), dim=-1)
    yield "normalize-first", lambda: F.normalize(leaf(2, 3))
    yield "max-tied", lambda: tied.clone().requires_grad_().max()
    yield "amax-tied", lambda: tied.clone().requires_grad_().amax(1)
    yield "max-dim-tied", lambda: tied.clone().requires_grad_().max(1)


def indexing() -> Iterator[Case]:
    rows = torch.tensor([2, 0, 2])
    for label, index in (
        ("one", 1),
        ("slice", slice(1, 3)),
        ("step", (slice(None), slice(0, 3, 2))),
        ("none", (None, Ellipsis, 0)),
        ("rows", rows),
        ("pairs", (torch.tensor([0, 1, 1]), torch.tensor([2, 2, 2]))),
        ("mixed", (slice(None), torch.tensor([0, 0]))),
    ):
        x = leaf(3, 4)
        yield f"getitem-{label}", lambda x=x, index=index: x[index]
    x = leaf(3, 4)
    yield "getitem-mask", lambda: x[x.detach() > 0]
    yield "select", lambda: x.select(1, 2)
    yield "narrow", lambda: x.narrow(1, 1, 2)
    yield "gather", lambda: x.gather(1, torch.tensor([[0, 0, 3], [1, 2, 1], [3, 3, 3]]))
    yield "take_along_dim", lambda: torch.take_along_dim(x, torch.tensor([[0, 0, 3], [1, 2, 1], [3, 3, 3]]), dim=1)
    yield "index_select", lambda: x.index_select(0, rows)
    yield "index_select-1", lambda: torch.index_select(x, 1, rows)
    yield "masked_select", lambda: x.masked_select(x.detach() > 0)
    yield "scatter_add", lambda: x.scatter_add(1, torch.tensor([[0, 0], [1, 2], [3, 3]]), leaf(3, 2))
    yield "index_add", lambda: x.index_add(0, rows, leaf(3, 4))
    yield "embedding", lambda: F.embedding(torch.tensor([[1, 3], [3, 0]]), leaf(5, 2))
    yield "embedding-padding", lambda: F.embedding(torch.tensor([[1, 3], [3, 0]]), leaf(5, 2), padding_idx=3)
    yield "embedding-sparse", lambda: F.embedding(torch.tensor([1, 3]), leaf(5, 2), sparse=True)


def attention() -> Iterator[Case]:
    attend = F.scaled_dot_product_attention
    for shape in ((3, 4), (2, 3, 4), (2, 2, 3, 2)):
        q, k, v = leaf(*shape), leaf(*shape), leaf(*shape)
        yield f"attention-{shape}", lambda q=q, k=k, v=v: attend(q, k, v)
        yield f"attention-causal-{shape}", lambda q=q, k=k, v=v: attend(q, k, v, is_causal=True)
        yield f"attention-scale-{shape}", lambda q=q, k=k, v=v: attend(q, k, v, scale=0.7)
        yield f"attention-causal-scale-{shape}", lambda q=q, k=k, v=v: attend(q, k, v, is_causal=True, scale=0.7)
    q, k, v = leaf(2, 3, 2), leaf(2, 4, 2), leaf(2, 4, 2)
    allowed = torch.tensor([[True, True, False, True]] * 3)
    yield "attention-mask", lambda: attend(q, k, v, attn_mask=allowed)
    yield "attention-bias", lambda: attend(q, k, v, leaf(3, 4))
    yield "attention-mask-scale", lambda: attend(q, k, v, attn_mask=allowed, scale=0.7)


def recurrent() -> Iterator[Case]:
    for first in (False, True):
        net = torch.nn.LSTM(2, 3, batch_first=first).double()
        state = (leaf(1, 2, 3), leaf(1, 2, 3))
        x = leaf(2, 4, 2) if first else leaf(4, 2, 2)
        yield f"lstm-{first}", lambda net=net, x=x, state=state: net(x, state)
    cell = torch.nn.LSTMCell(2, 3).double()
    yield "lstm_cell", lambda: cell(leaf(2, 2), (leaf(2, 3), leaf(2, 3)))


def views() -> Iterator[Case]:
    x, cube = leaf(2, 3), leaf(2, 3, 4)
    for label, function in (
        ("view", lambda x: x.view(4, 6)),
        ("view-infer", lambda x: x.view(-1)),
        ("reshape", lambda x: x.reshape((4, 6))),
        ("flatten", lambda x: x.flatten(1)),
        ("unflatten", lambda x: x.unflatten(2, (2, 2))),
        ("unsqueeze", lambda x: x.unsqueeze(1)),
        ("squeeze", lambda x: x[:1].squeeze(0)),
        ("squeeze-all", lambda x: torch.squeeze(x)),
        ("transpose", lambda x: x.transpose(1, 2)),
        ("transpose-first", lambda x: x.transpose(0, 1)),
        ("transpose-negative", lambda x: x.transpose(-2, -1)),
        ("swapaxes", lambda x: x.swapaxes(0, 2)),
        ("permute", lambda x: x.permute(2, 0, 1)),
        ("permute-tuple", lambda x: torch.permute(x, (1, 2, 0))),
        ("expand", lambda x: x.unsqueeze(1).expand(2, 5, 3, 4)),
        ("expand-new", lambda x: x.expand(2, -1, -1, -1)),
        ("expand_as", lambda x: x.expand_as(constant(5, 2, 3, 4))),
        ("broadcast_to", lambda x: torch.broadcast_to(x, (2, 2, 3, 4))),
        ("view_as", lambda x: x.view_as(constant(6, 4))),
        ("contiguous", lambda x: x.transpose(0, 1).contiguous()),
        ("float", lambda x: x.to(torch.float64, copy=True)),
        ("type_as", lambda x: x.type_as(constant(1))),
        ("repeat", lambda x: x.repeat(2, 1, 1, 3)),
        ("tile", lambda x: x.tile(2)),
        ("flip", lambda x: x.flip(0, 2)),
        ("flip-tuple", lambda x: x.flip((1,))),
        ("roll", lambda x: x.roll(1, 2)),
        ("roll-two", lambda x: torch.roll(x, (1, 2), dims=(0, 1))),
        ("tril", lambda x: x.tril()),
        ("triu", lambda x: torch.triu(x, diagonal=1)),
        ("pad", lambda x: F.pad(x, (1, 2, 0, 1))),
        ("split", lambda x: x.split(2, dim=1)),
        ("split-sizes", lambda x: torch.split(x, [1, 2], dim=1)),
        ("chunk", lambda x: x.chunk(2, -1)),
        ("unbind", lambda x: x.unbind(1)),
        ("cat", lambda x: torch.cat([x, constant(2, 1, 4), leaf(2, 2, 4)], dim=1)),
        ("cat-last", lambda x: torch.cat((x, x.detach().clone().requires_grad_()), -1)),
        ("stack", lambda x: torch.stack([x, leaf(2, 3, 4)], dim=1)),
        ("stack-first", lambda x: torch.stack((x, leaf(2, 3, 4)))),
    ):
        yield label, lambda function=function: function(cube)
    yield "t", lambda: x.t()
    yield "interpolate", lambda: F.interpolate(leaf(1, 2, 2, 3), scale_factor=2)
    yield "interpolate-size", lambda: F.interpolate(leaf(1, 2, 2, 3), size=(4, 9), mode="nearest")
    yield "pixel_shuffle", lambda: F.pixel_shuffle(leaf(1, 4, 2, 2), 2)
    yield "pixel_unshuffle", lambda: F.pixel_unshuffle(leaf(1, 1, 4, 4), 2)


KINDS: dict[str, Callable[[], Iterator[Case]]] = {
    kind.__name__: kind
    for kind in (
        arithmetic, elementary, activations, matrices, convolutions, norms, losses, reductions, indexing, attention,
        recurrent, views,
    )
}  # fmt: skip
