"""Whether the gradient that an update used is the one that backward left."""

from __future__ import annotations

import pytest
import torch
from gradstep.program.receipt.compose import Composition, KeptGradient, compose
from gradstep.program.receipt.terms import Flat
from torch import Tensor


def composed(kept: Tensor, used: Tensor) -> Composition:
    steps = compose(Flat(torch.ones(kept.shape)), KeptGradient(kept), used)
    while True:
        try:
            next(steps)
        except StopIteration as done:
            found: Composition = done.value
            return found


@pytest.mark.parametrize(
    ("kept", "used"),
    [
        (torch.tensor([1.0, -2.0]), torch.tensor([1.0, -2.0])),
        (torch.zeros(3), -torch.zeros(3)),
        (torch.zeros(3).to_sparse(), torch.zeros(3).to_sparse()),
        (torch.tensor([0.0, 2.0]).to_sparse(), torch.tensor([0.0, 2.0]).to_sparse()),
        (torch.tensor([float("nan"), 1.0]), torch.tensor([float("nan"), 1.0])),
    ],
    ids=["bits", "signs of zero", "sparse zero", "sparse", "nan"],
)
def test_the_same_gradient_is_not_called_changed(kept: Tensor, used: Tensor) -> None:
    found = composed(kept, used)
    assert (found.scaled, found.hand, found.stale) == (1.0, (), ())


def test_a_multiple_and_another_gradient_are_told() -> None:
    kept = torch.tensor([1.0, -2.0])
    assert composed(kept, kept * -3).scaled == -3.0
    assert len(composed(kept, torch.tensor([1.0, 5.0])).hand) == 2
