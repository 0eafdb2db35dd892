"""When a condition is met: as it becomes true, and not again while it stays so."""

from __future__ import annotations

import math

import pytest
from gradstep.conditions import parse
from gradstep.conditions.detect import Detector
from gradstep.model.graph import Graph, GraphNode, Module
from gradstep.model.receipt import Receipt
from gradstep.model.stop import Finding, Gradient, Loss, Step, Stop
from gradstep.model.tensor import TensorView, Value


def small(value: Value, *shape: int) -> TensorView:
    return TensorView(shape, "float32", "cpu", value=value)


def large(**statistics: float) -> TensorView:
    return TensorView((100,), "float32", "cpu", **statistics)  # type: ignore[arg-type]


def losses(*values: float, name: str = "loss", dtype: str = "float32") -> list[Stop]:
    return [Stop(phase="forward", loss=Loss(name, value, dtype), iteration=at) for at, value in enumerate(values, 1)]


def met(text: str, stops: list[Stop], known: tuple[str, ...] = ()) -> list[int]:
    """At which of the stops."""
    detector = Detector(parse(text), known)
    return [at for at, stop in enumerate(stops) if detector.look(stop)]


def test_a_loss_past_a_bound() -> None:
    stops = losses(1, 6, 7, 2, 5, 5.5)
    assert met("loss > 5", stops) == [1, 5]
    assert met("loss >= 5", stops) == [1, 4]
    assert met("loss < 2", stops) == [0]


def test_what_holds_where_it_is_let_run_is_not_waited_for() -> None:
    waits = Detector(parse("loss rises"))
    waits.begin(Stop(phase="backward", loss=Loss("loss", 2.0)))
    assert [waits.look(stop) for stop in losses(1.0, 3.0)] == ["", "loss rose from 1 to 3"]
    waits.begin(Stop(phase="update", reason="pause", loss=Loss("loss", 2.0)))
    assert waits.look(losses(3.0)[0]) == "loss rose from 2 to 3"
    begun = Detector(parse("iteration 3"))
    begun.begin(Stop(phase="update", reason="pause", iteration=5))
    assert begun.look(Stop(phase="forward", iteration=6)) == ""


def test_two_losses_in_turn_are_not_compared() -> None:
    stops = [stop for pair in zip(losses(1, 0.5), losses(8, 7, name="other"), strict=True) for stop in pair]
    assert met("loss rises", stops) == []
    assert met("loss > 5", stops) == [1]


@pytest.mark.parametrize(("rise", "found"), [(1e-3, [1]), (1e-7, [])])
def test_a_rise_of_rounding_is_none(rise: float, found: list[int]) -> None:
    assert met("loss rises", losses(1.0, 1.0 + rise)) == found


def test_a_loss_that_is_no_number() -> None:
    stops = losses(1, math.nan, math.nan, 1, math.inf)
    assert met("loss is not finite", stops) == [1, 4]
    assert met("loss has nan", stops) == [1]
    assert met("loss has inf", stops) == [4]


def test_a_loss_that_does_not_improve() -> None:
    assert met("loss does not improve for 3", losses(5, 4, 4, 4.5, 4, 3, 3, 3, 3, 3, 3)) == [4, 8]


def test_elements_and_statistics_are_read_alike() -> None:
    values = small([3.0, -4.0], 2)
    for text, holds in (
        ("w norm > 4.9", 1),
        ("w norm > 5.1", 0),
        ("w max > 2", 1),
        ("w min < -3", 1),
        ("w mean < -0.4", 1),
    ):
        assert len(met(text, [Stop(phase="update", tensors={"w": values})])) == holds, text
        known = large(norm=5.0, max=3.0, min=-4.0, mean=-0.5)
        assert len(met(text, [Stop(phase="update", tensors={"w": known})])) == holds, text
    assert met("w > 1", [Stop(phase="update", tensors={"w": values})]) == []
    assert met("w > 1", [Stop(phase="forward", tensors={"w": small(2.0)})]) == [0]


def test_what_is_not_finite_in_values_counts_and_norms() -> None:
    views = [small([math.nan, 1.0], 2), large(nan=3, inf=0), large(norm=math.nan), large(nan=0, inf=2), large(norm=1.0)]
    stops = [Stop(phase="backward", gradients={f"w{at}": Gradient(now=view)}) for at, view in enumerate(views)]
    assert met("w*.grad has nan", stops) == [0, 1, 2]
    assert met("w*.grad has inf", stops) == [3]
    assert met("w*.grad is not finite", stops) == [0, 1, 2, 3]


