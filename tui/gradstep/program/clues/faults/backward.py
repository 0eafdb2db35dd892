"""The two errors of autograd's engine: a graph that was freed, and a tensor that was changed after it was saved."""

from __future__ import annotations

import re
from collections.abc import Iterable

from torch import Tensor
from torch.autograd.graph import Node

from gradstep.model.clue import Clue
from gradstep.model.graph import plain
from gradstep.model.operand import Operand
from gradstep.model.place import Place
from gradstep.program.clues.faults.history import CHANGED, FREED, History, carried
from gradstep.program.clues.faults.old import held_over, old_graph, old_leaf
from gradstep.program.clues.faults.passes import Pass, Passes
from gradstep.program.clues.faults.witness import Witness, write_to
from gradstep.program.clues.forward_pass import RESHAPING, place_of
from gradstep.program.leaves.leaves import Leaf, Leaves
from gradstep.program.leaves.names import assigned_at
from gradstep.program.tape.call import writes_in_place
from gradstep.program.tape.ops import Constant, Op
from gradstep.program.tape.tape import Tape
from gradstep.program.tensors.nodes import short_name, variable_of

_SAID = re.compile(
    r"\[\S+ \[([\d, ]*)\]\](?:, which is output (\d+) of (\S+),)? is at version (\d+); expected version (\d+)"
)
_IN_PLACE = frozenset(
    "relu relu6 leaky_relu elu selu celu silu mish hardtanh hardswish hardsigmoid threshold dropout".split()
)
"""Functions that write to their input where the last argument says so."""


def graph_reused(witness: Witness, passes: Passes, tape: Tape) -> list[Clue]:
    """Backward has come to nodes that an earlier pass has freed."""
    roots, before = witness.failure.roots or [], list(passes.backward)[:-1]
    if FREED not in witness.failure.text or not roots or not before:
        return []
    where, history, floor = witness.failure.place, History(roots, tape), before[-1].newest
    numbers = [item.grad_fn._sequence_nr() for item in roots if item.grad_fn is not None]
    again = next((one for one in reversed(before) if set(one.roots) & set(numbers)), None)
    if again is not None:
        root = tape.get(numbers[0])
        name = witness.name_of_result(root) or "the loss"
        return [
            Clue("graph-reused", "again", name, other=again.place.spot, place=where, made=place_of(root),
                 boxes=witness.boxes(root))
        ]  # fmt: skip
    passed = {id(op): one for one in before for op in tape.feeding(_ops(one, tape))}
    found = _crossing(history, floor, before, tape) or _hidden(history, floor, passed)
    if found is not None:
        return [found_clue(found, where, witness.boxes(*found.ops), witness)]
    freed = sorted((at for number in numbers for at in history.freed_above(number)), reverse=True)
    shared = next((op for at in freed if (op := tape.get(at)) is not None and id(op) in passed), None)
    if shared is None:
        return [old_graph("graph-reused", held, where, witness) for held in held_over(history, floor, witness)[:1]]
    by = passed[id(shared)]
    name = witness.name_of_result(shared)
    return [
        Clue("graph-reused", "shared", name, plain(shared.name), by.place.spot, where, place_of(shared),
             boxes=witness.boxes(shared))
    ]  # fmt: skip


class Crossing:
    """A result that was made before a backward pass, read after it."""

    def __init__(self, maker: Op, reader: Op, freed_by: Pass) -> None:
        self.ops = (maker, reader)
        self.maker = maker
        self.reader = reader
        self.freed_by = freed_by


def _crossing(history: History, floor: int, before: list[Pass], tape: Tape) -> Crossing | None:
    for newer, older in history.crossing(floor):
        freed = next(iter(history.freed_above(older)), -1)
        maker, reader = tape.get(older), tape.get(newer)
        if freed >= 0 and maker is not None and reader is not None:
            return Crossing(maker, reader, _freer(freed, before, tape))
    return None


def _hidden(history: History, floor: int, passed: dict[int, Pass]) -> Crossing | None:
    """The same where nodes may not be asked, in code under checkpoints: known to be freed only because backward failed.

    `passed`: the pass that went through an op before, by its identity.
    """
    for newer, older in history.crossing(floor):
        maker, reader = history.tape.get(older), history.tape.get(newer)
        if maker is not None and reader is not None and id(maker) in passed:
            return Crossing(maker, reader, passed[id(maker)])
    return None


