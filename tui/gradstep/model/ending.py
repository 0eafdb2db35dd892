"""The end stop of a program that could not make its own."""

from __future__ import annotations

from msgspec.structs import replace

from gradstep.model.message import Exited
from gradstep.model.stop import Fault, Stop

_DEADLY = {
    "SIGSEGV": "the program crashed: segmentation fault",
    "SIGKILL": "the program was killed (out of memory?)",
    "SIGABRT": "the program aborted",
}


def cut_off(last: Stop, gone: Exited) -> Stop:
    """After the last stop of a program whose process is gone."""
    if gone.signal:
        fault = Fault(gone.signal, _DEADLY.get(gone.signal, f"the program was ended by {gone.signal}"))
        return _end(last, fault, gone.code, killed=True)
    text = f"the process ended with exit code {gone.code}, without Python's own end (os._exit?)"
    return _end(last, Fault("abrupt exit", text), gone.code, killed=False)


def not_started(last: Stop, why: str) -> Stop:
    """Of a program that could not be started as asked."""
    return _end(last, Fault("not started", why), None, killed=True)


def _end(last: Stop, fault: Fault, code: int | None, killed: bool) -> Stop:
    """All that the last stop knew stays to be seen."""
    return replace(
        last,
        index=last.index + 1,
        phase="end",
        reason="killed" if killed else "exit",
        fault=fault,
        exit_code=code,
        changed=(),
        update=None,
        findings=(),
    )
