"""Cells, heat and statistics as text."""

from __future__ import annotations

import math

import pytest
from gradstep.draw.heat import Block, HeatGrid, cell_text, grid_lines, heat
from gradstep.draw.statistics import Column, histogram_lines, statistics_lines
from gradstep.model.survey import Survey, survey_of
from gradstep.model.tensor import TensorView, Value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"), (-0.0, "-0"), (1.5, "1.5000"), (-0.00049, "-4.90e-04"), (999.5, "999.5000"),
        (12345.6, "1.23e+04"), (math.nan, "NaN"), (-math.inf, "-Inf"), (True, "True"), (7, "7"),
        ([1.0, -2.0], "1.0000-2.0000j"),
        ([0.0, 1.0], "0+1.0000j"), (None, "·"),
    ],
)  # fmt: skip
def test_cells(value: Value | None, text: str) -> None:
    assert cell_text(value) == text


def test_the_sign_is_in_the_number_and_in_the_hue() -> None:
    assert heat(1.0, 1.0).startswith("on $primary")
    assert heat(-1.0, 1.0).startswith("on $accent")
    assert heat(0.0, 1.0) == heat(None, 1.0) == ""
    assert "error" in heat(math.nan, 1.0)
    strengths = [int(heat(share, 1.0).split()[-1][:-1]) for share in (0.02, 0.1, 0.3, 0.6, 1.0)]
    assert strengths == sorted(strengths)


def test_all_lines_of_a_grid_are_equally_wide() -> None:
    grid = HeatGrid(["0", "3"], ["+0", "+1", "+2"], 2, 7, 1, 0)
    block = Block("value", [[1.0, -2.0, None], [math.inf]], 2.0)
    lines = grid_lines(grid, [block, block])
    assert len({sum(len(text) for text, _ in line) for line in lines[1:]}) == 1
    assert "".join(text for text, _ in lines[-1]).startswith("▶")


def test_statistics_of_what_was_kept() -> None:
    view = TensorView((2, 3), "float32", "cpu", [[1.0, -2.0, 0.0], [4.0, math.nan, math.inf]])
    found = survey_of(view)
    assert found is not None
    assert (found.min, found.min_at, found.max, found.max_at) == (-2.0, 1, 4.0, 3)
    assert (found.zeros, found.nan, found.inf, found.mean) == (1, 1, 1, 0.75)
    assert found.std == pytest.approx(2.5)
    assert sum(found.bins) == 4
    lines = [line.plain for line in statistics_lines([Column("value", found, "0, 1", "1, 0", 6)], 40)]
    assert "-2.0000 at 0, 1" in lines[1]
    assert "of the finite" in lines[3]
    assert survey_of(TensorView((100,), "float32", "cpu")) is None
    assert survey_of(TensorView((0,), "float32", "cpu")) == Survey()


@pytest.mark.parametrize("width", [8, 20, 32, 70])
def test_a_histogram_fits_and_what_is_not_empty_has_a_foot(width: int) -> None:
    survey = Survey(bins=(1, *[0] * 30, 1_000_000), low=0.0, high=1.0)
    lines = histogram_lines(survey, width, 6, "value")
    assert len(lines) == 6
    assert all(line.cell_length <= max(width, 14) for line in lines)
    assert lines[-2].plain[0] == "▁"
    assert lines[1].plain[-1] == "█"
