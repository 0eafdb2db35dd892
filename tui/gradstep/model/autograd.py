"""Autograd's own graph: the nodes that a backward pass runs, and where each hands its gradients."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace


class AutogradNode(Struct, frozen=True, array_like=True, gc=False):
    """One node. There may be a hundred thousand, so its name is kept elsewhere."""

    kind: int
    """Its name, by place in `Autograd.names`."""
    box: int
    """Id of the operation (of the user's level) that made it, or of the leaf that it deposits into; -1 for neither."""
    seq: int | None
    """Autograd's sequence number, counted from that of the graph's first operation; None for `AccumulateGrad`."""
    to: tuple[int, ...]
    """The nodes that get gradients of it, in the order of its `next_functions`; those that are None are left out."""


class Autograd(Struct, frozen=True, omit_defaults=True):
    """The nodes under one root. Those that get a node's gradients stand before it: backward runs from the last."""

    nodes: tuple[AutogradNode, ...] = ()
    names: tuple[str, ...] = ()
    """`MulBackward0`, `AccumulateGrad`: each once."""
    missing: int = 0
    """How many nodes are still to come."""

    @property
    def whole(self) -> bool:
        """Whether all of it is here."""
        return bool(self.nodes) and not self.missing

    def name(self, place: int) -> str:
        """Name of a node."""
        return self.names[self.nodes[place].kind]

    def find(self, seq: int | None, box: int) -> int:
        """Place of the node with that number, or of the `AccumulateGrad` of that leaf; -1 if there is none."""
        found = (at for at, node in enumerate(self.nodes) if node.seq == seq and (seq is not None or node.box == box))
        return next(found, -1)

    def followed_by(self, piece: Autograd) -> Autograd:
        """With the next piece."""
        return replace(piece, nodes=self.nodes + piece.nodes, names=self.names + piece.names)
