"""One limit for all that is kept of tensors, and who goes without where it is reached."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from gradstep.draw.receipt import receipt_lines
from gradstep.model.message import Exited, Go, Launch, Notice, Statistics, Stopped
from gradstep.program.leaves.leaves import Leaves
from gradstep.program.receipt.keep import Copies
from gradstep.program.replay.kept import Weighing
from gradstep.program.replay.run import Lost
from gradstep.program.tensors.allowance import USUAL, Allowance
from running import Stage


def test_what_can_be_done_without_yields_the_oldest_first() -> None:
    allowance, old = Allowance(100), [30, 40]

    def drop() -> None:
        allowance.give(old.pop(0))

    assert allowance.take(70)
    allowance.yields(lambda: sum(old), drop)
    assert allowance.take(50)
    assert (old, allowance.used) == ([40], 90)
    assert not allowance.take(61)
    assert old == [40], "nothing is dropped for what has no room anyway"
    assert allowance.take(50)
    assert (old, allowance.used) == ([], 100)
    assert Allowance().size == USUAL


def test_copies_are_counted_once_and_given_back() -> None:
    allowance = Allowance(1000)
    copies, tensor = Copies(allowance), torch.ones(100)
    for _ in range(3):
        assert torch.equal(copies.take({(1, "value"): tensor})[1, "value"], tensor)
    assert (allowance.used, copies.refused) == (400, False)
    copies.take({(1, "value"): torch.ones(50)})
    assert allowance.used == 200
    assert copies.take({(2, "value"): torch.ones(300)}) == {}
    assert copies.refused
    copies.forget()
    assert allowance.used == 0


def test_weights_are_counted_and_given_back() -> None:
    allowance = Allowance(1000)
    weighing, weight = Weighing(allowance), torch.ones(100, requires_grad=True)
    known = [Leaves().add(weight)]
    taken = [weighing.take(known) for _ in range(2)]
    assert allowance.used == 800
    with pytest.raises(Lost, match="--history"):
        weighing.take(known)
    weighing.give(taken.pop())
    taken.append(weighing.take(known))
    assert allowance.used == 800
    weighing.forget()
    assert allowance.used == 0


def test_a_large_leaf_goes_without_and_that_is_said_once(stage: Stage, tmp_path: Path) -> None:
    path = tmp_path / "large.py"
    path.write_text(
        "import torch\n"
        "model = torch.nn.Linear(100, 100)\n"
        "optimizer = torch.optim.SGD(model.parameters(), lr=0.1)\n"
        "for _ in range(3):\n"
        "    loss = model(torch.ones(100)).square().mean()\n"
        "    optimizer.zero_grad()\n"
        "    loss.backward()\n"
        "    optimizer.step()\n"
    )
    launch = Launch("file", str(path), (str(path),), str(tmp_path), history=4_000)
    receipts: list[set[str]] = []
    without: list[tuple[str, ...]] = []
    notices = []
    with stage.source(launch, quiet=True) as (source, events):
        while not isinstance(event := events.get(timeout=60), Exited):
            if isinstance(event, Stopped):
                if event.stop.phase == "update":
                    receipts.append(set(event.stop.receipts))
                    without.append(event.stop.without_receipt)
                    assert "no receipt: --history is too small" in receipt_lines(event.stop, 60)[-2].plain
                if event.waiting:
                    source.send(Go("phase", full=True))
            elif isinstance(event, Statistics):
                receipts[-1] |= set(event.receipts)
            elif isinstance(event, Notice):
                notices.append(event.text)
    assert receipts == [{"model.bias"}] * 3
    assert without == [("model.weight",)] * 3
    assert [text for text in notices if "--history" in text] == notices
    assert len(notices) == 1
