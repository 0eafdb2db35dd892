"""The ledger and the tensors as tables."""

import math
from typing import Any

import pytest
from gradstep.app.runs.history import History
from gradstep.draw.ledger import bar, ledger_lines
from gradstep.draw.receipt import receipt_lines
from gradstep.draw.tensors import tensor_lines
from gradstep.draw.text import column_head, fit, prose, short_names, shorten, wrap
from gradstep.model.moment import NOTHING, Moment
from gradstep.model.receipt import Part, Receipt
from gradstep.model.stop import Gradient, Stop
from gradstep.model.tensor import TensorView
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
    assert rows[0].split()[1] == "…h.0.attn.c_attn.weight"
    assert rows[0].endswith("█")
    lengths = [row.count("█") for row in rows]
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[1] > 0.9 * lengths[0]  # the norm is half as large, and the smallest is 2^-29 of it
    assert lengths[-1] < 0.2 * lengths[0]


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


def test_a_weight_has_its_values_before_above_those_of_now() -> None:
    before, now = plain(tensor_lines(moment_at(seed_run(), 3), 57), 57)
    assert before.split() == ["●", "w", "[3]", "1.0000", "1.0000", "2.0000"]
    assert now.split() == ["→", "0.8400", "0.7600", "1.9200"]
    assert [at for at, sign in enumerate(before) if sign == "."] == [at for at, sign in enumerate(now) if sign == "."]


def test_elements_of_all_small_tensors_stand_in_columns() -> None:
    rows = plain(tensor_lines(moment_at(seed_run(), 10), 57), 57)
    points = [[at for at, sign in enumerate(row) if sign == "."] for row in rows]
    scalars, vectors = [found for found in points if len(found) < 3], [found for found in points if len(found) == 3]
    assert len(vectors) == 2
    assert vectors[0] == vectors[1]
    assert all(found == vectors[0][2 - len(found) : 2] for found in scalars)


def test_a_vector_keeps_its_form_from_stop_to_stop() -> None:
    stops = seed_run()
    firsts = {
        tuple(row.split("[3]")[1].split())
        for at in (3, 4, 5)
        for row in plain(tensor_lines(moment_at(stops, at), 57), 57)
        if "w " in row
    }
    assert firsts == {("1.0000", "1.0000", "2.0000"), ("0.8400", "0.7600", "1.9200")}


def matrix(rows: int, columns: int, scale: float) -> TensorView:
    values = [[scale * (row - column) for column in range(columns)] for row in range(rows)]
    return view(values, (rows, columns))


def test_a_matrix_that_changed_shows_its_norm_and_its_elements() -> None:
    moment = Moment(Stop(tensors={"W": matrix(4, 3, 0.5)}, changed=("W",)), Stop(tensors={"W": matrix(4, 3, 1.0)}))
    head, *rows = plain(tensor_lines(moment, 57), 57)
    assert head.split() == ["●", "W", "[4,", "3]", "5.0990", "→", "2.5495", "norm"]
    assert [row.split() for row in rows] == [
        ["0.0000", "-0.5000", "-1.0000"],
        ["0.5000", "0.0000", "-0.5000"],
        ["1.0000", "0.5000", "0.0000"],
        ["1.5000", "1.0000", "0.5000"],
    ]
    assert len({row.index(".") for row in rows}) == 1
    still = replace(moment, stop=replace(moment.stop, changed=()))
    assert plain(tensor_lines(still, 57), 57)[0].split() == ["W", "[4,", "3]", "2.5495", "norm"]


@pytest.mark.parametrize(("shape", "shown"), [((64,), 40), ((32, 2), 16), ((2, 4, 8), 32), ((3, 16), 12), ((1, 9), 9)])
def test_what_does_not_fit_is_counted(shape: tuple[int, ...], shown: int) -> None:
    values: list[Any] = [float(at) for at in range(math.prod(shape))]
    for size in reversed(shape[1:]):
        values = [values[at : at + size] for at in range(0, len(values), size)]
    moment = Moment(Stop(tensors={"t": view(values, shape)}, changed=("t",)))
    rows = plain(tensor_lines(moment, 57), 57)[1:]
    numbers_shown = sum("." in word for row in rows for word in row.split())
    left = math.prod(shape) - numbers_shown
    assert numbers_shown == shown
    assert all(row.endswith("…") for row in rows[:-1]) == (shape[-1] in (8, 16))
    assert (f"… and {left} elements more" in rows[-1]) == (left > 0)


