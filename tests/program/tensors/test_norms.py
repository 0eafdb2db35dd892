"""Norms of many tensors at once are those of each."""

from __future__ import annotations

import math

import pytest
import torch
from gradstep.program.tensors.norms import norm_views
from gradstep.program.tensors.views import view


def test_each_has_the_norm_that_it_has_alone() -> None:
    torch.manual_seed(0)
    tensors = {
        "large": torch.randn(40, 50), "wide": torch.randn(300, dtype=torch.float64), "small": torch.randn(3),
        "half": torch.randn(100).half(), "view": torch.randn(20, 30).T, "sparse": torch.eye(20).to_sparse(),
        "complex": torch.randn(90, dtype=torch.complex64), "empty": torch.randn(0, 4),
    }  # fmt: skip
    found = norm_views(tensors)
    assert found.keys() == tensors.keys()
    for name, tensor in tensors.items():
        alone = view(tensor)
        if alone.value is None:
            assert found[name].norm == pytest.approx(alone.norm, rel=1e-6)
        else:
            assert found[name] == alone
        assert (found[name].shape, found[name].dtype) == (alone.shape, alone.dtype)
    assert found["large"].max is None


def test_what_is_not_finite_is_told_apart_from_a_norm_that_overflows() -> None:
    inf, huge = torch.zeros(100), torch.full((100,), 1e30)
    inf[3] = math.inf
    found = norm_views({"inf": inf, "huge": huge, "nan": torch.full((100,), math.nan)})
    assert [(found[name].nan, found[name].inf) for name in ("inf", "huge", "nan")] == [(0, 1), (0, 0), (100, 0)]
