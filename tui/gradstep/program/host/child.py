"""The freshly forked process becomes the program: its terminal, its `__main__`, its exit code."""

from __future__ import annotations

import os
import random
import socket
import sys
from collections.abc import Callable

import msgspec
from msgspec.structs import replace

from gradstep import TORCH
from gradstep.model.channel import Channel
from gradstep.model.message import Command, Launch, Shortened, Stopped
from gradstep.model.place import Place
from gradstep.model.stop import Fault, Reason
from gradstep.model.wire import Sender
from gradstep.program.host import target
from gradstep.program.host.faults import describe, origin, show, where, without_our_frames
from gradstep.program.host.imports import after_import
from gradstep.program.host.shadowing import Shadowing
from gradstep.program.host.stdin import tell_of_reading
from gradstep.program.host.talk import Talk

Attach = Callable[[Talk], None]
"""Watches this process's torch. Raises ValueError for a torch or a device that cannot be used."""
Load = Callable[[], Attach]
"""Imports torch, and gives what watches it."""


def run(launch: Launch, descriptors: list[int], load: Load) -> int:
    """Run the program to its end; returns its exit code. `descriptors`: channel, stdin, stdout, stderr."""
    os.setsid()
    link, *standard = descriptors
    for number, descriptor in enumerate(standard):
        os.dup2(descriptor, number)
        os.close(descriptor)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    channel = StopChannel(socket.socket(fileno=link), Command)  # type: ignore[arg-type]
    talk = Talk(channel, launch)
    tell_of_reading(talk.asks)
    os.register_at_fork(after_in_child=talk.forget)
    os.chdir(launch.directory or os.getcwd())
    random.seed(launch.seed)
    shadowing = Shadowing(os.getcwd() if launch.kind == "module" else os.path.dirname(launch.target))
    after_import("torch", lambda: _attach(talk, shadowing, load))
    shadowing.make_room()
    return _finish(talk, lambda: _run(talk, launch), shadowing)


class StopChannel(Channel[Command]):
    """To the screen: a stop goes without what the one before had, too."""

    def __init__(self, sock: socket.socket, receives: type[Command]) -> None:
        super().__init__(sock, receives)
        self._sender = Sender()

    def send(self, message: msgspec.Struct) -> None:
        """Send one message; raises OSError if the other side is gone."""
        if isinstance(message, Stopped):
            stop, kept = self._sender.shorten(message.stop)
            message = Shortened(stop, message.waiting, kept)
        super().send(message)


def _attach(talk: Talk, shadowing: Shadowing, load: Load) -> None:
    try:
        with shadowing.ours():
            load()(talk)
    except ValueError as error:
        talk.refuse(str(error))
    except Exception as error:  # noqa: BLE001  (told in a line: it may be a torch that is not as it was)
        hint = shadowing.hint("torch") or shadowing.blame(error)
        if not hint:
            version = getattr(sys.modules["torch"], "__version__", "?")
            talk.refuse(f"gradstep cannot watch torch {version}: {error!r} ({origin(error)}); tried with {TORCH}")
        talk.notice(f"this program cannot be watched: {hint}")


def _run(talk: Talk, launch: Launch) -> None:
    """Prepare the program and run it. What cannot be started as asked is refused."""
    try:
        program = target.prepare(launch)
    except (SyntaxError, ImportError, OSError, ValueError) as error:
        if isinstance(error, SyntaxError) or not where(error).line:
            talk.refuse(f"{launch.target}: {error}")
        raise
    talk.start(program.first)
    program.run(talk.cell_ended)


def _finish(talk: Talk, program: Callable[[], None], shadowing: Shadowing) -> int:
    """Run it and report how it ended, with the exit code that python would give."""
    reason: Reason = "exit"
    fault: Fault | None = None
    place = Place()
    try:
        program()
        code = 0
    except SystemExit as error:
        code = _exit_code(error)
        if code:
            fault, place = replace(describe(error), traceback=""), where(error)
    except BaseException as error:  # noqa: BLE001  (whatever ends a program is shown, and printed as python does)
        code, reason = 1, "exception"
        without_our_frames(error)
        fault, place = describe(error), where(error)
        show(error, fault, talk.launch.kind == "notebook")
        fault = _with_hint(talk, fault, shadowing.blame(error))
    sys.stdout.flush()
    if not talk.index:
        talk.start(Place())
    talk.ended(reason, code, fault, place)
    return code


def _with_hint(talk: Talk, fault: Fault, hint: str) -> Fault:
    if not hint:
        return fault
    talk.notice(hint)
    return replace(fault, message=f"{fault.message}. {hint}")


def _exit_code(error: SystemExit) -> int:
    if error.code is None:
        return 0
    if isinstance(error.code, int):
        return error.code & 0xFF
    print(error.code, file=sys.stderr)
    return 1
