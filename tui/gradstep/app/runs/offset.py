"""The program's own number of a stop, and that under which the screen knows it.

A run that was repeated may have passed fewer stops on its way, for it was not stepped op by op again.
"""

from __future__ import annotations

from msgspec.structs import replace

from gradstep.model.message import Command, Evaluated, Event, Fetch, Fetched, Probe, Probed, Statistics, Stopped
from gradstep.model.proof import Proof


def heard(event: Event, offset: int) -> Event:
    """What the program tells, with the screen's numbers."""
    if not offset:
        return event
    match event:
        case Stopped(stop, _):
            return replace(event, stop=replace(stop, index=stop.index + offset, proof=_since(stop.proof, offset)))
        case Evaluated(stop=stop) if stop is not None:
            return replace(event, stop=replace(stop, index=stop.index + offset))
        case Statistics(index):
            return replace(event, index=index + offset, proof=_since(event.proof, offset))
        case Fetched(of) | Probed(of):
            return replace(event, of=replace(of, stop=of.stop + offset))
    return event


def _since(proof: Proof | None, offset: int) -> Proof | None:
    """A proof names the stop before the update too."""
    return None if proof is None else replace(proof, since=proof.since + offset)


def said(command: Command, offset: int) -> Command:
    """What is sent to the program, with its own numbers."""
    if offset and isinstance(command, Fetch | Probe):
        return replace(command, stop=command.stop - offset)
    return command
