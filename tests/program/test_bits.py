"""Checksums tell tensors apart by a single element, of every dtype and layout."""

from __future__ import annotations

import pytest
import torch
from gradstep.program.edit.bits import digest, summed

DTYPES = [
    torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.complex64, torch.complex128, torch.int64,
    torch.int32, torch.int16, torch.uint8, torch.bool, torch.float8_e4m3fn,
]  # fmt: skip


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_one_element_and_two_exchanged(dtype: torch.dtype) -> None:
    one = torch.tensor([[0.0, 1.0, 0.0], [1.0, 1.0, 0.0]]).to(dtype)
    other, exchanged = one.clone(), one.flip(0)
    other[1, 2] = torch.ones(()).to(dtype)
    for check in (digest, lambda tensor: summed(tensor.contiguous().reshape(-1))):
        assert check(one) == check(one.clone())
        assert len({check(one), check(other), check(exchanged)}) == 3


def test_layouts_signs_and_shapes() -> None:
    dense = torch.tensor([[0.0, 2.0], [3.0, 0.0]])
    sparse, transposed = dense.to_sparse(), dense.t().contiguous().t()
    assert digest(sparse) == digest(dense.to_sparse())
    assert digest(transposed) == digest(dense)
    moved = torch.tensor([[2.0, 0.0], [0.0, 3.0]]).to_sparse()
    found = [sparse, moved, dense, dense.reshape(4), -dense, dense.to_sparse_csr(), dense.to("meta")]
    assert len({digest(tensor) for tensor in found}) == len(found)


def test_many_pieces() -> None:
    large = torch.zeros(300, 1000)
    known = digest(large)
    large[299, 999] = 1e-45
    assert digest(large) != known
    assert digest(large.t()) != digest(large)
