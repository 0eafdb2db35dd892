"""Findings on stops made by hand: where they begin to hold, and where they must not."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from gradstep.findings import Examiner
from gradstep.findings.all_zero_initialisation import all_zero_initialisation
from gradstep.findings.dead_units import dead_units
from gradstep.findings.exploding_gradient import exploding_gradient
from gradstep.findings.gradient_never_reached import gradient_never_reached
from gradstep.findings.loss_not_scalar import loss_not_scalar
from gradstep.findings.not_finite import not_finite
from gradstep.findings.saturated import saturated
from gradstep.findings.skipped_step import skipped_step
from gradstep.findings.step_too_small import step_too_small
from gradstep.findings.thresholds import UPHILL
from gradstep.findings.vanishing_gradient import vanishing_gradient
from gradstep.findings.weight_not_changed import weight_not_changed
from gradstep.findings.wrong_sign import wrong_sign
from gradstep.model.evidence import Activation, LeafFacts, NotFinite
from gradstep.model.graph import Graph, GraphNode
from gradstep.model.receipt import Part, Receipt
from gradstep.model.stop import Fault, Gradient, Loss, Stop, Update
from hand import large, view
from msgspec.structs import replace


def stack(sizes: Sequence[float]) -> Stop:
    """A backward stop of layers in a row whose gradients have those sizes, the first layer first."""
    nodes: list[GraphNode] = [GraphNode(0, "input", "x")]
    edges: list[tuple[int, int]] = []
    gradients = {}
    last = 0
    for number, size in enumerate(sizes):
        leaf, op = GraphNode(len(nodes), "leaf", f"w{number}"), GraphNode(len(nodes) + 1, "op", f"h{number}", "linear")
        nodes += [leaf, op]
        edges += [(last, op.id), (leaf.id, op.id)]
        gradients[leaf.name] = Gradient(fresh=large(10, 10, norm=10 * size), now=large(10, 10, norm=10 * size))
        last = op.id
    return Stop(1, "backward", gradients=gradients, graph=Graph(tuple(nodes), tuple(edges), last))


@pytest.mark.parametrize(
    ("sizes", "holds"),
    [
        ([1e-8, 1e-6, 1e-4, 1e-2, 1.0], True),
        ([1e-3, 1e-2, 1e-2, 1e-1, 1.0], False),
        ([1e-9, 1e-9, 1e-9, 1e-9, 1.0], False),
        ([0.0, 0.0, 0.0, 0.0, 1.0], False),
        ([0.0, 1e-38, 1e-30, 1e-15, 1.0], True),
        ([1e-12, 1e-11, 1e-12, 1e-11, 1e-12], False),
        ([1e-8, 1e-4, 1.0], False),
        ([1e-8, 1e-6, 1e-4, 1e-2, 0.0], False),
        ([1e-8, 1e-6, math.nan, 1e-2, 1.0], False),
    ],
)
def test_vanishing_is_a_trend_of_many_orders(sizes: list[float], holds: bool) -> None:
    assert bool(vanishing_gradient([stack(sizes)])) is holds
    assert not exploding_gradient([stack(sizes)])


@pytest.mark.parametrize(
    ("sizes", "holds"),
    [([1e4, 1e3, 1e2, 10.0, 1.0], True), ([1e5, 1.0, 1.0, 1.0, 1.0], False), ([30.0, 10.0, 5.0, 1.0], False)],
)
def test_exploding_is_a_trend_too(sizes: list[float], holds: bool) -> None:
    assert bool(exploding_gradient([stack(sizes)])) is holds
    assert not vanishing_gradient([stack(sizes)])


def test_leaves_of_equal_depth_are_one_layer() -> None:
    """A polynomial's coefficients differ by many orders, and are no layers."""
    names, sizes = "abcdef", [1e-12, 1e-9, 1e-6, 1e-3, 1.0, 1e3]
    nodes = [GraphNode(at, "leaf", name) for at, name in enumerate(names)]
    nodes += [GraphNode(6 + at, "op", f"mul_{name}", "mul") for at, name in enumerate(names)]
    graph = Graph(tuple(nodes), tuple((at, 6 + at) for at in range(6)))
    gradients = {name: Gradient(fresh=view(size)) for name, size in zip(names, sizes, strict=True)}
    assert not vanishing_gradient([Stop(1, "backward", gradients=gradients, graph=graph)])


