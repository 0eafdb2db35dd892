"""The ledger without a program: what is held, and whether an update has used it."""

from __future__ import annotations

import torch
from gradstep.model.stop import Gradient
from gradstep.program.leaves.leaves import Leaf, Leaves
from gradstep.program.leaves.ledger import Ledger, mark_used
from gradstep.program.tensors.views import view
from torch import Tensor
from torch.utils.checkpoint import checkpoint


class Book:
    """One weight, and the ledger of its gradient."""

    def __init__(self) -> None:
        self.w = torch.tensor([1.0, 2.0], requires_grad=True)
        self.leaves = Leaves()
        self.leaf: Leaf = self.leaves.add(self.w)
        self.ledger = Ledger(self.leaves)

    def backward(self, factor: float) -> Gradient:
        self.ledger.before()
        torch.autograd.backward((factor * self.w).sum())
        self.ledger.after()
        entry = self.ledger.gradient(self.leaf, view)
        assert entry is not None
        return entry

    def grad(self) -> Tensor:
        assert self.w.grad is not None
        return self.w.grad


def parts(entry: Gradient) -> tuple[object, object, object]:
    return tuple(shown and shown.value for shown in (entry.held, entry.fresh, entry.now))  # type: ignore[return-value]


def test_what_an_update_has_used_is_stale() -> None:
    book = Book()
    assert parts(book.backward(1.0)) == (None, [1.0, 1.0], [1.0, 1.0])
    mark_used(book.leaf)
    entry = book.backward(2.0)
    assert parts(entry) == ([1.0, 1.0], [2.0, 2.0], [3.0, 3.0])
    assert (entry.stale, entry.by_hand) == (True, False)
    assert (entry.stale_dot, entry.now_dot) == (6.0, 18.0)


def test_two_passes_before_an_update_are_not() -> None:
    book = Book()
    book.backward(1.0)
    entry = book.backward(2.0)
    assert parts(entry) == ([1.0, 1.0], [2.0, 2.0], [3.0, 3.0])
    assert not entry.stale
    assert not book.leaf.used


def test_what_is_set_by_hand_was_not_used_whatever_was_there_before() -> None:
    book = Book()
    book.backward(1.0)
    mark_used(book.leaf)
    book.backward(2.0)
    assert book.leaf.stale_part is not None
    book.w.grad = torch.tensor([5.0, 5.0])
    entry = book.backward(1.0)
    assert parts(entry) == ([5.0, 5.0], [1.0, 1.0], [6.0, 6.0])
    assert (entry.by_hand, entry.stale) == (True, False)
    assert not book.leaf.used
    assert book.leaf.stale_part is None
    assert book.leaf.hand_part is not None
    assert book.leaf.hand_part.tolist() == [5.0, 5.0]


def test_cleared_in_place_leaves_zeros_and_none_leaves_nothing() -> None:
    book = Book()
    book.backward(1.0)
    mark_used(book.leaf)
    book.grad().zero_()
    entry = book.backward(2.0)
    assert parts(entry) == ([0.0, 0.0], [2.0, 2.0], [2.0, 2.0])
    assert (entry.stale, book.leaf.used) == (False, False)
    assert book.leaf.stale_part is None
    mark_used(book.leaf)
    book.w.grad = None
    entry = book.backward(3.0)
    assert parts(entry) == (None, [3.0, 3.0], [3.0, 3.0])
    assert (entry.stale, book.leaf.used) == (False, False)


def test_what_was_used_is_cleared_on_request_and_nothing_else() -> None:
    book = Book()
    book.backward(1.0)
    book.ledger.clear_used()
    assert book.w.grad is not None
    mark_used(book.leaf)
    book.ledger.clear_used()
    assert book.w.grad is None
    assert not book.leaf.used


def test_a_leaf_that_no_graph_leads_to_yet_has_its_deposit_told() -> None:
    """Re-entrant checkpointing makes the graph of a leaf only within backward."""
    book = Book()
    book.backward(1.0)
    x = torch.ones(2, requires_grad=True)
    book.ledger.before()
    checkpoint(lambda x: x * book.w, x, use_reentrant=True).sum().backward()
    book.ledger.after()
    entry = book.ledger.gradient(book.leaf, view)
    assert entry is not None
    assert parts(entry) == ([1.0, 1.0], [1.0, 1.0], [2.0, 2.0])
