"""Runs a program under the real recorder, each forward pass again at its stop, and prints what came of it, as JSON.

python replay_calls.py PROGRAM…
"""

from __future__ import annotations

import gc
import hashlib
import json
import os
import random
import runpy
import sys
from typing import Any

import msgspec
import numpy
import torch._dynamo  # (every optimizer imports it: once for all programs)
from gradstep.model.channel import Channel
from gradstep.model.message import Command, Go, Launch, Stopped
from gradstep.program.host.talk import Talk
from gradstep.program.replay.run import Lost
from gradstep.program.replay.runs import check
from gradstep.program.session.attach import attach
from gradstep.program.session.watching import Watching
from gradstep.program.tensors.quiet import quiet
from torch import Tensor

TOUCHED = 8
"""Passes of a program at which everything that exists is compared before and after."""


class Ear(Channel[Command]):
    """In place of the screen: looks at the kept pass at each forward stop."""

    def __init__(self, program: str) -> None:
        self.program = program
        self.talk: Talk | None = None
        self.looked = 0
        self.asked = False
        """A stop waits for an answer: it is there at once, before anything late is made."""

    def send(self, message: msgspec.Struct) -> None:
        if isinstance(message, Stopped):
            self.asked = message.waiting
            if message.stop.phase == "forward" and message.stop.whole:
                self.look()

    def look(self) -> None:
        assert self.talk is not None
        watching: Any = self.talk.watcher
        assert isinstance(watching, Watching)
        session = watching.session
        latest = session.prover.latest
        assert latest is not None
        self.looked += 1
        watched = self.looked <= TOUCHED
        before, problem, runs = state() if watched else {}, latest[0].problem, session.prover.runs()
        try:
            for _ in check(latest[0], runs) if not problem else ():
                pass
        except Lost as lost:
            problem = str(lost)
        except Exception as error:  # noqa: BLE001
            problem = repr(error)
        differs = [key for key, value in state().items() if before.get(key) != value] if watched else []
        calls = len(latest[0].chain.calls) if latest[0].chain else 0
        told = {"problem": problem, "touched": differs, "calls": calls, "grad": latest[0].grad}
        print(json.dumps(told | {"program": self.program}), flush=True)

    def receive(self) -> Command | None:
        self.asked = False
        return Go("phase")

    def pending(self, seconds: float = 0) -> bool:
        return self.asked

    def close(self) -> None:
        pass


def state() -> dict[str, str]:
    """A digest of all that a replay might touch."""
    core: Any = torch._C
    with quiet():
        found = {
            "generator": _digest(torch.default_generator.get_state()),
            "python": str(hash(random.getstate())),
            "numpy": _digest(torch.as_tensor(numpy.random.get_state()[1].astype("int64"))),  # type: ignore[index]
            "modes": f"{torch._C._len_torch_function_stack()} {core._get_torch_function_state()}",
            "grad": str(torch.is_grad_enabled()),
            "autocast": str([torch.is_autocast_enabled(kind) for kind in ("cpu", "cuda")]),
            "dtype": str(torch.get_default_dtype()),
        }
        tensors = [item for item in gc.get_objects() if issubclass(type(item), Tensor)]
        for item in tensors:
            if type(item).__module__.startswith("torch._subclasses") or item.device.type == "meta":
                continue
            found[f"tensor {id(item)}"] = _digest(item)
    return found


def _digest(tensor: Tensor) -> str:
    if tensor.is_sparse:
        tensor = tensor.detach().coalesce().values()
    if tensor.layout is not torch.strided or tensor.is_quantized or tensor.is_nested:
        return ""
    version = "" if tensor.is_inference() else str(tensor._version)
    data = tensor.detach().as_subclass(Tensor).resolve_conj().resolve_neg().contiguous().reshape(-1)
    raw = data.view(torch.uint8).numpy().tobytes() if data.numel() else b""
    return hashlib.blake2b(raw).hexdigest() + version


def watch(program: str) -> None:
    """Run it here."""
    ear = Ear(program)
    talk = ear.talk = Talk(ear, Launch("file", program, (program,), ".", None, 7, None))
    talk.go = Go("phase")
    attach(talk)
    sys.argv = [program]
    folder = os.path.dirname(os.path.abspath(program))
    os.chdir(folder)
    sys.path.insert(0, folder)
    runpy.run_path(program, run_name="__main__")


def main() -> None:
    """Each in a process of its own, where only what the program itself has made is looked through."""
    gc.freeze()
    for program in sys.argv[1:]:
        child = os.fork()
        if child == 0:
            return watch(program)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
