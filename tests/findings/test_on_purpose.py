"""What looks like a fault and is meant: steps along a return, groups at rest, likelihoods that are to grow, swings."""

from __future__ import annotations

import pytest
from gradstep.findings.likelihood_minimised import likelihood_minimised
from gradstep.findings.overshoot import overshoot
from gradstep.findings.thresholds import SWING
from gradstep.findings.weight_not_changed import weight_not_changed
from gradstep.findings.wrong_sign import wrong_sign
from gradstep.model.clue import Clue
from gradstep.model.evidence import LeafFacts
from gradstep.model.proof import Cause, Proof
from gradstep.model.receipt import Part, Receipt
from gradstep.model.stop import Finding, Gradient, Loss, Stop, Update
from hand import view
from msgspec.structs import replace


def climbs(index: int, rate: float | None, *, updates: int = 0) -> Stop:
    """An update by hand of one leaf, up the slope, with the rate that it tells."""
    change = view([0.1])
    receipt = Receipt(view([1.0]), view([1.1]), change, (Part("fresh", change),), lr=rate, uphill=1.0)
    facts = {"w": LeafFacts(passes=index, updates=updates or index)}
    return Stop(index, "update", update=Update(leaves=("w",)), receipts={"w": receipt}, facts=facts)


def test_a_round_rate_up_the_slope_is_told_at_once() -> None:
    assert wrong_sign([climbs(1, -0.05)])
    assert not wrong_sign([climbs(1, -0.0512345)])


def test_factors_that_vary_are_returns() -> None:
    rates = (-0.0512345, -0.0734567, -0.0623456)
    assert not wrong_sign([climbs(at, rate) for at, rate in enumerate(rates, 1)])
    assert wrong_sign([climbs(at, rates[0]) for at in (1, 2, 3)]), "a rate that is not round"
    assert not wrong_sign([climbs(at, rates[0]) for at in (1, 2)])
    assert wrong_sign([climbs(1, None)]), "a step with more in it than the gradient"


def at_rest(index: int, resting: tuple[str, ...], lr: float = 0.0) -> Stop:
    """An update that has left one of two weights as it was."""
    gradient = Gradient(fresh=view([1.0]), now=view([1.0]))
    tensors, fact = {"w": view([1.0]), "v": view([float(index)])}, LeafFacts(owner=0, passes=9, updates=index, peak=1.0)
    update = Update("SGD", lr, leaves=("v",), number=0, resting=resting, peak=0.1)
    gradients = {"w": gradient, "v": gradient}
    return Stop(index, "update", tensors=tensors, gradients=gradients, update=update, facts={"w": fact, "v": fact})


@pytest.mark.parametrize("lr", [0.0, 0.1])
def test_a_group_at_rest_is_no_fault(lr: float) -> None:
    stops = [at_rest(index, ("w",), lr) for index in (1, 2, 3)]
    assert not weight_not_changed(stops[:2])
    (found,) = weight_not_changed(stops)
    assert found.severity == "info"
    assert found.message == "SGD.step() leaves w as they are: the learning rate of their group is 0."


def test_an_optimizer_at_rest_is_one() -> None:
    (found,) = weight_not_changed([at_rest(index, ()) for index in (1, 2, 3)])
    assert found.severity == "warning"
    assert "learning rate fell from 0.1 to 0" in found.message


def test_the_rate_that_is_told_is_the_weight_s_own() -> None:
    own = Receipt(view([1.0]), view([1.0]), view([0.0]), lr=1e-12)
    (found,) = weight_not_changed([replace(at_rest(index, (), 0.1), receipts={"w": own}) for index in (1, 2, 3)])
    assert "learning rate fell from 0.1 to 1e-12" in found.message
    assert "raise the learning rate" in found.remedy


def falling(update: Stop) -> list[Finding]:
    """What is said of a likelihood that falls from pass to pass, with that update between."""
    clue = Clue("likelihood-minimised", of="loss", by="log_softmax")
    passes = [Stop(index, "forward", loss=Loss("loss", -1.0 - index, site="a"), clues=(clue,)) for index in (1, 2, 3)]
    return likelihood_minimised([passes[0], update, *passes[1:]])


def test_a_likelihood_that_is_climbed_is_not_minimised() -> None:
    down = climbs(1, 0.05)
    down = replace(down, receipts={"w": replace(down.receipts["w"], uphill=-1.0)})
    assert falling(down)
    assert not falling(climbs(1, -0.05))
    assert not falling(replace(down, update=Update("SGD", 0.1, True, 0, ("w",), 0)))


@pytest.mark.parametrize(("cause", "rise", "kind"), [
    ("momentum", SWING - 0.01, "loss-rose"), ("momentum", SWING + 0.01, "overshoot"), ("rate", 0.11, "overshoot"),
])  # fmt: skip
def test_momentum_may_swing(cause: Cause, rise: float, kind: str) -> None:
    before = Stop(1, "forward", loss=Loss("loss", 1.0, site="a", data="one"))
    between = [Stop(2, "backward"), Stop(3, "update", update=Update("SGD", 0.1, leaves=("w",), number=0))]
    proof = Proof(1, cause=cause, before=1.0, after=1.0 + rise, old_on_new=1.0, lowest=0.3)
    after = Stop(4, "forward", loss=Loss("loss", 1.0 + rise, site="a", data="two"), proof=proof)
    (found,) = overshoot([before, *between, after])
    assert found.kind == kind
