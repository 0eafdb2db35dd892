"""A recording as text: CSV for a spreadsheet, or JSON, one object a stop, one a line."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator

from gradstep.model.stop import Stop
from gradstep.recording.replay import ReplaySource

COLUMNS = "run stop iteration phase reason file line loss changed findings".split()


def stops(source: ReplaySource) -> Iterator[tuple[int, Stop]]:
    """Every stop of every run, with the number of the run, one after the other."""
    for run in source.runs.all:
        history = run.history
        stop = history.first
        while True:
            yield run.number, stop
            following = history.beside(stop.index, 1)
            if following.index == stop.index:
                break
            stop = following


def csv_lines(source: ReplaySource) -> Iterator[str]:
    """A line of titles, and one for each stop."""
    yield _row(COLUMNS)
    for run, stop in stops(source):
        loss = "" if stop.scalar is None else repr(stop.scalar.value)
        findings = " ".join(found.kind for found in stop.findings)
        place = os.path.basename(stop.place.file), str(stop.place.line or "")
        known = (
            run,
            stop.index,
            stop.iteration,
            stop.phase,
            stop.reason,
            *place,
            loss,
            " ".join(stop.changed),
            findings,
        )
        yield _row([_plain(str(cell)) for cell in known])


def _plain(cell: str) -> str:
    """So that no spreadsheet takes a name for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "@") else cell


def _row(cells: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(cells)
    return out.getvalue()
