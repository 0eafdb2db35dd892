"""Results that were made before the loop, or so long ago that their ops are not known any more, and are read again."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor
from torch.autograd.graph import Node

from gradstep.model.clue import Clue
from gradstep.model.graph import plain
from gradstep.model.operand import Operand
from gradstep.model.place import Place
from gradstep.program.clues.faults.history import History
from gradstep.program.clues.faults.passes import Passes
from gradstep.program.clues.faults.witness import Witness
from gradstep.program.clues.forward_pass import place_of
from gradstep.program.leaves.leaves import Leaf, Leaves
from gradstep.program.tape.ops import Op
from gradstep.program.tensors.nodes import variable_of, walk


@dataclass(frozen=True)
class HeldOver:
    """A variable with a graph of its own, and the op that has read it in this pass."""

    tensor: Tensor
    reader: Op


def held_over(history: History, floor: int, witness: Witness) -> list[HeldOver]:
    """Those that were made before that number by ops which are forgotten."""
    variables = {item.grad_fn: item for item in witness.scope.tensors.values() if item.grad_fn is not None}
    found = []
    for newer, older in history.crossing(floor):
        reader, node = history.tape.get(newer), history.nodes.get(older, (None,))[0]
        if node in variables and reader is not None and history.tape.get(older) is None:
            found.append(HeldOver(variables[node], reader))
    return found


def old_graph(kind: str, held: HeldOver, where: Place, witness: Witness) -> Clue:
    """That backward goes through its graph, which an earlier pass has freed."""
    name, made = witness.scope.name_of(held.tensor), witness.line_of(held.tensor)
    reader = Operand(by=plain(held.reader.name), made=place_of(held.reader))
    return Clue(kind, "old", name, place=where, made=made, boxes=witness.boxes(held.reader), operands=(reader,))


def old_leaf(
    witness: Witness, held: HeldOver, shape: tuple[int, ...], passes: Passes, leaves: Leaves, numbers: dict[str, float]
) -> Clue | None:
    """That it was computed from a leaf of that shape which was changed since."""
    alike = [leaf for leaf in _leaves_behind(held.tensor, leaves) if sorted(leaf.shape) == sorted(shape)]
    changed = [(leaf, change) for leaf in alike if (change := passes.changed(leaf)) is not None]
    if not changed:
        return None
    leaf, change = changed[0]
    clue = old_graph("changed-in-place", held, change.place, witness)
    by = f"{change.by}.step()" if change.by else "a write by hand"
    weight = Operand(leaf.name, shape=tuple(leaf.shape), leaf=True)
    return Clue(
        clue.kind, clue.what, clue.of, clue.operands[0].by, by, change.place, clue.made, numbers,
        (weight, *clue.operands), clue.boxes,
    )  # fmt: skip


def _leaves_behind(tensor: Tensor, leaves: Leaves) -> list[Leaf]:
    variables = [variable_of(node) for node, _ in walk([tensor]) if isinstance(node, Node)]
    return [leaf for item in variables if item is not None and (leaf := leaves.find(item)) is not None]