def updated(index: int, weight: float, gradient: float, *, lr: float | None = 0.1, changed: bool = True) -> Stop:
    """An update stop of one weight of optimizer 0."""
    return Stop(
        index,
        "update",
        loss=Loss("loss", 1.0, site="a"),
        tensors={"w": view([weight, weight])},
        gradients={"w": Gradient(fresh=view([gradient, gradient]), now=view([gradient, gradient]))},
        update=Update("SGD", lr, leaves=("w",) if changed else (), number=0),
        facts={"w": LeafFacts(owner=0, passes=9, updates=index, peak=1.5)},
    )


def run(*updates: Stop) -> list[Stop]:
    """The updates with the stop before the first one."""
    first = updates[0]
    weight = first.tensors["w"].flat()[0]
    assert isinstance(weight, float)
    return [Stop(0, "backward", tensors={"w": view([weight, weight])}), *updates]


def test_weight_not_changed_needs_updates_running() -> None:
    stuck = [updated(at, 1.0, 1.0, changed=False) for at in range(1, 4)]
    assert not weight_not_changed(run(*stuck[:1]))
    assert weight_not_changed(run(*stuck[:2]))
    assert not weight_not_changed(run(*stuck[:1], updated(2, 1.1, 1.0)))


def test_a_rate_of_zero_is_a_warm_up_at_first() -> None:
    still = [updated(at, 1.0, 1.0, lr=0.0, changed=False) for at in range(1, 4)]
    assert not weight_not_changed(run(*still[:2]))
    assert "learning rate is 0" in weight_not_changed(run(*still))[0].remedy


def test_a_converged_weight_may_stand_still() -> None:
    assert not weight_not_changed(run(*(updated(at, 1.0, 1e-9, changed=False) for at in range(1, 4))))


def test_a_gradient_next_to_none_does_not_count() -> None:
    stops = [updated(at, 1.0, 1e-7, changed=False) for at in range(1, 4)]
    facts = {"w": LeafFacts(owner=0, passes=9, updates=3), "v": LeafFacts(owner=0)}
    stops = [replace(stop, facts=facts) for stop in stops]
    assert weight_not_changed(stops)
    beside = Gradient(now=view([1.0, 1.0]))
    moved = Update("SGD", 0.1, leaves=("v",), number=0)
    beside_it = [replace(stop, update=moved, gradients={**stop.gradients, "v": beside}) for stop in stops]
    assert not weight_not_changed(beside_it)


def test_step_too_small() -> None:
    small = [updated(at, 1.0 + at * 1e-9, 1.0) for at in range(1, 6)]
    assert step_too_small([Stop(0, "backward", tensors={"w": view([1.0, 1.0])}), *small])
    assert not step_too_small(run(*small[:4]))
    warm_up = [updated(at, 1.0 + at * 1e-9, 1.0, lr=at * 1e-9) for at in range(1, 6)]
    assert not step_too_small(run(*warm_up))
    learned = [updated(at, 1.0 + at * 1e-9, 1e-6) for at in range(1, 6)]
    assert not step_too_small(run(*learned))


def test_wrong_sign_from_a_receipt() -> None:
    up = Receipt(view([1.0]), view([1.1]), view([0.1]), (Part("fresh", view([0.1])),), uphill=1.0)
    stop = replace(updated(1, 1.1, 1.0), receipts={"w": up})
    assert wrong_sign([stop])[0].severity == "error"
    assert not wrong_sign([replace(stop, receipts={"w": replace(up, uphill=-1.0)})])
    assert not wrong_sign([replace(stop, update=Update("SGD", 0.1, True, 0, ("w",), 0))])


