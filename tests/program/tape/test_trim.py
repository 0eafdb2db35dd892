"""An iteration as long as the program: what nobody needs is forgotten, what live results came from is not."""

from __future__ import annotations

from pathlib import Path

from gradstep.program.leaves.leaves import Leaves
from gradstep.program.leaves.updates import Updates
from gradstep.program.tape.modules import ModuleStack
from gradstep.program.tape.ops import Op
from gradstep.program.tape.tape import Tape
from running import Runner

ENDLESS = """
import sys, torch
w = torch.tensor([1.0, 1.0, -1.0], requires_grad=True)
x, y = torch.tensor([2.0, 3.0, 1.0]), torch.tensor(3.0)
pages = []
for step in range(5000):
    loss = (w @ x - y) ** 2
    loss.backward()
    w.grad = None
    if step in (2000, 4999):
        pages.append(int(open("/proc/self/statm").read().split()[1]))
open(sys.argv[1], "w").write(str((pages[1] - pages[0]) * 4096))
"""

TRUNK = """
import torch
w = torch.tensor([1.0, 2.0], requires_grad=True)
trunk = torch.tanh(w * 3)
for step in range(800):
    loss = (trunk * step).exp().sum()
    loss.backward(retain_graph=True)
"""


def test_memory_is_flat_without_an_update(tmp_path: Path, runner: Runner) -> None:
    path = tmp_path / "endless.py"
    path.write_text(ENDLESS)
    watched = runner.watch(path, str(tmp_path / "grown"), light=True)
    assert watched.phases == "f b " * 4999 + "f b"
    assert int((tmp_path / "grown").read_text()) < 1 << 20, "it was 4 KiB an iteration"


def test_what_is_alive_keeps_what_it_was_made_of(tmp_path: Path, runner: Runner) -> None:
    path = tmp_path / "trunk.py"
    path.write_text(TRUNK)
    last = runner.watch(path).of("backward")[-1]
    assert [(node.name, node.op) for node in last.graph.nodes][:3] == [("w", ""), ("mul", "mul"), ("trunk", "tanh")]


def test_one_long_pass_is_not_trimmed() -> None:
    known = Leaves()
    tape = Tape(known, Updates(known), ModuleStack())
    for seq in range(9000):
        tape._ops[seq] = Op(name="mul", inputs=(), scalars=(), first_seq=seq, seq=seq, modules=())
    assert not tape.trim()
    assert len(tape.ops()) == 9000
    tape.reset()
    assert not tape.trim()
