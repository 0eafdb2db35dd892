"""Runs a small program under the real recorder, each time with one private name of torch taken away from gradstep.

python without_names.py    Reads JSON lines, `[path below torch, "missing" or "changed", device]`, and answers each with
what came of it. Each is a fork, in which gradstep looks for its names while that one is not there.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import sys
from collections.abc import Iterator
from typing import Any

import msgspec
import numpy  # noqa: F401  (once for all)
import torch._dynamo  # (every optimizer imports it)
import torch.utils._device
from gradstep.model.channel import Channel
from gradstep.model.message import Command, Go, Launch, Notice, Refused, Statistics, Stopped
from gradstep.program.host.talk import Talk

COMPILED = "_dynamo.eval_frame:_TorchDynamoContext.__call__"
TEXT = """
import torch
from torch import nn
class Square(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x
    @staticmethod
    def backward(ctx, delta):
        return 2 * ctx.saved_tensors[0] * delta
torch.manual_seed(1)
x = torch.randn(8, 3)
model = nn.Sequential(nn.Linear(3, 2), nn.Tanh(), nn.Linear(2, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=3.0, momentum=0.9)
for _ in range(3):
    optimizer.zero_grad()
    loss = (model(x) - 1).square().mean() if not custom else Square.apply(model(x) - 1).mean()
    loss.backward()
    optimizer.step()
    with torch.no_grad():
        model(x)
"""


class Ear(Channel[Command]):
    """In place of the screen: goes op by op and keeps what it is told."""

    def __init__(self) -> None:
        self.told: dict[str, Any] = {"notices": [], "refused": "", "phases": "", "losses": [], "gradients": []}
        self.told |= {"modules": 0, "numbers": 0, "problems": [], "proofs": 0}
        self.has_command = False

    def send(self, message: msgspec.Struct) -> None:
        if isinstance(message, Refused):
            self.told["refused"] = message.text
            tell(self.told)
        elif isinstance(message, Notice):
            self.told["notices"].append(message.text)
        elif isinstance(message, Stopped):
            self.look(message)
        else:
            assert not isinstance(message, Statistics), "stops are sent in full"

    def look(self, message: Stopped) -> None:
        told, stop = self.told, message.stop
        told["modules"] = max(told["modules"], len(stop.graph.modules))
        told["numbers"] += sum(local.value is not None for local in stop.graph.locals)
        if stop.proof is not None:
            told["proofs"] += 1
            told["problems"] += [stop.proof.problem] if stop.proof.problem else []
        if stop.whole and stop.phase in ("forward", "backward", "update"):
            told["phases"] += stop.phase[0]
            told["losses"].append(stop.loss and stop.loss.value)
            told["gradients"].append([gradient.now and gradient.now.value for gradient in stop.gradients.values()])

    def pending(self, seconds: float = 0) -> bool:
        """A command comes once it is waited for at length: all work is done by then."""
        self.has_command |= seconds > 1
        return self.has_command

    def receive(self) -> Command:
        self.has_command = False
        return Go("end", full=True)

    def close(self) -> None:
        pass


@contextlib.contextmanager
def taken_away(path: str, how: str) -> Iterator[None]:
    """Inside it torch has that name no more, or something else has it."""
    if not path:
        yield
        return
    module, _, attributes = path.rpartition(":")
    *owners, name = attributes.split(".")
    owner: Any = importlib.import_module(f"torch.{module}") if module else torch
    for part in owners:
        owner = getattr(owner, part)
    known = vars(owner)[name] if name in vars(owner) else getattr(owner, name)
    if how == "missing":
        delattr(owner, name)
    else:
        setattr(owner, name, object())
    try:
        yield
    finally:
        setattr(owner, name, known)


def tell(told: dict[str, Any]) -> None:
    print(json.dumps(told), flush=True)


def run(path: str, how: str, device: str | None) -> None:
    """Be the program."""
    ear = Ear()
    talk = Talk(ear, Launch("file", "program.py", ("program.py",), os.getcwd(), device, 7))
    talk.go = Go("op", full=True)
    with taken_away(path, how):
        attach = importlib.import_module("gradstep.program.session.attach").attach
        if path == COMPILED:
            attach(talk)
    if path != COMPILED:
        try:
            attach(talk)
        except ValueError as error:
            talk.refuse(str(error))
    scope = {"__name__": "__main__", "custom": path == "autograd.Function.apply"}
    sys.modules["__main__"].__dict__.update(scope)
    exec(compile(TEXT, "/program.py", "exec"), sys.modules["__main__"].__dict__)
    tell(ear.told)


for line in sys.stdin:
    child = os.fork()
    if child == 0:
        run(*json.loads(line))
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
