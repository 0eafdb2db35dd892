"""What python does in the end with an exception that nobody has caught: prints it, and ends with an exit code."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from typing import TextIO

from gradstep.model.stop import Fault
from gradstep.program.host.faults import traceback_of, without_our_frames

_LARGEST = 1 << 63
"""An exit code beyond what C's long holds is -1."""


def end_with(error: BaseException, fault: Fault, in_cells: bool) -> int:
    """Print it where python would, of a notebook (`in_cells`) with its cells named; returns the exit code."""
    if isinstance(error, SystemExit):
        return _exit_code(error)
    code = 128 + signal.SIGINT if type(error) is KeyboardInterrupt else 1
    sys.last_type, sys.last_value, sys.last_traceback = type(error), error, traceback_of(error)
    if sys.version_info >= (3, 12):
        sys.last_exc = error
    if in_cells and getattr(sys, "excepthook", None) is sys.__excepthook__:
        flush_output()
        _write(fault.traceback)
        return code
    try:
        hook = sys.excepthook
    except AttributeError:
        _write("sys.excepthook is missing\n")
        sys.__excepthook__(type(error), error, traceback_of(error))
        return code
    try:
        hook(type(error), error, traceback_of(error))
    except SystemExit as exit:
        return _exit_code(exit)
    except BaseException as second:  # noqa: BLE001  (python prints both)
        without_our_frames(second)
        _write("Error in sys.excepthook:\n")
        sys.__excepthook__(type(second), second, traceback_of(second))
        _write("\nOriginal exception was:\n")
        sys.__excepthook__(type(error), error, traceback_of(error))
    return code


def _exit_code(error: SystemExit) -> int:
    """Of `sys.exit(…)`; what is no number is printed."""
    try:
        code: object = error.code
    except Exception:  # noqa: BLE001  (a property of the program's)
        code = error
    if code is None:
        return 0
    if isinstance(code, int):
        return (int(code) if -_LARGEST <= code < _LARGEST else -1) & 0xFF
    try:
        text = str(code)
    except Exception:  # noqa: BLE001
        text = ""
    _write(f"{text}\n")
    return 1


def flush_output() -> None:
    """Hand over what the program has printed: python's own streams alone, for others may do anything."""
    for stream in (sys.stdout, sys.__stdout__):
        _flush(stream)


def flush_errors() -> None:
    """The same of what it has printed on its standard error."""
    for stream in (sys.stderr, sys.__stderr__):
        _flush(stream)


def _flush(stream: TextIO | None) -> None:
    if type(stream).__module__ == "_io":
        with contextlib.suppress(OSError, ValueError, AttributeError):  # closed, detached, nobody reads
            stream.flush()  # type: ignore[union-attr]


def _write(text: str) -> None:
    """On the standard error, if there is one."""
    try:
        if sys.stderr is not None:
            sys.stderr.write(text)
        else:
            os.write(2, text.encode(errors="backslashreplace"))
    except Exception:  # noqa: BLE001  (python writes nothing either)
        return
