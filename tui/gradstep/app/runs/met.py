"""Which kinds of findings a run has met, and at which of its stops."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field

from gradstep.model.moment import Met
from gradstep.model.stop import Finding, Stop


@dataclass
class Times:
    """The stops at which a kind of finding held."""

    first: Finding
    iteration: int
    stops: list[int] = field(default_factory=list)


class MetKinds:
    """Counts the findings of stops, which may come again with other ones."""

    def __init__(self) -> None:
        self._times: dict[str, Times] = {}

    def count(self, stop: Stop, known: tuple[Finding, ...] = ()) -> None:
        """Count the findings of a stop; `known`: those that were counted of it before."""
        found = {finding.kind: finding for finding in stop.findings}
        for kind in {finding.kind for finding in known} - set(found):
            times = self._times[kind]
            times.stops.remove(stop.index)
            if not times.stops:
                del self._times[kind]
        for kind, finding in found.items():
            times = self._times.setdefault(kind, Times(finding, stop.iteration))
            at = bisect_left(times.stops, stop.index)
            if at == len(times.stops) or times.stops[at] != stop.index:
                times.stops.insert(at, stop.index)
            if times.stops[0] == stop.index:
                times.first, times.iteration = finding, stop.iteration

    def upto(self, index: int) -> MetKinds:
        """The same as it was at a stop."""
        twin = MetKinds()
        for kind, times in self._times.items():
            if times.stops[0] <= index:
                made = times.stops[: bisect_right(times.stops, index)]
                twin._times[kind] = Times(times.first, times.iteration, made)
        return twin

    def at(self, index: int) -> tuple[Met, ...]:
        """The kinds that had been met at a stop, in the order in which they were."""
        met = []
        for times in self._times.values():
            count = bisect_right(times.stops, index)
            if count:
                met.append(Met(times.first, times.stops[0], times.iteration, count))
        return tuple(sorted(met, key=lambda one: one.stop))
