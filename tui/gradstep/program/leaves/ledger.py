"""The ledger: what every `.grad` is made of. held + fresh = now, and whether the held part is stale."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.utils.hooks import RemovableHandle

from gradstep.model.stop import Gradient
from gradstep.model.tensor import SMALL, TensorView
from gradstep.program.leaves.leaves import Leaf, Leaves
from gradstep.program.tensors.nodes import node_of
from gradstep.program.tensors.quiet import quiet
from gradstep.program.tensors.views import bare, computable, is_rough, norm_view, view


class Ledger:
    """Watches the deposits of one backward pass at a time."""

    def __init__(self, leaves: Leaves) -> None:
        self._leaves = leaves
        self._handles: list[RemovableHandle] = []
        self._nodes: list[object] = []
        """Those with a hook: a leaf that no graph leads to yet (re-entrant checkpointing) would get another one."""
        self._deposited: set[Leaf] = set()
        self._held_none: list[Leaf] = []
        self.changes = 0
        """How often the ledger of a leaf has changed by more than what is in `.grad`."""
        self.hooked: list[Leaf] = []
        """Leaves of this pass whose own hooks may update them inside backward."""

    def before(self) -> None:
        """Look at what is held. Where nothing is, nothing is kept: fresh will be now."""
        self.changes += 1
        self._deposited.clear()
        self._held_none.clear()
        self.hooked.clear()
        for leaf in self._leaves:
            tensor = leaf.tensor
            if tensor is None:
                continue
            leaf.held = leaf.fresh = leaf.returned = leaf.scale = None
            leaf.by_hand = leaf.stale = False
            leaf.stale_dot = leaf.now_dot = 0.0
            grad = tensor.grad
            acts = bool(getattr(tensor, "_post_accumulate_grad_hooks", None))
            if acts:
                self.hooked.append(leaf)
            if grad is None:
                leaf.used, leaf.stale_part, leaf.hand_part = False, None, None
                self._held_none.append(leaf)
            else:
                self._held(leaf, grad)
            if (grad is not None or acts) and tensor.requires_grad:
                self._listen(leaf, tensor)

    def _held(self, leaf: Leaf, grad: Tensor) -> None:
        leaf.held = norm_view(grad)
        if not computable(grad):
            return
        known = leaf.known_grad() if leaf.known_grad is not None else None
        if not _values(grad).any():
            leaf.used, leaf.stale_part, leaf.hand_part = False, None, None
        elif known is not grad:
            leaf.by_hand, leaf.used, leaf.stale_part = True, False, None
            leaf.hand_part = grad.detach().clone()
        elif leaf.used:
            leaf.stale = True
            if leaf.stale_part is None:
                leaf.stale_part = grad.detach().clone()

    def _listen(self, leaf: Leaf, tensor: Tensor) -> None:
        node = node_of(tensor)
        self._nodes.append(node)
        self._handles.append(node.register_prehook(self._on_deposit(leaf)))

    def _on_deposit(self, leaf: Leaf) -> Callable[[Any], None]:
        def deposit(grads: tuple[Tensor | None, ...]) -> None:
            fresh = grads[0]
            if fresh is None:
                return
            with quiet():
                self.changes += 1
                twice = leaf in self._deposited
                self._deposited.add(leaf)
                if twice:
                    leaf.fresh = _sum(leaf.fresh, fresh)
                else:
                    leaf.fresh = norm_view(fresh)
                tensor = leaf.tensor
                if leaf.stale and tensor is not None and tensor.grad is not None and leaf.stale_part is not None:
                    now = bare(tensor.grad) + bare(fresh)
                    leaf.stale_dot, leaf.now_dot = _dot(leaf.stale_part, now), _dot(now, now)

        return deposit

    def deposited(self, leaf: Leaf, grad: Tensor) -> None:
        """Its `AccumulateGrad` has just put that into `.grad`, and the user looks on."""
        if leaf not in self._deposited:
            self.changes += 1
            self._deposited.add(leaf)
            leaf.fresh = norm_view(grad)

    def after(self) -> list[Leaf]:
        """Close the pass; returns the leaves that got a deposit."""
        self.changes += 1
        self.abandon()
        for leaf in self._held_none:
            tensor = leaf.tensor
            if tensor is not None and tensor.grad is not None and leaf not in self._deposited:
                self._deposited.add(leaf)
        for leaf in self._leaves:
            tensor = leaf.tensor
            if tensor is not None and tensor.grad is not None:
                leaf.known_grad = weakref.ref(tensor.grad)
        deposited = [leaf for leaf in self._leaves if leaf in self._deposited]
        for leaf in deposited:
            leaf.train()
        return deposited

    def returned(
        self, inputs: Sequence[Any], grads: Sequence[Tensor | None], leaf_of: Callable[[Tensor], Leaf]
    ) -> list[Leaf]:
        """Note what `torch.autograd.grad` gave for each leaf among its inputs; returns those leaves."""
        found = []
        self.changes += 1
        for item, grad in zip(inputs, grads, strict=False):
            if isinstance(item, Tensor) and item.is_leaf and grad is not None:
                leaf = leaf_of(item)
                leaf.returned, leaf.asked = view(grad), True
                leaf.train()
                found.append(leaf)
        return found

    def clear_used(self) -> None:
        """Set `.grad = None` wherever an update has used it."""
        for leaf in self._leaves:
            tensor = leaf.tensor
            if leaf.used and tensor is not None:
                tensor.grad = None
                leaf.used = False

    def abandon(self) -> None:
        """Take the hooks away."""
        for handle in self._handles:
            handle.remove()
        self._handles.clear()
        self._nodes.clear()

    def gradient(self, leaf: Leaf, look: Callable[[Tensor], TensorView]) -> Gradient | None:
        """The leaf's ledger as it stands; None if it never had a gradient. `look` reads a gradient that is new."""
        tensor = leaf.tensor
        if tensor is None or (tensor.grad is None and not (leaf.fresh or leaf.held or leaf.returned)):
            return None
        now = None if tensor.grad is None else self._now(leaf, tensor.grad, look)
        fresh = leaf.fresh
        if leaf in self._deposited and leaf.held is None and (fresh is None or is_rough(fresh)):
            fresh = leaf.fresh = now
        return Gradient(
            leaf.held,
            fresh,
            now,
            leaf.returned,
            leaf.stale,
            leaf.by_hand,
            leaf.stale_dot,
            leaf.now_dot,
            leaf.scale,
            leaf.owners,
        )

    @staticmethod
    def _now(leaf: Leaf, grad: Tensor, look: Callable[[Tensor], TensorView]) -> TensorView:
        shown = leaf.now_of
        known = shown is not None and shown[0]() is grad and shown[1] == grad._version
        if not known or leaf.now is None or (is_rough(leaf.now) and look is view):
            leaf.now, leaf.now_of = look(grad), (weakref.ref(grad), grad._version)
        return leaf.now


