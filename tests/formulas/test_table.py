"""Every row against autograd and finite differences, from the very expressions that are shown."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import formula_layers
import formula_moves
import formula_pointwise
import pytest
import torch
from formula_oracle import by_autograd, by_differences, by_table, see
from formula_words import WORDS
from gradstep.formulas.tables import ALL
from gradstep.formulas.vocabulary import WORDS as WRITTEN

pytestmark = [
    pytest.mark.filterwarnings("ignore:reduction. 'mean' divides:UserWarning"),
    pytest.mark.filterwarnings("ignore:Using padding='same':UserWarning"),
]

SMALL = 60
"""Elements of an input up to which finite differences are taken."""

KINDS = {
    kind.__name__: kind
    for kind in (
        formula_pointwise.arithmetic,
        formula_pointwise.elementary,
        formula_pointwise.activations,
        formula_pointwise.losses,
        formula_layers.matrices,
        formula_layers.convolutions,
        formula_layers.norms,
        formula_layers.attention,
        formula_layers.recurrent,
        formula_moves.reductions,
        formula_moves.indexing,
        formula_moves.views,
    )
}

BY_CONVENTION = ("tie", "embedding-padding")
"""Where autograd's gradient is a choice: at ties there is no derivative, and padding gets none."""


@pytest.mark.parametrize("kind", KINDS)
def test_rows_are_what_autograd_and_finite_differences_say(kind: str) -> None:
    torch.manual_seed(3)
    wrong, checked = [], 0
    for label, function in KINDS[kind]():
        try:
            checked += check(label, function)
        except (AssertionError, RuntimeError, TypeError, NameError, KeyError, IndexError) as error:
            wrong.append(f"{label}: {type(error).__name__} {error}")
    assert not wrong, "\n\n".join(wrong)
    assert checked


def check(label: str, function: Callable[[], object]) -> int:
    """How many inputs were compared."""
    seen = see(function)
    derived = seen.derived()
    assert derived is not None, f"no row: {seen.name} {seen.signature} {seen.scalars}"
    grads = [torch.randn_like(output) for output in seen.outputs]
    table, right = by_table(seen, derived, grads), by_autograd(seen, grads)
    small = all(item.numel() <= SMALL for item in seen.inputs)
    measured = by_differences(seen, grads) if small else right
    compared = 0
    for position, (ours, exact, near) in enumerate(zip(table, right, measured, strict=True)):
        if exact is None:
            continue
        assert ours is not None, f"no rule for {derived.bound.places[position]}"
        compared += 1
        torch.testing.assert_close(ours, exact, rtol=1e-7, atol=1e-9, msg=partial("{}: {}".format, f"input {position}"))
        if not any(part in label for part in BY_CONVENTION):
            torch.testing.assert_close(
                ours, near, rtol=1e-5, atol=1e-6, msg=partial("{}: {}".format, f"measured {position}")
            )
    assert compared, "nothing to compare"
    return compared


def test_every_row_has_a_case() -> None:
    torch.manual_seed(3)
    met = set()
    for kind in KINDS.values():
        for _, function in kind():
            derived = see(function).derived()
            met |= {id(derived.row)} if derived is not None else set()
    assert not [f"{row.ops}: {row.parameters}" for row in ALL if id(row) not in met]


def test_every_word_can_be_written_and_computed() -> None:
    assert set(WRITTEN) | {"size"} == set(WORDS)


def test_the_table_covers_sixty_operations() -> None:
    names = {name.strip("_") for row in ALL for name in row.ops.split()}
    assert len(names) >= 60