def test_wrong_sign_is_clearly_uphill() -> None:
    """A step across the slope may lean a little: below a cosine of a half it is not told."""
    up = Receipt(view([1.0]), view([1.1]), view([0.1]), (Part("fresh", view([0.1])),))
    stop = updated(1, 1.1, 1.0)
    for uphill, holds in ((UPHILL + 0.01, True), (UPHILL, False), (UPHILL - 0.01, False), (0.0, False)):
        assert bool(wrong_sign([replace(stop, receipts={"w": replace(up, uphill=uphill)})])) == holds
    assert UPHILL == 0.5


def test_wrong_sign_of_an_unknown_rule_is_no_noise() -> None:
    other = Receipt(view([1.0]), view([1.1]), view([0.1]), (Part("other", view([0.1])),), uphill=1.0)
    stops = [replace(updated(at, 1.1, 1.0), receipts={"w": other}) for at in range(1, 4)]
    stops = [replace(stop, facts={"w": LeafFacts(owner=0, updates=at)}) for at, stop in enumerate(stops, 1)]
    assert not wrong_sign(run(*stops[:2]))
    assert wrong_sign(run(*stops))
    down = replace(stops[0], receipts={"w": replace(other, uphill=-0.1)})
    assert not wrong_sign(run(down, *stops[1:]))


def by_hand(index: int, before: float, after: float, gradient: float) -> list[Stop]:
    """A backward stop and an update by hand."""
    entry = Gradient(fresh=view([gradient]), now=view([gradient]))
    facts = {"w": LeafFacts(passes=index, updates=index)}
    backward = Stop(2 * index, "backward", tensors={"w": view([before])}, gradients={"w": entry})
    return [
        backward,
        replace(backward, phase="update", tensors={"w": view([after])}, update=Update(leaves=("w",)), facts=facts),
    ]


def test_wrong_sign_by_hand_is_no_momentum() -> None:
    assert wrong_sign(by_hand(1, 1.0, 1.5, 1.0))
    assert not wrong_sign([*by_hand(1, 1.0, 0.5, 1.0), *by_hand(2, 0.5, 0.2, -1.0)])
    assert not wrong_sign(by_hand(7, 1.0, 1.5, 1.0)), "its first updates are not known"
    named = [replace(stop, loss=Loss("reward", 1.0)) for stop in by_hand(1, 1.0, 1.5, 1.0)]
    assert not wrong_sign(named)


def test_wrong_sign_goes_on_once_it_was_found() -> None:
    examiner = Examiner()
    last = Stop()
    for index in range(1, 60):
        for stop in by_hand(index, float(index), index + 1.0, 1.0):
            last = examiner.examine(stop)
    assert last.finding("wrong-sign") is not None


def activated(item: Activation, loss: float = 1.0) -> Stop:
    return Stop(1, "forward", loss=Loss("loss", loss, site="a"), activations=(item,))


def test_dead_units_from_nine_of_ten() -> None:
    assert dead_units([activated(Activation("relu", "relu", units=10, dead=9))])
    assert not dead_units([activated(Activation("relu", "relu", units=10, dead=8))])


def test_saturated_only_where_it_hurts() -> None:
    item = Activation("sigmoid", "sigmoid", units=10, saturated=10)
    assert saturated([activated(item)])
    assert not saturated([activated(item, 0.01)]), "right, and sure of it"
    assert not saturated([activated(item, 10.0), activated(item, 0.5)]), "the loss has fallen far"
    assert not saturated([activated(replace(item, hidden=False, logged=True))]), "its logarithm has a gradient"
    assert saturated([activated(replace(item, hidden=False, logged=True, flat=10))]), "at exactly 0 it has none"


def reached(index: int, **facts: LeafFacts) -> Stop:
    return Stop(index, "update", update=Update("SGD", 0.1, number=0), facts=facts)


