"""Numbers as torch prints them."""

import math

import pytest
from gradstep.draw.numbers import align, count, elements, number, numbers, shape, signed
from gradstep.model.tensor import TensorView, Value, length


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (16.0, "16.0000"),
        (0.90935284, "0.9094"),
        (-0.12281597, "-0.1228"),
        (0.0, "0.0000"),
        (1e-5, "1.0000e-05"),
        (1e-4, "0.0001"),
        (123456789.0, "1.2346e+08"),
        (math.nan, "nan"),
        (-math.inf, "-inf"),
        (3, "3"),
        (True, "True"),
        ([1.0, -2.0], "1.0000-2.0000j"),
        (None, "none"),
    ],
)
def test_one_number(value: Value | None, text: str) -> None:
    assert number(value) == text


def test_numbers_that_are_far_apart_are_scientific_together() -> None:
    assert numbers([0.5, 2000.0]) == ["5.0000e-01", "2.0000e+03"]
    assert numbers([0.5, 400.0]) == ["0.5000", "400.0000"]


def test_decimal_points_stand_under_each_other() -> None:
    texts = align(["27.5200", "-3.8144", "none", "1.0000e-05", "7"])
    assert {len(text) for text in texts} == {len(texts[0])}
    assert len({text.index(".") for text in texts if "." in text}) == 1


def test_words_and_integers_end_where_the_point_stands() -> None:
    assert align(["none", "12.5", "7"]) == ["none  ", "  12.5", "   7  "]


def test_differences_have_a_sign() -> None:
    assert [signed(value) for value in (0.6278, -7.7056)] == ["+0.6278", "-7.7056"]


def test_norm_is_sent_or_computed() -> None:
    assert length(TensorView((2,), "float32", "cpu", [3.0, 4.0])) == 5.0
    assert length(TensorView((99,), "float32", "cpu", norm=7.5)) == 7.5
    assert length(TensorView((99,), "float32", "cpu")) is None
    assert length(None) is None
    assert length(TensorView((2,), "int64", "cpu", [3, 4])) == 5.0
    assert length(TensorView((2,), "complex64", "cpu", [[3.0, 0.0], [0.0, 4.0]])) == 5.0
    assert length(TensorView((0,), "float32", "cpu")) == 0.0


def test_words() -> None:
    assert (count(1, "leaf", "leaves"), count(12000, "line"), shape((64, 32)), shape(())) == (
        "1 leaf",
        "12,000 lines",
        "[64, 32]",
        "[]",
    )
    assert elements(TensorView((2, 1), "float32", "cpu", [[1.0], [-2.5]])) == ["1.0000", "-2.5000"]
