"""`gradstep trace --check`: the program's first forward pass is run again and again, and what is found is written."""

from __future__ import annotations

import json
import queue
import sys
import textwrap
from typing import TextIO

import msgspec

from gradstep.model.message import Event, Exited, Go, Notice, Output, Refused, Stopped
from gradstep.model.printable import printable_line
from gradstep.model.stop import Stop
from gradstep.model.verdict import Verdict
from gradstep.source import Source
from gradstep.trace import Voice

_SIGNS = {"as it should be": "=", "look here": "!", "not known": "?"}
_WIDTH = 100


def checked(source: Source, as_json: bool, out: TextIO) -> int:
    """Run the program to its first loss, write the verdicts, end it; the exit code is 3 if one says to look."""
    stop = _first_forward(source)
    if isinstance(stop, int):
        return stop
    if not stop.verdicts:
        print(f"gradstep: {printable_line(source.title)} has no forward pass that can be checked", file=sys.stderr)
        return 2
    if as_json:
        print(json.dumps({"line": stop.place.line, "checks": msgspec.to_builtins(stop.verdicts)}), file=out)
    else:
        print("\n".join(line for verdict in stop.verdicts for line in _written(verdict)), file=out)
    return 3 if any(verdict.answer == "look here" for verdict in stop.verdicts) else 0


def _first_forward(source: Source) -> Stop | int:
    """The first forward stop, else the exit code."""
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    source.start(events.put)
    voice = Voice()
    try:
        while True:
            event = events.get()
            if isinstance(event, Stopped):
                if event.stop.phase == "forward" and event.stop.whole:
                    return event.stop
                if event.waiting:
                    source.send(Go("forward", full=True))
            elif isinstance(event, Refused):
                voice.say(event)
                return 2
            elif isinstance(event, Output | Notice):
                voice.say(event)
            elif isinstance(event, Exited):
                return event.code or _none(source)
    finally:
        source.close()


def _none(source: Source) -> int:
    print(f"gradstep: {printable_line(source.title)} ran to its end without a forward pass", file=sys.stderr)
    return 2


def _written(verdict: Verdict) -> list[str]:
    """A sign, what was asked and the answer; what to do below."""
    head = f"{_SIGNS[verdict.answer]} {printable_line(verdict.check)}: "
    lines = textwrap.wrap(head + printable_line(verdict.text), _WIDTH, subsequent_indent="  ")
    return lines + textwrap.wrap(printable_line(verdict.remedy), _WIDTH, initial_indent="  ", subsequent_indent="  ")
