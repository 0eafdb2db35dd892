"""Large leaves and gradients at stops that are over, as the inspector asks for them, through the real processes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from asking import Asking
from gradstep.model.message import Evaluate, Evaluated, Fetched, Launch
from gradstep.model.stop import Stop
from gradstep.program.leaves.leaves import Leaves
from gradstep.program.stops.archive import Archive
from gradstep.program.stops.inspect import NOT_KEPT
from gradstep.program.tensors.allowance import Allowance
from gradstep.program.tensors.views import frame_of
from running import Stage

PROGRAM = """
import sys

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Linear(30, 20)
big = torch.randn(12, 12, requires_grad=True)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
x, log = torch.randn(8, 30), []


def note():
    leaves = {"model.weight": model.weight, "big": big}
    log.append({name: (leaf.detach().clone(), leaf.grad if leaf.grad is None else leaf.grad.clone())
                for name, leaf in leaves.items()})


for step in range(4):
    loss = model(x).square().mean() + (big ** 2).sum()
    note()
    loss.backward()
    note()
    optimizer.step()
    note()
    big.data -= 0.1 * big.grad.data
    optimizer.zero_grad()
    big.grad.data.zero_()
    note()
torch.save(log, sys.argv[1])
"""
SHAPES = {"model.weight": (20, 30), "big": (12, 12)}
Log = list[dict[str, tuple[torch.Tensor, torch.Tensor | None]]]


@contextmanager
def stepping(stage: Stage, folder: Path, history: int) -> Iterator[Asking]:
    """The program under the debugger, with so many bytes for copies."""
    path = folder / "program.py"
    path.write_text(PROGRAM, encoding="utf-8")
    argv = (str(path), str(folder / "watched.pt"))
    launch = Launch("file", str(path), argv, str(folder), None, 7, history=history)
    with stage.source(launch, quiet=True) as started:
        yield Asking(*started)


def to_the_end(asking: Asking, stops: int = 15) -> list[Stop]:
    """Step through its phases, each in full, to the last but one."""
    found = []
    for _ in range(stops):
        found.append(asking.go())
        asking.wait_for_all()
    return found


def then(asking: Asking, stop: Stop, name: str, side: str) -> Fetched:
    """What it was at that stop."""
    window = tuple((0, size, 1) for size in SHAPES[name])
    return asking.ask(name, stop=stop.index, past=stop.phases, node=-1, side=side, window=window)


def plain(stage: Stage, folder: Path) -> Log:
    assert stage.plain(folder / "program.py", str(folder / "plain.pt"), directory=folder) == 0
    log: Log = torch.load(folder / "plain.pt")
    return log


def same(found: Fetched, exact: torch.Tensor | None) -> bool:
    return exact is not None and torch.equal(torch.tensor(found.values), exact.reshape(-1))


def test_every_stop_as_it_was(stage: Stage, tmp_path: Path) -> None:
    with stepping(stage, tmp_path, 1 << 24) as asking:
        stops = to_the_end(asking)
        assert [stop.phase[0] for stop in stops] == [*"fbuu" * 3, *"fbu"]
        log = plain(stage, tmp_path)
        for stop, exact in zip(stops[:-1], log, strict=False):
            for name, (value, grad) in exact.items():
                assert same(then(asking, stop, name, "value"), value), (stop.index, name)
                found = then(asking, stop, name, "gradient")
                assert same(found, grad) if grad is not None else found.problem, (stop.index, name)
        assert then(asking, stops[0], "big", "value").view.device == "cpu"  # type: ignore[union-attr]
        asking.output()
    assert all(
        torch.equal(one[name][0], two[name][0])
        for one, two in zip(log, torch.load(tmp_path / "watched.pt"), strict=True)
        for name in SHAPES
    )


def test_the_oldest_are_dropped_first(stage: Stage, tmp_path: Path) -> None:
    room = 9 * 4 * (20 * 30 + 12 * 12)  # a third of it for receipts and proofs, which go first
    with stepping(stage, tmp_path, room) as asking:
        stops = to_the_end(asking, 9)
        kept = [not then(asking, stop, "big", "value").problem for stop in stops[:-1]]
        assert kept == sorted(kept)
        assert any(kept)
        assert not kept[0]


def test_without_room_nothing_is_kept(stage: Stage, tmp_path: Path) -> None:
    with stepping(stage, tmp_path, 0) as asking:
        stops = to_the_end(asking, 3)
        assert then(asking, stops[0], "big", "value").problem == NOT_KEPT


def test_an_edit_changes_its_own_stop_and_none_before(stage: Stage, tmp_path: Path) -> None:
    with stepping(stage, tmp_path, 1 << 24) as asking:
        stops = to_the_end(asking, 3)
        asking.source.send(Evaluate("big.data.fill_(2.0)"))
        while not isinstance(answer := asking._events.get(timeout=60), Evaluated):
            asking.seen.append(answer)
        assert not answer.error
        asking.go()
        asking.wait_for_all()
        log = plain(stage, tmp_path)
        assert same(then(asking, stops[2], "big", "value"), torch.full((12, 12), 2.0))
        assert same(then(asking, stops[1], "big", "value"), log[1]["big"][0])
        assert same(then(asking, stops[2], "model.weight", "value"), log[2]["model.weight"][0])


def test_what_is_no_leaf_is_not_kept(stage: Stage, tmp_path: Path) -> None:
    with stepping(stage, tmp_path, 1 << 24) as asking:
        stops = to_the_end(asking, 3)
        fetch: dict[str, Any] = {"stop": stops[0].index, "past": stops[0].phases, "node": 3}
        assert asking.ask("loss", **fetch).problem == NOT_KEPT


def test_what_nobody_has_looked_at_in_between_is_copied_anew() -> None:
    leaves, w = Leaves(), torch.ones(100, requires_grad=True)
    leaves.add(w).name = "w"
    archive = Archive(leaves, Allowance(1 << 20))
    for phases in (1, 2, 5):
        stop = Stop(phases, "forward", phases=phases, tensors={"w": frame_of(w)})
        assert not any(archive.rest(stop))
        w.data.mul_(3)  # which its version does not tell
    kept = [archive.find("w", "value", phases) for phases in range(1, 7)]
    assert [copy and float(copy.tensor[0]) for copy in kept] == [1.0, 1.0, None, None, 9.0, None]
