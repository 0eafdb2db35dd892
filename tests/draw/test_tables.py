"""The ledger and the tensors as tables."""

import pytest
from gradstep.app.history import History
from gradstep.draw.ledger import bar, ledger_lines
from gradstep.draw.tensors import tensor_lines
from gradstep.draw.text import fit, prose, short_names, shorten, wrap
from gradstep.model.moment import NOTHING, Moment
from gradstep.model.stop import Gradient, Stop
from hand import large, seed_run, transformer_run, view
from msgspec.structs import replace
from textual.content import Content


def plain(lines: list[Content], width: int) -> list[str]:
    assert all(line.cell_length <= width for line in lines), [line.plain for line in lines]
    return [line.plain.rstrip() for line in lines]


def moment_at(stops: list[Stop], index: int) -> Moment:
    history = History()
    for stop in stops[: index + 1]:
        history.add(stop)
    return history.moment()


def test_the_second_backward_adds_to_what_was_held() -> None:
    head, *rows = plain(ledger_lines(seed_run()[5], 57), 57)
    assert head.split() == ["held", "fresh", "now"]
    assert rows[0].split() == ["●", "w[0]", "16.0000", "+", "11.5200", "=", "27.5200", "▲", "STALE"]
    assert rows[2].split() == ["●", "w[2]", "8.0000", "+", "5.7600", "=", "13.7600"]


def test_where_nothing_was_held_it_says_none() -> None:
    rows = plain(ledger_lines(seed_run()[2], 57), 57)
    assert rows[1].split() == ["●", "w[0]", "none", "+", "16.0000", "=", "16.0000"]


def test_no_equals_sign_where_the_sum_does_not_hold() -> None:
    clipped = Gradient(view([16.0]), view([11.52]), view([1.0]))
    assert "=" not in plain(ledger_lines(Stop(gradients={"w": clipped}), 57), 57)[1]


def test_a_gradient_that_was_cleared() -> None:
    assert plain(ledger_lines(Stop(gradients={"w": Gradient(held=view([1.0]))}), 57), 57)[1].endswith("cleared")


def test_large_gradients_are_norms_with_bars() -> None:
    stop = transformer_run()[2]
    _, *rows = plain(ledger_lines(stop, 57), 57)
    assert len(rows) == 30
    assert rows[0].split()[1] == "…0.attn.c_attn.weight"
    assert rows[0].endswith("█")
    assert rows[1].endswith("█")


@pytest.mark.parametrize("width", [50, 57, 78, 120])
def test_tables_fit_their_width(width: int) -> None:
    for stops in (seed_run(), transformer_run()):
        for index in range(len(stops)):
            moment = moment_at(stops, index)
            plain(tensor_lines(moment, width), width)
            plain(ledger_lines(moment.stop, width), width)


def test_what_changed_comes_first_with_its_value_before() -> None:
    rows = [row.split() for row in plain(tensor_lines(moment_at(seed_run(), 10), 57), 57)]
    assert rows[0] == ["●", "y_hat", "[]", "3.9536", "→", "1.7602"]
    assert rows[2] == ["●", "loss", "[]", "0.9094", "→", "1.5371"]
    assert rows[3] == ["w", "[3]", "0.2515", "-0.1228", "1.6257"]


def test_a_weight_that_was_updated_has_a_row_an_element() -> None:
    rows = [row.split() for row in plain(tensor_lines(moment_at(seed_run(), 3), 57), 57)]
    assert rows == [["●", "w", "[3]", "1.0000", "→", "0.8400"], ["1.0000", "→", "0.7600"], ["2.0000", "→", "1.9200"]]


def test_a_tensor_of_another_shape_has_no_before() -> None:
    moment = replace(
        NOTHING, stop=Stop(tensors={"h": view([1.0, 2.0])}, changed=("h",)), before=Stop(tensors={"h": view([1.0])})
    )
    assert all("→" not in row for row in plain(tensor_lines(moment, 57), 57))


def test_not_finite_elements_are_counted() -> None:
    bad = replace(large(64, 64, norm=1.0), nan=3)
    assert "3 NaN" in plain(tensor_lines(replace(NOTHING, stop=Stop(tensors={"h": bad})), 78), 78)[0]


def test_text() -> None:
    assert shorten("model.transformer.h.11.mlp.c_fc.weight", 16) == "model.tr….weight"
    assert short_names(["model.h.1.w", "model.h.2.w"], 8) == ["…1.w", "…2.w"]
    assert short_names(["model.h.1.w", ""], 6) == ["mod….w", ""]
    assert fit("abcdef", 4) == "abc…"
    assert fit("ab", 4) == "ab  "
    assert wrap("one two three", 7) == ["one two", "three"]
    assert wrap("abcdefgh", 3) == ["abc", "def", "gh"]
    assert [row.plain for row in prose("one two three", 10, "", "▲ ", "  ")] == ["▲ one two", "  three"]
    assert bar(0.5, 4) == "██"
