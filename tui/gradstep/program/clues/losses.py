"""How a loss is put together: shapes that were broadcast, signs, targets that move, terms that nothing trains."""

from __future__ import annotations

from collections.abc import Iterator

from gradstep.model.clue import Clue
from gradstep.program.clues.forward_pass import LOSSES, RESHAPING, ForwardPass, Item, place_of, value
from gradstep.program.leaves.leaves import Leaf
from gradstep.program.tape.ops import Constant, Op

_DIFFERENCES = frozenset(
    "sub __sub__ __rsub__ rsub sub_ __isub__ isub subtract mse_loss l1_loss smooth_l1_loss huber_loss".split()
)
_ELEMENTWISE = frozenset(
    "pow __pow__ square abs mul __mul__ rmul __rmul__ mul_ div __truediv__ truediv add __add__ radd __radd__ sqrt neg "
    "__neg__ log cosh exp clamp clamp_ max min huber_loss smooth_l1_loss where float double to".split()
)
_REDUCTIONS = frozenset("mean sum nanmean nansum norm linalg_norm vector_norm".split())
_SIZE = 2
"""Axes of a result that was made by broadcasting a column against a row."""
_LOGARITHMS = ("log_softmax", "logsigmoid", "log_sigmoid")
_SUMS = frozenset("add __add__ radd __radd__ add_ iadd __iadd__".split())
_SHARE = 0.01
"""A term below this part of the loss is not told of."""


def broadcast_loss(run: ForwardPass) -> Iterator[Clue]:
    """A column of predictions against a row of targets: each prediction is compared with every target."""
    for op in run.ops:
        if op.name not in _DIFFERENCES or len(op.inputs) < 2:
            continue
        found = _column_and_row(run, op)
        if found is not None and _is_reduced(run, op):
            output, target = found
            yield Clue(
                "broadcast-loss",
                of=run.name(output),
                by=op.name,
                other=run.name(target),
                place=place_of(op),
                made=place_of(run.maker(output)),
                numbers={
                    "size": float((run.shape(output) or (0,))[0]),
                    "column": float(len(run.shape(output) or ()) == _SIZE),
                },
            )


def _column_and_row(run: ForwardPass, op: Op) -> tuple[Item, Constant] | None:
    """What needs a gradient and the constant that it is compared with, if one is (N, 1) and the other (N,)."""
    one, two = op.inputs[0], op.inputs[1]
    for output, target in ((one, two), (two, one)):
        if not isinstance(target, Constant) or isinstance(output, Constant):
            continue
        shape, other = run.shape(output), run.shape(target)
        if shape is None or other is None or sorted((len(shape), len(other))) != [1, _SIZE]:
            continue
        column, row = (shape, other) if len(shape) == _SIZE else (other, shape)
        if column[1] != 1 or column[0] != row[0] or row[0] < _SIZE or (column is other and _is_widened(target)):
            continue
        return output, target
    return None


def _is_widened(target: Constant) -> bool:
    """Whether an axis was put into a vector to make that column, on purpose then."""
    tensor = target.ref()
    base = tensor._base if tensor is not None and tensor._is_view() else None
    return tensor is None or (base is not None and base.ndim == 1)


def _is_reduced(run: ForwardPass, op: Op) -> bool:
    """Whether all that is made of it goes element by element into a sum or a mean."""
    pending, seen = [op], {op.seq}
    while pending:
        one = pending.pop()
        if (run.shape(one) or ()) == ():
            continue
        readers = run.readers(one)
        if not readers:
            return False
        for reader in readers:
            if reader.name in _REDUCTIONS:
                if (run.shape(reader) or ()) != ():
                    return False
            elif reader.name in _ELEMENTWISE and reader.seq not in seen:
                seen.add(reader.seq)
                pending.append(reader)
            elif reader.name not in _ELEMENTWISE:
                return False
    return True


def likelihood_minimised(run: ForwardPass) -> Iterator[Clue]:
    """The logarithm of a probability with a plus sign: what is minimised is the likelihood of the data."""
    root = run.root
    if root is None:
        return
    pending, makers = [root], []
    while pending:
        op = pending.pop()
        name = op.name.strip("_")
        sources = [run.maker(item) for item in op.inputs]
        if name in _LOGARITHMS or op.seq in run.log_probabilities or _is_log_of_probability(run, op):
            makers.append(op)
        elif name in _REDUCTIONS | RESHAPING | {"gather", "take_along_dim"} and sources[:1] != [None]:
            pending += [source for source in sources[:1] if source is not None]
        elif name in _SUMS:
            if any(source is None for source in sources) or not sources:
                return
            pending += [source for source in sources if source is not None]
        else:
            return
    likely = [op for op in makers if not _is_turned(run, op)]
    if likely:
        op = likely[0]
        yield Clue(
            "likelihood-minimised",
            of=run.name(root),
            by="log_prob" if op.seq in run.log_probabilities else op.name,
            place=place_of(root),
            made=place_of(op),
        )


def _is_turned(run: ForwardPass, op: Op) -> bool:
    """Whether it is log(1 - p): a generator minimises that of the discriminator's."""
    source = run.maker(op.inputs[0]) if op.inputs and "sigmoid" in op.name else None
    return source is not None and source.name.strip("_") in ("neg", "negative")


def _is_log_of_probability(run: ForwardPass, op: Op) -> bool:
    source, _ = run.behind(op.inputs[0]) if op.name == "log" and op.inputs else (None, False)
    return source is not None and source.name in ("softmax", "sigmoid")


def target_requires_grad(run: ForwardPass) -> Iterator[Clue]:
    """A loss whose target is computed from the weights that its input is computed from."""
    for op in run.ops:
        given = run.arguments(op) if op.name in LOSSES else {}
        target, source = run.maker(given.get("target")), run.maker(given.get("input"))
        if target is None or source is None or target is source:
            continue
        shared = _leaves(run, target) & _leaves(run, source)
        if shared:
            first = min(leaf.name for leaf in shared)
            yield Clue(
                "target-requires-grad",
                of=run.name(target),
                by=op.name,
                other=first,
                place=place_of(op),
                made=place_of(target),
            )


def _leaves(run: ForwardPass, op: Op) -> set[Leaf]:
    return {item for one in run.above(op) for item in one.inputs if isinstance(item, Leaf)}


def constant_in_loss(run: ForwardPass) -> Iterator[Clue]:
    """Terms of the loss that need no gradient, with their values: what trains nothing and yet moves the curve."""
    root = run.root
    total = value(root.tensor()) if root is not None else None
    pending, number = [root], 0
    while pending:
        op = pending.pop()
        if op is None or op.name not in _SUMS | {"sub", "__sub__"}:
            continue
        pending += [run.maker(item) for item in op.inputs]
        terms = [(run.name(item), value(item.tensor())) for item in op.inputs if isinstance(item, Constant)]
        terms += [
            ("", float(item)) for item in op.scalars[:1] if isinstance(item, (int, float)) and len(op.inputs) == 1
        ]
        for name, term in terms:
            number += 1
            if term is not None and total and abs(term) > _SHARE * abs(total):
                numbers = {"value": term, "loss": total, "number": float(number)}
                yield Clue("constant-in-loss", of=name, by=op.name, place=place_of(op), numbers=numbers)
