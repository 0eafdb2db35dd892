"""The loss along a step, and gradients by finite differences, as they are drawn."""

from __future__ import annotations

import pytest
from gradstep.draw.check import check_lines
from gradstep.draw.proof import proof_lines
from gradstep.draw.why import why_lines
from gradstep.model.moment import Moment
from gradstep.model.proof import Check, Proof
from gradstep.model.stop import Finding, Stop
from msgspec.structs import replace


def along(lowest: float, before: float, after: float) -> tuple[tuple[float, float], ...]:
    """A parabola through both ends of the step, lowest where it is to be."""
    scale = (after - before) / (1 - 2 * lowest)
    floor = before - scale * lowest**2
    grid = sorted({*(part / 8 for part in range(17)), lowest})
    return tuple((at, floor + scale * (at - lowest) ** 2) for at in grid)


PROOF = Proof(
    since=7, cause="stale", before=0.9094, after=1.5371, lowest=0.4348, along=along(0.4348, 0.9094, 1.5371),
    fresh=tuple((part / 8, 0.9094 - 0.4380 * part / 8) for part in range(17)), runs=35,
)  # fmt: skip
STOP = Stop(10, "forward", findings=(Finding("overshoot", "error", "The loss rose. " * 20, "Clear."),), proof=PROOF)


@pytest.mark.parametrize(("width", "height"), [(40, 7), (46, 7), (76, 10), (78, 12)])
def test_the_plot_has_its_size_and_every_sign_in_its_place(width: int, height: int) -> None:
    rows = [row.plain for row in proof_lines(PROOF, width, height)]
    assert len(rows) == height
    plot, axis, legend = rows[:-2], rows[-2], rows[-1]
    start = axis.index("└") + 1
    assert all(len(row) <= width for row in (*plot, axis))
    one, end = axis.index("1"), axis.index("2")
    assert end == len(axis) - 1
    landed = [row.index("●") for row in plot if "●" in row]
    began = [row.index("◯") for row in plot if "◯" in row]
    lowest = [row.index("◆") for row in plot if "◆" in row]
    assert landed == [one]
    assert began == [start]
    assert abs(lowest[0] - (start + 0.4348 / 2 * (end - start))) <= 1
    assert "1.5371" in legend
    heights = {sign: next(at for at, row in enumerate(plot) if sign in row) for sign in "●◯◆"}
    assert heights["●"] <= heights["◯"] < heights["◆"]


def test_what_is_far_above_the_plot_leaves_it_and_bends_nothing() -> None:
    """However far: the curve goes out at the top, at the same place, and is not drawn dot by dot up there."""
    pictures = []
    for end in (1e6, 1e15, 1e300):
        exploding = tuple((at, value if at <= 1.0 else end) for at, value in PROOF.along)
        pictures.append([row.plain for row in proof_lines(replace(PROOF, along=exploding), 60, 10)])
    assert pictures[0] == pictures[1] == pictures[2]
    top, one = pictures[0][0], pictures[0][-2].index("1")
    drawn = [at for at, sign in enumerate(top) if sign not in " ┤│" and at > one]
    assert drawn
    assert max(drawn) <= one + 4, "it leaves the plot right after the step, steeply"


def test_numbers_stand_under_the_plot_in_words_where_there_is_room() -> None:
    words = proof_lines(PROOF, 86, 10)[-1].plain.split("   ")
    assert [word.strip().split()[0] for word in words if word.strip()] == ["◯", "◆", "●", "◇"]
    assert "landed 1.5371" in proof_lines(PROOF, 86, 10)[-1].plain
    assert "landed" not in proof_lines(PROOF, 44, 7)[-1].plain
    assert "● 1.5371" in proof_lines(PROOF, 44, 7)[-1].plain


def test_why_has_the_plot_beside_the_text_or_below_it() -> None:
    wide = [row.plain for row in why_lines(Moment(STOP), 116)]
    assert wide[0].startswith("▲ The loss rose.")
    assert all(len(row) <= 116 for row in wide)
    assert "└0" in "".join(wide)
    small = [row.plain for row in why_lines(Moment(STOP), 76)]
    text = next(at for at, row in enumerate(small) if row.startswith("  → Clear."))
    axis = next(at for at, row in enumerate(small) if "└0" in row)
    assert axis > text + 2
    assert all(len(row) <= 76 for row in small)


def test_differences_stand_beside_autograd_on_their_points() -> None:
    check = Check("w", "", (16.0, 24.0, 8.0), (16.0012, 24.0001, 7.9991), (0, 1, 2), 0.0121, 5e-5, 7e-6)
    rows = [row.plain for row in check_lines(check, 60)]
    assert rows[1] == "finite differences"
    assert rows[2].split() == ["autograd", "differences"]
    assert [row.split() for row in rows[3:6]] == [
        ["0", "16.0000", "16.0012"],
        ["1", "24.0000", "24.0001"],
        ["2", "8.0000", "7.9991"],
    ]
    assert len({row.rindex(".") for row in rows[3:6]}) == 1
    assert rows[6].startswith("= equal as far as differences can tell")


def test_differences_that_are_apart_are_told() -> None:
    check = Check("w", "", (16.0,), (8.0,), (0,), 0.0121, 0.5, 7e-6)
    assert any(row.plain.startswith("▲ apart by 0.5") for row in check_lines(check, 60))


def test_why_there_are_none() -> None:
    rows = [row.plain for row in check_lines(Check("x", "it needs no gradient"), 60)]
    assert rows[-1] == "  none for x: it needs no gradient"
