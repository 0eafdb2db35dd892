"""Checksums tell tensors apart by a single element, of every dtype and layout."""

from __future__ import annotations

import pytest
import torch
from gradstep.model.stop import Stop
from gradstep.program.edit.bits import Bits, digest, summed
from gradstep.program.leaves.leaves import Leaves

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


@pytest.mark.filterwarnings("ignore:Sparse CSR tensor support is in beta:UserWarning")
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


def bits_of(tensor: torch.Tensor) -> int:
    leaves = Leaves()
    leaves.add(tensor).trained = True
    *_, last = Bits(leaves).rest(Stop(index=1, phase="backward"))
    assert last is not None
    assert last.bits is not None
    return last.bits


def test_two_runs_that_differ_in_a_gradient_alone_are_two() -> None:
    weights = [torch.ones(3, requires_grad=True) for _ in range(4)]
    weights[1].grad, weights[2].grad, weights[3].grad = torch.ones(3), torch.ones(3), torch.tensor([1.0, 1.0, 1.5])
    nothing, one, same, other = map(bits_of, weights)
    assert one == same
    assert len({nothing, one, other}) == 3


def test_a_content_is_not_taken_for_a_gradient() -> None:
    first, second = (torch.full((2,), value, requires_grad=True) for value in (1.0, 2.0))
    first.grad, second.grad = torch.full((2,), 2.0), torch.full((2,), 1.0)
    assert bits_of(first) != bits_of(second)