def _freer(number: int, before: list[Pass], tape: Tape) -> Pass:
    """The pass that has freed a node: the first that went through it."""
    later = [one for one in before if one.newest >= number]
    for one in later:
        if any(op.first_seq <= number <= op.seq for op in tape.feeding(_ops(one, tape))):
            return one
    return later[0] if later else before[-1]


def _ops(one: Pass, tape: Tape) -> list[Op]:
    """The ops that a pass was called on, as far as they are known still."""
    return [op for root in one.roots if (op := tape.get(root)) is not None]


def found_clue(found: Crossing, where: Place, boxes: tuple[int, ...], witness: Witness | None) -> Clue:
    """What is told of it."""
    name = carried(found.maker, found.reader) or assigned_at(found.maker.code, found.maker.instruction)
    several = found.maker.name == "lstm" or (witness is not None and witness.is_tuple(name))
    reader = place_of(found.reader)
    return Clue(
        "graph-reused", "tuple" if several else "read", name, plain(found.maker.name), found.freed_by.place.spot, where,
        place_of(found.maker), boxes=boxes, operands=(Operand(by=plain(found.reader.name), made=reader),),
    )  # fmt: skip


def reused_before(ops: list[Op], roots: list[Tensor], passes: Passes, tape: Tape) -> list[Clue]:
    """The same in a forward pass that is over: what its backward will find freed."""
    floor = passes.floor
    reads = any(type(item) is int and item <= floor for op in ops if op.seq > floor for item in op.inputs)
    if floor < 0 or not reads:
        return []
    found = _crossing(History(roots, tape), floor, list(passes.backward), tape)
    return [found_clue(found, place_of(found.reader), (), None)] if found is not None else []


def changed_in_place(witness: Witness, passes: Passes, tape: Tape, leaves: Leaves) -> list[Clue]:
    """Backward needs a tensor as it was, which was written to since."""
    failure, said = witness.failure, _SAID.search(witness.failure.text)
    if CHANGED not in failure.text or said is None or not failure.roots:
        return []
    history = History(failure.roots, tape)
    start = failure.text.partition(" Hint")[0]
    guilty = next(
        (
            (number, name)
            for number in sorted(history.nodes, reverse=True)
            for name, text in history.complaints(number)
            if text.startswith(start)
        ),
        None,
    )
    shape = tuple(int(part) for part in said[1].split(",") if part.strip())
    numbers = {"version": float(said[4]), "expected": float(said[5])}
    saver = tape.get(guilty[0]) if guilty is not None else None
    if guilty is None or saver is None:
        over = held_over(history, passes.floor_before, witness)
        return [clue for held in over if (clue := old_leaf(witness, held, shape, passes, leaves, numbers))][:1]
    maker = _saved(history, guilty, said[3] or "", shape, leaves)
    if isinstance(maker, Leaf):
        return [_leaf_clue(witness, maker, saver, history, passes, numbers)]
    return [_result_clue(witness, maker, saver, shape, tape, numbers)]


def _saved(
    history: History, guilty: tuple[int, str], output_of: str, shape: tuple[int, ...], leaves: Leaves
) -> Leaf | Op | None:
    """What made the tensor that a node has saved: a leaf, or an op."""
    node, edges = history.nodes[guilty[0]]
    wanted = re.sub(r"Backward\d*$", "", output_of)
    if wanted and wanted == re.sub(r"Backward\d*$", "", short_name(node)) and guilty[1].startswith("_saved_result"):
        return history.tape.get(guilty[0])
    above = [one for one, _ in edges if one is not None]
    if not wanted:
        variables = [item for one in above if (item := variable_of(one)) is not None and tuple(item.shape) == shape]
        return next((known for item in variables if (known := leaves.find(item)) is not None), None)
    alike = _VIEWS if wanted == "AsStrided" else {wanted}  # a view whose base was written to is made anew, as that
    named = [one for one in above if re.sub(r"Backward\d*$", "", short_name(one)) in alike]
    for one in named:
        found = _source(one, history, leaves, is_view=wanted in _VIEWS)
        if found is not None and (not isinstance(found, Leaf) or sorted(found.shape) == sorted(shape)):
            return found
    makers = [op for one in above if (op := history.tape.get(one._sequence_nr())) is not None]
    fitting = [op for op in makers if (op.shape if op.kept is None else op.kept.shape) == shape]
    if fitting and not named:
        return fitting[0]
    op = history.tape.get(guilty[0])
    fused = [item for item in op.inputs if isinstance(item, Leaf)] if op is not None else []
    return next((own for own in fused if sorted(own.shape) == sorted(shape)), None)


