"""Takes back what earlier gradients added to the step that was just taken.

What stays is the fresh gradient's part, weight decay, and what the program itself put into the gradient.
"""

from __future__ import annotations

from gradstep.program.leaves.leaves import Leaf, same_bits
from gradstep.program.receipt.fresh import OLD, Changes


def swap(leaves: list[Leaf], changes: Changes) -> tuple[list[str], list[str]]:
    """Do so in place; names of the leaves that this changed, and of those of whose step it is not known."""
    done, unknown = [], []
    for leaf in leaves:
        tensor, kinds = leaf.tensor, changes.kinds(leaf)
        if tensor is None or kinds is None:
            unknown.append(leaf.name)
            continue
        new = changes.without(leaf, OLD) if kinds & OLD else None
        if new is not None and not same_bits(new, tensor.detach()):
            tensor.data.copy_(new)
            changes.take_back(leaf, OLD)
            done.append(leaf.name)
    return done, unknown
