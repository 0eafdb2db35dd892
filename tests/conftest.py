"""What tests share. They run on all cores; `-n 0` for a debugger, and with `--snapshot-update`."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from running import Once, Runner, Stage
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

os.environ.setdefault("OMP_WAIT_POLICY", "passive")
"""torch's idle threads sleep; by default they spin, and programs side by side take five times as long."""


os.environ["XDG_STATE_HOME"] = os.devnull
"""Nothing that the user has kept of a program is read, and nothing is kept."""


class SvgExtension(SingleFileSnapshotExtension):
    """One SVG file a snapshot, to be opened in a browser."""

    file_extension = "svg"
    _write_mode = WriteMode.TEXT


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest tests come first, so that at the end no worker waits for another; those of pictures are marked.

    What is marked `whole` runs only with `-m whole`.
    """
    if "whole" not in config.option.markexpr:
        whole = [item for item in items if item.get_closest_marker("whole") is not None]
        config.hook.pytest_deselected(items=whole)
        items[:] = [item for item in items if item not in whole]
    longest = ("test_contracts.py", "test_travel.py", "test_fault_programs.py", "test_again_live.py")
    for item in items:
        if "svg" in getattr(item, "fixturenames", ()):
            item.add_marker("picture")
    items.sort(key=lambda item: item.path.name not in longest)


@pytest.fixture
def svg(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """A snapshot that is a picture of the screen."""
    return snapshot.use_extension(SvgExtension)


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    """Where programs run under the debugger."""
    stage = Stage()
    yield stage
    stage.close()


@pytest.fixture(scope="session")
def runner(stage: Stage) -> Runner:
    """Watches programs."""
    return Runner(stage)


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Once:
    """Files that all workers share."""
    folder = tmp_path_factory.getbasetemp()
    return Once(folder if worker_id == "master" else folder.parent)


@pytest.fixture(autouse=True)
def _same_colours_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "TEXTUAL_THEME", "TEXTUAL_ANIMATIONS"):
        monkeypatch.delenv(name, raising=False)
