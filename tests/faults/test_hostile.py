"""Hostile programs end as they end without us: exit code, what they print and where it goes, weights to the last bit.

The selection `quick` always runs; all of them with `pytest -m whole tests/faults`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hostile import PHASES, Stand, Way, in_phase, ways

FILES = ("reported.py", "noticed.py", "ends.py", "objects.py", "torchs.py")


@pytest.fixture(scope="module")
def stand() -> Iterator[Stand]:
    stand = Stand()
    yield stand
    stand.close()


def chosen(*files: str) -> list[object]:
    """The ways of those files; those that are not quick are asked for."""
    found = [way for file in files for way in ways(file)]
    return [pytest.param(way, id=way.name, marks=() if "quick" in way.words else pytest.mark.whole) for way in found]


def compare(stand: Stand, way: Way, path: Path) -> None:
    plain = stand.plain(path)
    watched = stand.watched(path)
    assert watched.told == [] or "told" in way.words
    assert watched.out == plain.out
    if "endless" in way.words:
        assert watched.error.splitlines()[-1:] == plain.error.splitlines()[-1:]
    else:
        assert watched.error == plain.error
    assert watched.code == plain.code
    assert watched.weights == plain.weights


@pytest.mark.parametrize("way", chosen(*FILES))
def test_a_hostile_program_runs_as_without_us(way: Way, stand: Stand, tmp_path: Path) -> None:
    compare(stand, way, stand.write(tmp_path, way.name, way.text))


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("way", chosen("phases.py"))
def test_it_does_so_in_each_phase(way: Way, phase: str, stand: Stand, tmp_path: Path) -> None:
    compare(stand, way, stand.write(tmp_path, way.name, in_phase(way, phase)))


def test_updates_are_seen_again_after_a_step_that_raised(stand: Stand, tmp_path: Path) -> None:
    way = next(way for way in ways("torchs.py") if way.name == "an_optimizer_step_that_raises")
    assert stand.watched(stand.write(tmp_path, way.name, way.text)).phases == "f b u f b f b u f b u"
