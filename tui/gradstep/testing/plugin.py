"""The pytest plugin: the fixture `gradstep` runs training programs and gives their stops."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from gradstep.testing.tracer import Tracer


@pytest.fixture(name="gradstep")
def _gradstep(request: pytest.FixtureRequest) -> Tracer:
    """Trace a training program: `run = gradstep.trace("train.py", stops=30); run.assert_no("warning")`."""
    from gradstep.testing.tracer import Tracer

    return Tracer(request.path.parent)
