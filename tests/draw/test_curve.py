"""The loss in cells."""

import math
import random
from collections.abc import Sequence
from itertools import pairwise

import pytest
from gradstep.draw.curve import curve_lines, thin
from gradstep.draw.scale import linear_scale, log_scale
from gradstep.model.moment import Point

SEED = (16.0, 8.2944, 0.9094, 1.5371)


def points(values: Sequence[float], rose: Sequence[int] = ()) -> list[Point]:
    return [Point(3 * at, at + 1, value, at in rose) for at, value in enumerate(values)]


def drawn(curve: list[Point], width: int = 57, height: int = 9, log: bool = False) -> str:
    lines = [line.plain for line in curve_lines(curve, width, height, log)]
    assert len(lines) == height
    assert all(len(line) <= width for line in lines)
    return "\n".join(lines)


def test_the_axis_begins_at_zero_and_the_rise_is_said() -> None:
    text = drawn(points(SEED, rose=(3,)))
    assert "16┤" in text
    assert " 0┤" in text
    assert text.count("●") == 3
    assert text.count("▲") == 1
    assert "rose +0.6277" in text
    assert text.splitlines()[-1].split() == ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    "values", [[2.5], [0.0], [0.0, 0.0], [-3.0, -1.0], [math.nan], [1.0, math.inf, 2.0], [1e-30, 1e30]]
)
@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize(("width", "height"), [(57, 9), (12, 4), (78, 20)])
def test_it_can_draw_anything(values: list[float], log: bool, width: int, height: int) -> None:
    drawn(points(values), width, height, log)


def test_labels_stand_evenly() -> None:
    for rows in range(3, 20):
        scale = linear_scale([16.0, 0.9], rows)
        steps = {round(b - a, 9) for (a, _), (b, _) in zip(scale.ticks, scale.ticks[1:], strict=False)}
        assert len(steps) == 1


def test_the_logarithmic_axis_has_powers_of_ten() -> None:
    assert [text for _, text in log_scale([0.001, 100.0], 20).ticks] == ["0.001", "0.01", "0.1", "1", "10", "100"]
    assert len(log_scale([2.28, 2.31]).ticks) == 2


@pytest.mark.parametrize("rows", [4, 7, 9, 15])
def test_labels_of_many_powers_of_ten_stand_two_rows_apart(rows: int) -> None:
    scale = log_scale([1e-12, 1e8], rows)
    heights = [scale.share_of(at) * (rows - 1) for at, _ in scale.ticks]
    assert 2 <= len(heights) <= rows // 2 + 1
    assert all(above - below >= 1.5 for below, above in pairwise(heights))


@pytest.mark.parametrize("values", [[2.3], [2.3, 2.3], [2.3, 2.3004]])
def test_one_value_has_one_label_on_the_logarithmic_axis(values: list[float]) -> None:
    labels = [row.split("┤")[0].strip() for row in drawn(points(values), log=True).splitlines() if "┤" in row]
    assert labels == ["2.3"]


@pytest.mark.parametrize("many", [4, 40])
def test_an_iteration_with_several_losses_is_named_once(many: int) -> None:
    curve = [Point(at, at // 2 + 1, 1.0 / (at + 1)) for at in range(2 * many)]
    named = [int(word) for word in drawn(curve, width=78).splitlines()[-1].split()]
    assert named == sorted(set(named))
    assert named[0] == 1
    assert named[-1] == many


def test_values_that_are_not_finite_are_marked() -> None:
    assert drawn(points([3.0, math.nan, 1.0])).count("×") == 1


def test_a_long_curve_keeps_its_extremes_and_rises() -> None:
    random.seed(0)
    values = [random.random() for _ in range(50_000)]
    values[12_345], values[23_456], values[34_567] = 40.0, -40.0, math.nan
    curve = points(values, rose=(45_678,))
    kept = dict(thin(curve, 100))
    assert {0, 12_345, 23_456, 34_567, 45_678, 49_999} <= set(kept)
    assert len(kept) < 400
    assert "▲" in drawn(curve)


def test_a_line_joins_the_points() -> None:
    rows = drawn(points((3.0, 0.0)), 14, 6).splitlines()
    assert [row[2:].rstrip() for row in rows[:4]] == ["●▄", "  ▀▀▄▖", "     ▝▀▄▄", "         ▀●"]
    flat = drawn(points((2.0,) * 9), 14, 6).splitlines()
    assert flat[0][2:] == "▗▄▄▄▄▄▄▄▄▄●"


def test_the_words_of_a_rise_cover_no_point() -> None:
    rise = drawn(points((16.0, 8.0, 0.9, 1.5, 9.5, 16.5), rose=(3, 4, 5)), 57, 5)
    assert "rose +7.0000" in rise
    assert rise.count("▲") == 3