def test_a_small_tensor_is_a_norm_only_in_a_crowd() -> None:
    crowd = {f"b{at}": view([3.0, 4.0]) for at in range(20)}
    for changed in ((), tuple(crowd)):
        rows = plain(tensor_lines(Moment(Stop(tensors=crowd, changed=changed, leaves=tuple(crowd))), 57), 57)
        assert [row.split()[-2:] for row in rows] == [["5.0000", "norm"]] * 20


def test_what_cannot_be_read_says_why() -> None:
    base = TensorView((100, 100), "float32", "cpu")
    tensors = {"a": replace(base, freed=True), "b": replace(base, device="meta"), "c": base}
    rows = plain(tensor_lines(Moment(Stop(tensors=tensors)), 78), 78)
    assert [row.split("100]")[1].strip() for row in rows] == [
        "no data to read",
        "too large to be read at once",
        "freed by the program before this stop",
    ]
    narrow = plain(tensor_lines(Moment(Stop(tensors=tensors)), 40), 40)
    assert [row.split("100]")[1].strip() for row in narrow] == [
        "no data to read",
        "not read at once",
        "freed by the program",
    ]


def test_a_tensor_of_another_shape_has_no_before() -> None:
    moment = replace(
        NOTHING, stop=Stop(tensors={"h": view([1.0, 2.0])}, changed=("h",)), before=Stop(tensors={"h": view([1.0])})
    )
    assert all("→" not in row for row in plain(tensor_lines(moment, 57), 57))


def test_not_finite_elements_are_counted() -> None:
    bad = replace(large(64, 64, norm=1.0), nan=3)
    assert "3 NaN" in plain(tensor_lines(replace(NOTHING, stop=Stop(tensors={"h": bad})), 78), 78)[0]


PARTS = ("attn.key", "attn.query", "attn.value", "attn.proj", "mlp.0", "mlp.2", "norm1", "norm2")
GPT = [f"model.blocks.{at}.{part}.{what}" for at in range(12) for part in PARTS for what in ("weight", "bias")]


@pytest.mark.parametrize("width", range(11, 30))
def test_names_in_a_narrow_column_stay_distinct(width: int) -> None:
    names = [*GPT, "model.embed.weight", "model.head.weight"]
    short = short_names(names, width)
    assert len(set(short)) == len(names)
    assert max(map(len, short)) <= width
    assert [name[-1] == "t" or name[-2:] == ".w" for name in short] == [name.endswith("weight") for name in names]


@pytest.mark.parametrize("width", [54, 56, 72, 110])
def test_a_receipt_of_many_leaves_cuts_neither_its_names_nor_its_columns(width: int) -> None:
    change = TensorView((48,), "float32", "cpu", norm=7.4322e-03)
    whole = TensorView((48,), "float32", "cpu", norm=4.0016)
    parts = (Part("fresh", change, 0.31), Part("momentum", change, 0.6893), Part("weight-decay", change, 0.0007))
    names = [*GPT, "model.token_embedding.weight"]
    stop = Stop(phase="update", receipts={name: Receipt(whole, whole, change, parts) for name in names})
    head, *rows = plain(receipt_lines(stop, width), width)
    assert ("mom." in head, "momentum" in head) == (width < 110, width == 110)
    assert head.startswith("  model.…") == (width < 110)
    assert " 69 %" in rows[0]
    assert "  <0.1 %" in rows[0]
    assert len({row[2:].split()[0] for row in rows}) == len(names)
    assert "…token_embedd.w" in rows[-1] or width != 56


def test_a_name_is_cut_no_shorter_than_it_has_to_be() -> None:
    names = ["model.token_embedding.weight", "model.position_embedding.weight"]
    assert short_names(names, 20) == ["…token_embedding.w", "…position_embeddin.w"]
    assert short_names(names, 4) == ["…t.w", "…p.w"]
    assert column_head(names, 20, 18) == "model.…           "
    assert column_head(names, 40, 18) == " " * 18


def test_text() -> None:
    assert shorten("model.transformer.h.11.mlp.c_fc.weight", 16) == "model.tr….weight"
    assert short_names(["model.h.1.w", "model.h.2.w"], 6) == ["…h.1.w", "…h.2.w"]
    assert short_names(["model.h.1.w", "model.h.2.w"], 5) == ["…1.w", "…2.w"]
    assert short_names(["model.h.1.w", ""], 7) == ["m.h.1.w", ""]
    assert fit("abcdef", 4) == "abc…"
    assert fit("ab", 4) == "ab  "
    assert wrap("one two three", 7) == ["one two", "three"]
    assert wrap("abcdefgh", 3) == ["abc", "def", "gh"]
    assert [row.plain for row in prose("one two three", 10, "", "▲ ", "  ")] == ["▲ one two", "  three"]
    assert bar(0.5, 4) == "██"
