"""Collects the evidence of a stop, piece by piece, after everything that is shown of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from gradstep.model.message import Statistics
from gradstep.model.stop import Stop
from gradstep.program.evidence.activations import Activations
from gradstep.program.evidence.facts import facts_of, note_peaks, note_reads
from gradstep.program.evidence.nonfinite import FirstNonFinite
from gradstep.program.evidence.saved import Saved
from gradstep.program.watch.quiet import quiet

if TYPE_CHECKING:
    from gradstep.program.watch.session import Session

_BATCH = 0.02
"""Seconds of work in one piece."""


class Evidence:
    """Of one run: what it has counted goes over all stops that were looked at."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._activations = Activations()
        self._first = FirstNonFinite(session)

    def rest(self, stop: Stop) -> Iterator[Statistics | None]:
        """What is known of the leaves, of the activations, and where numbers stopped being finite."""
        if not stop.whole:
            return
        session = self._session
        saved = None
        with quiet():
            if stop.phase == "backward":
                note_peaks(session.leaves)
                note_reads(session.leaves, session.tape)
            elif stop.phase == "forward":
                roots = [item for item in (ref() for ref in session.forward.roots) if item is not None]
                saved = Saved(roots, session.tape)
                note_reads(session.leaves, session.tape)
        yield None
        if saved is not None:
            yield from self._look(stop, saved)
        with quiet():
            found = self._first.look(stop, saved)
            facts = facts_of(session.leaves)
        yield Statistics(stop.index, facts=facts, not_finite=found)

    def _look(self, stop: Stop, saved: Saved) -> Iterator[Statistics | None]:
        found, since = [], time.perf_counter()
        for activation in self._activations.look(self._session.describer.drawn, saved):
            if activation is not None:
                found.append(activation)
            if time.perf_counter() - since > _BATCH:
                yield None
                since = time.perf_counter()
        yield Statistics(stop.index, activations=tuple(found))
