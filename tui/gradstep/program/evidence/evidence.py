"""Collects the evidence of a stop, piece by piece, after everything that is shown of it."""

from __future__ import annotations

from collections.abc import Iterator

from gradstep.model.message import Statistics
from gradstep.model.stop import Stop
from gradstep.program.evidence.activations import Activations
from gradstep.program.evidence.facts import facts_of, note_peaks, note_reads
from gradstep.program.evidence.nonfinite import FirstNonFinite
from gradstep.program.evidence.saved import Saved
from gradstep.program.host.watcher import Pace
from gradstep.program.leaves.leaves import Leaves
from gradstep.program.stops.describe import Describer
from gradstep.program.stops.forward import ForwardStops
from gradstep.program.tape.tape import Tape
from gradstep.program.tensors.quiet import quiet

_BATCH = 0.02
"""Seconds of work in one piece."""


class Evidence:
    """Of one run: what it has counted goes over all stops that were looked at."""

    def __init__(self, leaves: Leaves, tape: Tape, describer: Describer, forward: ForwardStops, first: FirstNonFinite):
        self._leaves = leaves
        self._tape = tape
        self._describer = describer
        self._forward = forward
        self._activations = Activations()
        self._first = first

    def rest(self, stop: Stop) -> Iterator[Statistics | None]:
        """What is known of the leaves, of the activations, and where numbers stopped being finite."""
        if not stop.whole:
            return
        saved = None
        with quiet():
            if stop.phase == "backward":
                note_peaks(self._leaves)
                note_reads(self._leaves, self._tape)
            elif stop.phase == "forward":
                roots = [item for item in (ref() for ref in self._forward.roots) if item is not None]
                saved = Saved(roots, self._tape)
                note_reads(self._leaves, self._tape)
        yield None
        if saved is not None:
            yield from self._look(stop, saved)
        with quiet():
            found = self._first.look(stop, saved)
            facts = facts_of(self._leaves)
        yield Statistics(stop.index, facts=facts, not_finite=found)

    def _look(self, stop: Stop, saved: Saved) -> Iterator[Statistics | None]:
        found, pace = [], Pace(_BATCH)
        for activation in self._activations.look(self._describer.drawn, saved):
            if activation is not None:
                found.append(activation)
            if pace.is_due():
                yield None
        yield Statistics(stop.index, activations=tuple(found))
