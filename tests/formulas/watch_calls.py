"""Runs programs under the real recorder and prints each forward op with what the formulas say of it, as JSON.

python watch_calls.py PROGRAM…
"""

from __future__ import annotations

import json
import os
import runpy
import sys
from typing import Any

import msgspec
import torch._dynamo  # noqa: F401  (every optimizer imports it: once for all programs)
from gradstep.formulas import PyTorchRules, explain
from gradstep.model.channel import Channel
from gradstep.model.message import Command, Go, Launch, Stopped
from gradstep.program.graph.formula_call import call_of
from gradstep.program.host.talk import Talk
from gradstep.program.session.attach import attach
from gradstep.program.session.watching import Watching


class Ear(Channel[Command]):
    """In place of the screen: looks at the recorded ops at each forward stop."""

    def __init__(self, program: str) -> None:
        self.program = program
        self.talk: Talk | None = None
        self.done: set[int] = set()
        self.rules = PyTorchRules()

    def send(self, message: msgspec.Struct) -> None:
        if isinstance(message, Stopped) and message.stop.phase == "forward":
            self.look()

    def look(self) -> None:
        assert self.talk is not None
        watching: Any = self.talk.watcher
        assert isinstance(watching, Watching)
        session = watching.session
        ops = {op.seq: op for op in session.tape.ops()}
        for number in sorted(set(ops) - self.done):
            call = call_of(ops[number], session.tape, lambda _: None)
            found = [
                (item.rule, item.ours)
                for item, argument in zip(explain(call, self.rules), call.inputs, strict=True)
                if argument.differentiable
            ]
            told = {"op": call.op, "node": call.node, "signature": call.signature, "rules": found}
            print(json.dumps(told | {"program": self.program}))
        self.done |= set(ops)

    def receive(self) -> Command | None:
        return Go("end", full=True)

    def pending(self, seconds: float = 0) -> bool:
        return False

    def close(self) -> None:
        pass


def watch(program: str) -> None:
    """Run it here."""
    ear = Ear(program)
    talk = ear.talk = Talk(ear, Launch("file", program, (program,), ".", None, 7, None))
    talk.go = Go("end", full=True)
    attach(talk)
    runpy.run_path(program, run_name="__main__")


def main() -> None:
    """Each in a process of its own."""
    for program in sys.argv[1:]:
        child = os.fork()
        if child == 0:
            return watch(program)
        if os.waitpid(child, 0)[1]:
            sys.exit(f"{program} failed")
    return None


if __name__ == "__main__":
    main()
