"""The stops of a recorded run: at once what is known of each, and all of those that are looked at."""

from __future__ import annotations

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Sequence

from msgspec.structs import replace

from gradstep.app.runs.history import History, KeptStop
from gradstep.model.stop import EMPTY, Stop
from gradstep.recording.reader import Reader
from gradstep.recording.schema import StopRecord

_LOOKED_AT = 64
"""Stops that are held as a whole."""


_SHORT = 500
"""Stops that are read one by one while a key waits."""


class RecordedHistory(History):
    """Nothing is added to it."""

    def __init__(self, reader: Reader, records: Sequence[StopRecord]) -> None:
        super().__init__()
        self._reader = reader
        self._records = records
        self._passed_by: list[int] = []
        self._held: OrderedDict[int, Stop] = OrderedDict()
        passed = 0
        for record in records:
            passed += record.stop.light and record.stop.phase != "end"
            self._passed_by.append(passed)
            self._met.count(record.stop)
            self._mark(record.stop)

    @property
    def stops(self) -> list[Stop]:
        """All of all stops."""
        return [self._stop(record) for record in self._records]

    @property
    def outlines(self) -> list[Stop]:
        """All stops: of a long recording what is known of them at once."""
        return self.stops if len(self._records) <= _SHORT else [record.stop for record in self._records]

    @property
    def last(self) -> Stop:
        """The newest stop."""
        return self._stop(self._records[-1]) if self._records else EMPTY

    @property
    def first(self) -> Stop:
        """The oldest."""
        return self._stop(self._records[0]) if self._records else EMPTY

    def __len__(self) -> int:
        return len(self._records)

    def find(self, index: int) -> KeptStop | None:
        """That stop."""
        at = self._place(index)
        return self._kept_stop(at) if at >= 0 else None

    def beside(self, index: int, step: int) -> Stop:
        """The stop so many places further; at the ends, the outermost."""
        at = max(0, min(self._place(index) + step, len(self._records) - 1))
        return self._stop(self._records[at])

    def after(self, index: int, fits: Callable[[Stop], bool]) -> Stop | None:
        """The first later stop that fits, by what is known at once."""
        later = range(self._place(index) + 1, len(self._records))
        return next((stop for at in later if fits(stop := self._records[at].stop)), None)

    def of_phase(self, phases: int) -> KeptStop | None:
        """The stop with which that many phases had ended."""
        at = bisect_left(self._records, phases, key=lambda record: record.stop.phases)
        stop = self._records[at].stop if at < len(self._records) else EMPTY
        return self._kept_stop(at) if stop.phases == phases and stop.whole and stop is not EMPTY else None

    def _shown(self, index: int | None) -> KeptStop | None:
        kept = self.find(index) if index is not None else None
        if kept is None and self._records:
            kept = self._kept_stop(len(self._records) - 1 if index is None else 0)
        return kept

    def _kept_stop(self, at: int) -> KeptStop:
        record = self._records[at]
        return KeptStop(self._stop(record), self._before_of(record), self._passed_by[at], record.printed, 0)

    def _before_of(self, record: StopRecord) -> Stop:
        """The latest earlier stop that was kept in full, with the latest known value of every tensor."""
        before = self._at(record.before)
        older = {name: self._at(index).tensors.get(name) for name, index in record.older.items()}
        known = {name: view for name, view in older.items() if view is not None}
        return replace(before, tensors={**known, **before.tensors}) if known else before

    def _at(self, index: int) -> Stop:
        at = self._place(index)
        return self._stop(self._records[at]) if at >= 0 else EMPTY

    def _stop(self, record: StopRecord) -> Stop:
        """All of a stop."""
        index = record.stop.index
        stop = self._held.get(index)
        if stop is None:
            stop = self._reader.stop(record)
            if len(self._held) >= _LOOKED_AT:
                self._held.popitem(last=False)
        self._held[index] = stop
        self._held.move_to_end(index)
        return stop

    def _place(self, index: int) -> int:
        at = bisect_left(self._records, index, key=lambda record: record.stop.index)
        return at if at < len(self._records) and self._records[at].stop.index == index else -1