def test_a_leaf_of_the_optimizer_without_gradient() -> None:
    never = LeafFacts("model.a", 0, True, passes=0, missed=3, updates=3)
    assert gradient_never_reached([reached(9, **{"model.a.weight": never})])
    assert not gradient_never_reached([reached(9, **{"model.a.weight": replace(never, missed=2, updates=2)})])
    assert not gradient_never_reached([reached(9, **{"model.a.weight": replace(never, passes=1)})])
    assert not gradient_never_reached([reached(9, **{"model.a.weight": replace(never, owner=1)})])
    facts = {"model.a.weight": replace(never, missed=2, updates=2)}
    assert gradient_never_reached([reached(6), Stop(7, "end", facts=facts)])


def test_a_leaf_in_no_optimizer() -> None:
    trained = LeafFacts("model.a", 0, True, passes=5, updates=5)
    left = LeafFacts("model.b", -1, True, passes=5)
    assert gradient_never_reached([reached(9, **{"model.a.weight": trained, "model.b.weight": left})])
    followed = replace(left, updates=5)
    (info,) = gradient_never_reached([reached(9, **{"model.a.weight": trained, "target.weight": left})])
    assert info.severity == "info"
    assert not gradient_never_reached([reached(9, **{"model.a.weight": trained, "target.weight": followed})])
    assert not gradient_never_reached([reached(9, **{"model.a.weight": trained, "model.b.weight": followed})])


def test_equal_units_must_have_had_the_chance_to_differ() -> None:
    fact = LeafFacts(owner=0, passes=3, updates=3, equal_units=True)
    assert all_zero_initialisation([reached(9, w=fact)])
    assert not all_zero_initialisation([reached(9, w=replace(fact, updates=2))])
    assert not all_zero_initialisation([reached(9, w=replace(fact, passes=0))])


def test_not_finite_in_words() -> None:
    made = NotFinite("NaN", "l", "log", "p from -1 to 0", count=3)
    found = not_finite([Stop(1, "forward", not_finite=made)])[0]
    assert "log" in found.message
    assert "p from -1 to 0" in found.message
    assert found.evidence["count"] == 3
    given = not_finite([Stop(1, "forward", not_finite=NotFinite("NaN", "x", given=True, count=2))])[0]
    assert given.message.startswith("x holds NaN (2 of its elements are not finite)")


def test_not_finite_where_nobody_looked() -> None:
    fine, bad = (Stop(1, "forward", loss=Loss("loss", value), light=True) for value in (1.0, math.nan))
    assert not_finite([fine, bad])
    assert not not_finite([bad, bad])


def test_loss_not_scalar_tells_the_shape() -> None:
    graph = Graph((GraphNode(0, "op", "losses", "mse_loss", large(12, 8, norm=1.0)),), root=0)
    forward = Stop(1, "forward", loss=Loss("losses", None), graph=graph)
    fault = Fault("RuntimeError", "grad can be implicitly created only for scalar outputs")
    found = loss_not_scalar([forward, Stop(2, "end", fault=fault)])[0]
    assert "losses of shape [12, 8]" in found.message
    assert found.evidence["elements"] == 96
    assert not loss_not_scalar([forward, Stop(2, "end", fault=Fault("RuntimeError", "CUDA out of memory"))])


def test_skipped_step() -> None:
    assert skipped_step([Stop(3, "update", update=Update("SGD", skipped=2))])[0].severity == "info"
    assert not skipped_step([Stop(3, "update", update=Update("SGD"))])


def test_an_update_that_dwarfs_the_weights_and_a_loss_that_rose() -> None:
    loss = Loss("loss", 1.0, site="a")
    before = Stop(1, "forward", loss=loss, tensors={"w": view([1.0])})
    update = Stop(3, "update", tensors={"w": view([500.0])}, update=Update("SGD", 1.0, leaves=("w",), number=0))
    worse = Stop(4, "forward", loss=replace(loss, value=1e6))
    backward = replace(before, index=2, phase="backward")
    assert exploding_gradient([before, backward, update, worse])
    better = Stop(4, "forward", loss=replace(loss, value=0.5))
    assert not exploding_gradient([before, backward, update, better])
