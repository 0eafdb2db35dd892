"""The freshly forked process becomes the program: its terminal, its `__main__`, its exit code."""

from __future__ import annotations

import os
import random
import socket
import sys

from gradstep.model.channel import Channel
from gradstep.model.message import Command, Launch
from gradstep.model.stop import Fault, Place, Reason
from gradstep.program.host import target
from gradstep.program.host.faults import describe, show, without_our_frames
from gradstep.program.host.imports import after_import
from gradstep.program.host.talk import Talk


def run(launch: Launch, descriptors: list[int]) -> int:
    """Run the program to its end; returns its exit code. `descriptors`: channel, stdin, stdout, stderr."""
    os.setsid()
    link, *standard = descriptors
    for number, descriptor in enumerate(standard):
        os.dup2(descriptor, number)
        os.close(descriptor)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    channel: Channel[Command] = Channel(socket.socket(fileno=link), Command)  # type: ignore[arg-type]
    talk = Talk(channel, launch)
    os.register_at_fork(after_in_child=talk.forget)
    os.chdir(launch.directory or os.getcwd())
    random.seed(launch.seed)
    after_import("torch", lambda: _attach(talk))
    try:
        program = target.prepare(launch)
    except (SyntaxError, ImportError, OSError, ValueError) as error:
        talk.refuse(f"{launch.target}: {error}")
    talk.start(program.first)
    return _finish(talk, program)


def _attach(talk: Talk) -> None:
    from gradstep.program.watch.attach import attach

    try:
        attach(talk)
    except ValueError as error:
        talk.refuse(str(error))


def _finish(talk: Talk, program: target.Program) -> int:
    """Run it and report how it ended, with the exit code that python would give."""
    reason: Reason = "exit"
    fault: Fault | None = None
    where = Place()
    try:
        program.run(talk.cell_ended)
        code = 0
    except SystemExit as error:
        code = _exit_code(error)
    except BaseException as error:  # noqa: BLE001  (whatever ends a program is shown, and printed as python does)
        code, reason = 1, "exception"
        without_our_frames(error)
        fault, where = describe(error)
        show(error, fault, talk.launch.kind == "notebook")
    sys.stdout.flush()
    talk.ended(reason, code, fault, where)
    return code


def _exit_code(error: SystemExit) -> int:
    if error.code is None:
        return 0
    if isinstance(error.code, int):
        return error.code & 0xFF
    print(error.code, file=sys.stderr)
    return 1
