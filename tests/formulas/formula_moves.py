"""Calls of reductions, indexing and views."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import torch
from formula_pointwise import Case, constant, leaf
from torch.nn import functional as F


def reductions() -> Iterator[Case]:
    for name in ("sum", "mean", "prod", "var", "std", "amax", "amin", "max", "min", "norm"):
        for shape in ((3,), (2, 3)):
            yield f"{name}-{shape}", partial(lambda x, name: getattr(x, name)(), leaf(*shape), name)
    for name in ("sum", "mean", "prod", "amax", "amin", "logsumexp", "max", "min", "var", "std"):
        for dim, keepdim in ((0, False), (-1, False), (1, True)):
            x = leaf(2, 3, 2)
            yield (
                f"{name}-dim-{dim}-{keepdim}",
                partial(lambda x, name, dim, keep: getattr(x, name)(dim, keepdim=keep), x, name, dim, keepdim),
            )
    for name in ("sum", "mean", "var", "amax", "logsumexp", "norm"):
        x = leaf(2, 3, 2)
        yield f"{name}-dims", partial(lambda x, name: getattr(x, name)(dim=(0, 2)), x, name)
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
        yield f"getitem-{label}", partial(lambda x, index: x[index], x, index)
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
        ("squeeze-all", torch.squeeze),
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
        yield label, partial(lambda function: function(cube), function)
    yield "t", x.t
    yield "T", lambda: x.T
    yield "mT", lambda: leaf(2, 3, 4).mT
    yield "interpolate", lambda: F.interpolate(leaf(1, 2, 2, 3), scale_factor=2)
    yield "interpolate-size", lambda: F.interpolate(leaf(1, 2, 2, 3), size=(4, 9), mode="nearest")
    yield "pixel_shuffle", lambda: F.pixel_shuffle(leaf(1, 4, 2, 2), 2)
    yield "pixel_unshuffle", lambda: F.pixel_unshuffle(leaf(1, 1, 4, 4), 2)
