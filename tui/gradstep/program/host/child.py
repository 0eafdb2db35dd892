"""The freshly forked process becomes the program: its terminal, its `__main__`, its exit code."""

from __future__ import annotations

import os
import random
import socket
import sys
from collections.abc import Callable

from msgspec.structs import replace

from gradstep import TORCH
from gradstep.model.message import Launch
from gradstep.model.place import Place
from gradstep.model.stop import Fault, Reason
from gradstep.program.host import target
from gradstep.program.host.faults import describe, origin, repr_of, where, without_our_frames, words_of
from gradstep.program.host.imports import after_import
from gradstep.program.host.shadowing import Shadowing
from gradstep.program.host.stdin import tell_of_reading
from gradstep.program.host.stop_channel import StopChannel
from gradstep.program.host.talk import Talk
from gradstep.program.host.tracebacks import hide_own_frames
from gradstep.program.host.uncaught import end_with

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
    talk = Talk(StopChannel(socket.socket(fileno=link)), launch)
    tell_of_reading(talk.asks)
    sys.breakpointhook = talk.breakpoint
    hide_own_frames()
    talk.turn.follow_signals()
    os.register_at_fork(after_in_child=talk.forget)
    os.chdir(launch.directory or os.getcwd())
    random.seed(launch.seed)
    shadowing = Shadowing(os.getcwd() if launch.kind == "module" else os.path.dirname(launch.target))
    after_import("torch", lambda: _attach(talk, shadowing, load))
    shadowing.make_room()
    return _finish(talk, lambda: _run(talk, launch), shadowing)


def _attach(talk: Talk, shadowing: Shadowing, load: Load) -> None:
    try:
        with shadowing.ours():
            load()(talk)
    except ValueError as error:
        talk.refuse(words_of(error))
    except Exception as error:  # noqa: BLE001  (told in a line: it may be a torch that is not as it was)
        hint = shadowing.hint("torch") or shadowing.blame(error)
        if not hint:
            version = getattr(sys.modules["torch"], "__version__", "?")
            talk.refuse(
                f"gradstep cannot watch torch {version}: {repr_of(error)} ({origin(error)}); tried with {TORCH}"
            )
        talk.notice(f"this program cannot be watched: {hint}")


def _run(talk: Talk, launch: Launch) -> None:
    """Prepare the program and run it. What cannot be started as asked is refused."""
    try:
        program = target.prepare(launch)
    except (SyntaxError, ImportError, OSError, ValueError) as error:
        if isinstance(error, SyntaxError) or not where(error).line:
            talk.refuse(f"{launch.target}: {words_of(error)}")
        raise
    talk.start(program.first)
    program.run(talk.cell_ended, talk.turn.allow_for_our_frames)


def _finish(talk: Talk, program: Callable[[], None], shadowing: Shadowing) -> int:
    """Run it and report how it ended, with the exit code that python would give."""
    error = _ended_by(program)
    if error is None:
        return _report(talk, "exit", 0, None, Place())
    if isinstance(error, Exception):
        _explain(talk, error)
    without_our_frames(error)
    fault, place = describe(error), where(error)
    code = end_with(error, fault, talk.launch.kind == "notebook")
    if isinstance(error, SystemExit):
        return _report(talk, "exit", code, replace(fault, traceback="") if code else None, place if code else Place())
    return _report(talk, "exception", code, _with_hint(talk, fault, shadowing.blame(error)), place)


def _ended_by(program: Callable[[], None]) -> BaseException | None:
    """Run it; returns the exception that it ends with."""
    try:
        program()
    except BaseException as error:  # noqa: BLE001  (whatever ends a program is shown, and printed as python does)
        return error
    return None


def _report(talk: Talk, reason: Reason, code: int, fault: Fault | None, place: Place) -> int:
    """Tell how it ended, as far as that can be told; returns the exit code."""
    if not talk.index:
        talk.start(Place())
    talk.ended(reason, code, fault, place)
    return code


def _explain(talk: Talk, error: BaseException) -> None:
    """Look at what has ended the program; a failure of ours ends this, is told, and nothing else."""
    if talk.watcher is None:
        return
    try:
        talk.watcher.explain(error)
    except Exception as own:  # noqa: BLE001  (told, and the program's own exception goes its way)
        talk.notice(f"gradstep could not look into what ended the program: {own!r} ({origin(own)})")


def _with_hint(talk: Talk, fault: Fault, hint: str) -> Fault:
    if not hint:
        return fault
    talk.notice(hint)
    return replace(fault, message=f"{fault.message}. {hint}")