_VIEWS = frozenset("AsStrided T Transpose View Permute Unsqueeze Squeeze Expand Alias Select Slice".split())
"""Nodes of results that are others' memory."""


def _source(node: Node, history: History, leaves: Leaves, is_view: bool) -> Leaf | Op | None:
    """The op of a node; past views, which share memory, the leaf or the op that they look at."""
    while is_view and node.next_functions:
        first = node.next_functions[0][0]
        if first is None:
            break
        variable = variable_of(first)
        if variable is not None:
            return leaves.find(variable)
        if re.sub(r"Backward\d*$", "", short_name(first)) not in _VIEWS:
            return history.tape.get(first._sequence_nr())
        node = first
    return history.tape.get(node._sequence_nr())


def _leaf_clue(
    witness: Witness, leaf: Leaf, saver: Op, history: History, passes: Passes, numbers: dict[str, float]
) -> Clue:
    change = passes.changed(leaf)
    if change is not None and change.at <= saver.seq:
        change = None
    where = change.place if change is not None else write_to(witness.failure, leaf.name.rpartition(".")[2], saver)
    by = f"{change.by}.step()" if change is not None and change.by else ""
    later = [op for at in history.nodes if change is not None and at >= change.at and (op := history.tape.get(at))]
    runs_again = any(leaf in op.inputs for op in later)
    over = history.crossing(change.at - 1)[:1] if change is not None and runs_again else []
    maker, reader = (history.tape.get(over[0][1]), history.tape.get(over[0][0])) if over else (None, None)
    name = carried(maker, reader) or (assigned_at(maker.code, maker.instruction) if maker is not None else "")
    carry = (Operand(name, plain(maker.name), made=place_of(maker)),) if maker is not None else ()
    return Clue(
        "changed-in-place", "leaf", leaf.name, plain(saver.name), by, where, place_of(saver), numbers,
        (Operand(leaf.name, shape=tuple(leaf.shape), leaf=True), *carry), witness.boxes(leaf, saver),
    )  # fmt: skip


def _result_clue(
    witness: Witness, maker: Op | None, saver: Op, shape: tuple[int, ...], tape: Tape, numbers: dict[str, float]
) -> Clue:
    name = witness.name_of_result(maker) if maker is not None else _constant(witness, saver, shape)
    writer = _writer(maker, saver, tape.ops()) if maker is not None else None
    where = place_of(writer) if writer is not None else write_to(witness.failure, name, saver)
    by = writer.name if writer is not None else ""
    operand = Operand(name, plain(maker.name) if maker is not None else "", shape, made=place_of(maker))
    boxes = witness.boxes(*dict.fromkeys((maker, saver, writer)))
    what = "result" if maker is not saver else "own"
    return Clue(
        "changed-in-place", what, name, plain(saver.name), by, where, place_of(saver), numbers, (operand,), boxes
    )


def _constant(witness: Witness, saver: Op, shape: tuple[int, ...]) -> str:
    """The name of a tensor without grad that an op has read, of that shape."""
    tensors = (item.ref() for item in saver.inputs if isinstance(item, Constant))
    names = (witness.scope.name_of(item) for item in tensors if item is not None and tuple(item.shape) == shape)
    return next((name for name in names if name), "")


def _writer(maker: Op, saver: Op, ops: Iterable[Op]) -> Op | None:
    """The first op after that which has saved a result, that writes to it or to a view of it."""
    same = set(range(maker.first_seq, maker.seq + 1))
    for op in ops:
        if op.seq <= maker.seq or not any(type(item) is int and item in same for item in op.inputs[:1]):
            continue
        if _writes(op):
            if op.seq > saver.seq:
                return op
            same.add(op.seq)
        elif plain(op.name).rstrip("_") in RESHAPING:
            same.add(op.seq)
    return None


def _writes(op: Op) -> bool:
    """Whether an op writes to its first argument."""
    return writes_in_place(op.name) or (op.name in _IN_PLACE and op.scalars[-1:] == (True,))
