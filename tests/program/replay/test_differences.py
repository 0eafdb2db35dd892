"""Gradients by finite differences through the real process, beside autograd's."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import gradstep
import pytest
from gradstep.model.message import Event, Exited, Go, Launch, Probe, Probed, Stopped
from gradstep.model.proof import Check
from gradstep.model.stop import Stop
from gradstep.source.live import LiveSource
from running import PROGRAMS

T = TypeVar("T", Stopped, Probed)
LESSON = Path(gradstep.__file__).parent / "lessons" / "three_weights.py"


class Asking:
    """A program that waits, and answers."""

    def __init__(self, program: Path) -> None:
        self.events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.source = LiveSource(Launch("file", str(program), (str(program),), str(program.parent)), quiet=True)
        self.source.start(self.events.put)
        self.stop = self.next(Stopped).stop

    def next(self, kind: type[T]) -> T:
        """The next event of that kind."""
        while not isinstance(event := self.events.get(timeout=120), kind):
            assert not isinstance(event, Exited)
        return event

    def go(self, phase: str, times: int = 1) -> Stop:
        """To the end of a phase."""
        for _ in range(times):
            self.source.send(Go(phase))  # type: ignore[arg-type]
            while not (event := self.next(Stopped)).waiting:
                pass
            self.stop = event.stop
        return self.stop

    def probe(self, name: str, node: int = -1) -> Check:
        """A gradient by finite differences."""
        self.source.send(Probe(self.stop.index, name, node))
        answer = self.next(Probed)
        assert answer.of.name == name
        return answer.check


@pytest.fixture
def asking() -> Iterator[list[Asking]]:
    opened: list[Asking] = []
    yield opened
    for item in opened:
        item.source.close()


def begin(asking: list[Asking], program: Path) -> Asking:
    asking.append(Asking(program))
    return asking[-1]


def test_the_seed(asking: list[Asking]) -> None:
    run = begin(asking, LESSON)
    stop = run.go("forward")
    check = run.probe("w")
    assert check.problem == ""
    assert check.autograd == (16.0, 24.0, 8.0)
    assert check.differences == pytest.approx((16.0, 24.0, 8.0), rel=2e-4)
    assert check.elements == (0, 1, 2)
    result = next(node for node in stop.graph.nodes if node.name == "y_hat")
    inside = run.probe("y_hat", result.id)
    assert inside.autograd == (8.0,)
    assert inside.differences == pytest.approx((8.0,), rel=2e-4)
    data = next(node for node in stop.graph.nodes if node.name == "x")
    assert run.probe("x", data.id).problem == "it needs no gradient"
    run.go("backward")
    assert run.probe("w").autograd == (16.0, 24.0, 8.0)
    run.go("update")
    assert "the weights have moved" in run.probe("w").problem


@pytest.mark.parametrize("program", ["minibatch.py", "batchnorm_inplace.py", "complex_double.py", "gan.py"])
def test_every_leaf_and_result(asking: list[Asking], program: str) -> None:
    run = begin(asking, PROGRAMS / program)
    stop = run.go("forward", 2)
    tried = 0
    boxes = [(node.name, node.id) for node in stop.graph.nodes if node.kind == "op"]
    leaves = [(node.name, -1) for node in stop.graph.nodes if node.kind == "leaf"]
    for name, box in [*leaves, *boxes]:
        check = run.probe(name, box)
        if check.problem:
            assert "complex" in check.problem, (name, check)
            continue
        tried += 1
        assert len(check.elements) <= 16
        assert check.error < 10 * (check.expected + 1e-3), (name, check)
    assert tried >= 1
