"""Bits, not values: what counts as a change of a leaf."""

from __future__ import annotations

import pytest
import torch
from gradstep.program.leaves.leaves import Leaf, same_bits

KINDS = [torch.float64, torch.float32, torch.float16, torch.bfloat16]


@pytest.mark.parametrize("dtype", KINDS, ids=str)
def test_nan_is_the_same_nan_and_zero_has_a_sign(dtype: torch.dtype) -> None:
    nan, zero = torch.tensor([1.0, torch.nan], dtype=dtype), torch.tensor([0.0, 1.0], dtype=dtype)
    assert same_bits(nan, nan.clone())
    assert same_bits(zero, zero.clone())
    assert not same_bits(zero, torch.tensor([-0.0, 1.0], dtype=dtype))
    assert not same_bits(nan, torch.tensor([1.0, 2.0], dtype=dtype))


def test_two_kinds_of_nan_are_two() -> None:
    one, two = torch.zeros(1), torch.zeros(1)
    one.view(torch.int32)[0], two.view(torch.int32)[0] = 0x7FC00000, 0x7FC00001
    assert one.isnan().all()
    assert two.isnan().all()
    assert not same_bits(one, two)


def test_both_parts_of_a_complex_number_count() -> None:
    one = torch.tensor([complex(0.0, 1.0)])
    assert same_bits(one, one.clone())
    assert not same_bits(one, torch.tensor([complex(-0.0, 1.0)]))
    assert not same_bits(one, torch.tensor([complex(0.0, 2.0)]))
    assert same_bits(one.conj(), torch.tensor([complex(0.0, -1.0)]))


@pytest.mark.parametrize(
    "other",
    [torch.zeros(3), torch.zeros(2, dtype=torch.float64), torch.zeros(2, device="meta"), torch.zeros(1, 2)],
    ids=["longer", "wider", "elsewhere", "of another shape"],
)
def test_what_is_no_such_tensor_is_another(other: torch.Tensor) -> None:
    assert not same_bits(torch.zeros(2), other)


def test_a_leaf_differs_from_its_snapshot_by_a_bit() -> None:
    tensor = torch.tensor([0.0, torch.nan], requires_grad=True)
    leaf = Leaf(tensor)
    assert not leaf.differs()
    leaf.remember()
    assert not leaf.differs()
    tensor.data[0] = -0.0
    assert leaf.differs()
    leaf.remember()
    assert not leaf.differs()
