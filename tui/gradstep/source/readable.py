"""What a program says to people, without what a terminal would obey. Names stay as they are: they are asked for."""

from __future__ import annotations

from msgspec.structs import replace

from gradstep.model.message import Evaluated, Notice, Refused, Said, Stopped
from gradstep.model.printable import printable
from gradstep.model.stop import Fault


def readable(event: Said) -> Said:
    """The event with its sentences made fit for a terminal."""
    if isinstance(event, Notice | Refused):
        return replace(event, text=printable(event.text))
    if isinstance(event, Evaluated):
        return replace(event, text=printable(event.text))
    if isinstance(event, Stopped) and event.stop.fault is not None:
        fault = _fault(event.stop.fault)
        return replace(event, stop=replace(event.stop, fault=fault))
    return event


def _fault(fault: Fault) -> Fault:
    return replace(fault, message=printable(fault.message), traceback=printable(fault.traceback))