def test_each_tensor_counts_by_itself() -> None:
    def stop(**norms: float) -> Stop:
        return Stop(phase="backward", gradients={name: Gradient(now=large(norm=norm)) for name, norm in norms.items()})

    stops = [stop(a=1, b=1), stop(a=9, b=1), stop(a=9, b=9), stop(a=1), stop(a=9)]
    assert met("*.grad norm > 5", stops) == [1, 2, 4]
    words = Detector(parse("*.grad norm > 5")).look(stops[2])
    assert words == "a.grad norm 9 > 5, and 1 more"


def test_a_name_ends_in_the_pattern() -> None:
    stop = Stop(phase="update", tensors={"net.fc.weight": large(norm=9.0)})
    assert met("fc.weight norm > 1", [stop]) == [0]
    assert met("net.fc.weight norm > 1", [stop]) == [0]
    assert met("c.weight norm > 1", [stop]) == []


def test_all_zeros() -> None:
    views = [small([0.0, 0.0], 2), large(norm=0.0), large(norm=1e-30), small([], 0)]
    assert met("w* is zero", [Stop(phase="forward", tensors={f"w{at}": view}) for at, view in enumerate(views)]) == [
        0,
        1,
    ]


def test_changes_of_weights_gradients_and_results() -> None:
    known = {"w": small(1.0), "y": small(2.0)}

    def stop(phase: str, *changed: str, light: bool = False) -> Stop:
        grads = {"w": Gradient(now=small(1.0))}
        return Stop(phase=phase, tensors=known, leaves=("w",), gradients=grads, changed=changed, light=light)  # type: ignore[arg-type]

    stops = [stop("forward", "w", "y"), stop("backward", "w.grad"), stop("update", "w"), stop("update"), stop("update")]
    assert met("w changes", stops) == [2]
    assert met("y changes", stops) == [0]
    assert met("w.grad changes", stops) == [1]
    assert met("w does not change", stops) == [3]
    assert met("w does not change", [stop("update", light=True)]) == []


def test_the_ratio_of_a_step() -> None:
    receipt = Receipt(before=large(norm=4.0), after=large(norm=4.5), change=large(norm=1.0))
    stop = Stop(phase="update", receipts={"fc.weight": receipt})
    assert met("fc.weight ratio > 0.2", [stop]) == [0]
    assert met("fc.weight ratio > 0.3", [stop]) == []


def test_a_finding_counts_once_and_only_if_it_is_new() -> None:
    def stop(kind: str, severity: str) -> Stop:
        return Stop(phase="forward", findings=(Finding(kind, severity, ""),))  # type: ignore[arg-type]

    stops = [stop("loss-rose", "info"), stop("stale-gradient", "warning"), stop("stale-gradient", "warning")]
    stops.append(stop("overshoot", "error"))
    assert met("warning", stops) == [1, 3]
    assert met("error", stops) == [3]
    assert met("loss-rose", stops) == [0]
    assert met("warning", stops, known=("stale-gradient",)) == [3]


def test_ops_by_name_and_by_module() -> None:
    modules = (Module("net.blocks.0", "Block"), Module("net.blocks.1.fc", "Linear"))

    def stop(op: str, module: int = -1) -> Stop:
        node = GraphNode(0, "op", op, op=op, module=module)
        graph = Graph(nodes=(node,), modules=modules)
        return Stop(phase="forward", reason="op", step=Step(op, 0), graph=graph)

    stops = [stop("relu", 0), stop("linear", 1), stop("add", 1), stop("softmax"), stop("linear", 1)]
    assert met("op softmax", stops) == [3]
    assert met("op blocks.1", stops) == [1, 4]
    assert met("op blocks.*.fc", stops) == [1, 4]
    assert met("op linear", stops) == [1, 4]


def test_phases_and_iterations() -> None:
    stops = [Stop(phase="backward", iteration=at) for at in range(5)]
    assert met("iteration 3", stops) == [3]
    assert met("backward", stops) == [0, 1, 2, 3, 4]
    assert met("update", stops) == []
