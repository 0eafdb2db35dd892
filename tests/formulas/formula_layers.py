"""Calls of products, convolutions, norms, attention and recurrent layers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import torch
from formula_pointwise import Case, constant, leaf, positive
from torch.nn import functional as F


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
        yield f"matmul-{left}-{right}", partial(lambda a, b: a @ b, leaf(*left), leaf(*right))
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
        yield f"linear-{shape}", partial(F.linear, x, weight, bias)
        yield f"linear-no-bias-{shape}", partial(F.linear, x, weight)
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
        yield f"conv{axes}d", partial(lambda conv, x, w, b: conv(x, w, b), conv, x, weight, bias)
        yield f"conv{axes}d-no-bias", partial(lambda conv, x, w: conv(x, w), conv, x, weight)
        yield (
            f"conv{axes}d-stride",
            partial(lambda conv, x, w, b: conv(x, w, b, stride=2, padding=1), conv, x, weight, bias),
        )
        yield f"conv{axes}d-same", partial(lambda conv, x, w, b: conv(x, w, b, padding="same"), conv, x, weight, bias)
        yield f"conv{axes}d-dilation", partial(lambda conv, x, w: conv(x, w, padding=1, dilation=2), conv, x, weight)
        yield f"conv{axes}d-groups", partial(lambda conv, x, w: conv(x, w, groups=2), conv, x, leaf(4, 1, *kernel))
        yield f"conv_transpose{axes}d", partial(lambda f, x, w, b: f(x, w, b), transposed, x, back, leaf(3))
        yield (
            f"conv_transpose{axes}d-stride",
            partial(lambda f, x, w: f(x, w, stride=2, padding=1, output_padding=1), transposed, x, back),
        )
        yield (
            f"conv_transpose{axes}d-groups",
            partial(lambda f, x, w: f(x, w, groups=2), transposed, x, leaf(2, 1, *kernel)),
        )
        for name in ("max_pool", "avg_pool"):
            pool = getattr(F, f"{name}{axes}d")
            yield f"{name}{axes}d", partial(lambda pool, x: pool(x, 2), pool, x)
            yield f"{name}{axes}d-stride", partial(lambda pool, x: pool(x, 3, stride=1, padding=1), pool, x)
        for name in ("adaptive_avg_pool", "adaptive_max_pool"):
            pool = getattr(F, f"{name}{axes}d")
            even = leaf(2, 2, *(4, 6, 2)[:axes])
            yield f"{name}{axes}d-one", partial(lambda pool, x: pool(x, 1), pool, even)
            yield f"{name}{axes}d-cells", partial(lambda pool, x: pool(x, 2), pool, even)
    yield "max_pool2d-dilation", lambda: F.max_pool2d(leaf(1, 2, 7, 7), 2, dilation=2)


def norms() -> Iterator[Case]:
    for shape in ((4, 3), (2, 3, 4), (2, 4, 3, 2)):
        x, last, channels = leaf(*shape), shape[-1], shape[1]
        w, b = leaf(last), leaf(last)
        cw, cb = leaf(channels), leaf(channels)
        mean, var = constant(channels), positive(channels).detach()
        yield f"layer_norm-{shape}", partial(lambda x, n, w, b: F.layer_norm(x, (n,), w, b), x, last, w, b)
        yield f"layer_norm-plain-{shape}", partial(lambda x, n: F.layer_norm(x, (n,)), x, last)
        yield f"rms_norm-{shape}", partial(lambda x, n, w: F.rms_norm(x, (n,), w), x, last, w)
        yield f"rms_norm-plain-{shape}", partial(lambda x, n: F.rms_norm(x, (n,), eps=1e-3), x, last)
        yield (
            f"batch_norm-{shape}",
            partial(lambda x, w, b: F.batch_norm(x, None, None, w, b, training=True), x, cw, cb),
        )
        yield f"batch_norm-plain-{shape}", partial(lambda x: F.batch_norm(x, None, None, training=True), x)
        yield (
            f"batch_norm-eval-{shape}",
            partial(lambda x, w, b, m, v: F.batch_norm(x, m, v, w, b), x, cw, cb, mean, var),
        )
        yield f"batch_norm-eval-plain-{shape}", partial(F.batch_norm, x, mean, var)
        if len(shape) > 2:
            yield f"instance_norm-{shape}", partial(lambda x, w, b: F.instance_norm(x, weight=w, bias=b), x, cw, cb)
            yield f"instance_norm-plain-{shape}", partial(F.instance_norm, x)
    for shape, groups in (((2, 4), 2), ((2, 4, 3), 2), ((2, 4, 2, 2), 4), ((2, 4, 2), 1)):
        x, w, b = leaf(*shape), leaf(4), leaf(4)
        yield f"group_norm-{shape}-{groups}", partial(F.group_norm, x, groups, w, b)
        yield f"group_norm-plain-{shape}-{groups}", partial(F.group_norm, x, groups)
    yield "layer_norm-two-axes", lambda: F.layer_norm(leaf(2, 3, 4), (3, 4), leaf(3, 4), leaf(3, 4))


def attention() -> Iterator[Case]:
    attend = F.scaled_dot_product_attention
    for shape in ((3, 4), (2, 3, 4), (2, 2, 3, 2)):
        q, k, v = leaf(*shape), leaf(*shape), leaf(*shape)
        yield f"attention-{shape}", partial(attend, q, k, v)
        yield f"attention-causal-{shape}", partial(lambda q, k, v: attend(q, k, v, is_causal=True), q, k, v)
        yield f"attention-scale-{shape}", partial(lambda q, k, v: attend(q, k, v, scale=0.7), q, k, v)
        yield (
            f"attention-causal-scale-{shape}",
            partial(lambda q, k, v: attend(q, k, v, is_causal=True, scale=0.7), q, k, v),
        )
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
        yield f"lstm-{first}", partial(lambda net, x, state: net(x, state), net, x, state)
    cell = torch.nn.LSTMCell(2, 3).double()
    yield "lstm_cell", lambda: cell(leaf(2, 2), (leaf(2, 3), leaf(2, 3)))
