"""Slices and planes against numpy."""

from __future__ import annotations

from dataclasses import replace

import numpy
import pytest
from gradstep.app.inspector.plane import Plane, positions
from gradstep.app.inspector.slices import parse_slice, write_slice

CASES = [
    ((), ""),
    ((7,), ""),
    ((40,), "3:31:2"),
    ((40,), "::-3"),
    ((6, 9), ""),
    ((6, 9), "1:4, ::2"),
    ((6, 9), "-1"),
    ((4, 3, 5, 6), ""),
    ((4, 3, 5, 6), "1:, ..., ::-1"),
    ((4, 3, 5, 6), "[2, :, 1, 3:]"),
    ((4, 3, 5, 6), "0, 1, 2, 3"),
]


@pytest.mark.parametrize(("shape", "text"), CASES)
@pytest.mark.parametrize("fold", [1, 4, 5])
def test_every_element_of_a_slice_is_in_one_cell(shape: tuple[int, ...], text: str, fold: int) -> None:
    whole = numpy.arange(int(numpy.prod(shape))).reshape(shape)
    part = eval(f"whole[{text.strip('[]')}]", {"whole": whole}) if text else whole
    axes = parse_slice(text, shape)
    plane = replace(Plane.of(shape, axes), fold=fold)
    met: list[int] = []
    for _ in range(max(1, plane.planes)):
        rows, columns = range(plane.rows), range(plane.columns)
        cells = [place for row in plane.positions(rows, columns) for place in row]
        alone = [plane.position(row, column) for row in rows for column in columns]
        assert cells == [place for place in alone if place is not None]
        assert positions(plane.spans(rows, columns), shape) == cells
        for place in cells:
            found = plane.find(place)
            assert found is not None
            assert found[0].position(found[1], found[2]) == place
        met += cells
        plane = plane.step(1)
    assert met == part.reshape(-1).tolist()
    assert parse_slice(write_slice(axes, shape), shape) == axes


def test_what_a_slice_leaves_out_is_not_found() -> None:
    plane = Plane.of((6, 9), parse_slice("1:4, ::2", (6, 9)))
    assert plane.find(0) is None
    assert plane.find(9 + 1) is None
    assert plane.words() == "1:4, ::2"


def test_planes_step_along_the_last_of_the_leading_axes_or_the_one_before() -> None:
    plane = Plane.of((4, 3, 5, 6))
    assert [plane.step(by).lead for by in (1, 3, -1)] == [(0, 1), (1, 0), (3, 2)]
    assert plane.step(1, -2).lead == (1, 0)
    assert Plane.of((3, 5, 6)).step(1, -2).lead == (1,)
    assert Plane.of((5, 6)).step(1).lead == ()


def test_an_empty_tensor_has_no_cells() -> None:
    plane = Plane.of((0, 3))
    assert plane.empty
    assert plane.positions(range(0), range(3)) == []