def mark_used(leaf: Leaf) -> None:
    """An update has used what is in the leaf's `.grad`."""
    tensor = leaf.tensor
    leaf.updates += 1
    leaf.missed += 1
    if tensor is not None and tensor.grad is not None:
        leaf.missed = 0
        leaf.used, leaf.stale_part, leaf.hand_part = True, None, None
        leaf.known_grad = weakref.ref(tensor.grad)


def _values(tensor: Tensor) -> Tensor:
    if tensor.is_sparse:
        return tensor._values()
    return tensor.detach()


def _dot(one: Tensor, two: Tensor) -> float:
    if one.is_sparse or two.is_sparse:
        one, two = one.to_dense(), two.to_dense()
    product = one.reshape(-1).to(torch.complex128 if one.is_complex() else torch.float64)
    value = torch.vdot(product, two.reshape(-1).to(product.dtype)).real
    return float(value)


def _sum(before: TensorView | None, more: Tensor) -> TensorView:
    """Two deposits of one pass (a graph that runs backward inside backward)."""
    if before is None or before.value is None or more.numel() > SMALL:
        return norm_view(more)
    dense = more.to_dense() if more.is_sparse else more
    return view(torch.tensor(before.value, dtype=dense.dtype, device=dense.device).reshape(dense.shape) + dense)
