"""The table, by kind of op."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gradstep.formulas.row import Row
from gradstep.formulas.tables import (
    activations,
    arithmetic,
    attention,
    convolutions,
    elementary,
    indexing,
    losses,
    matrices,
    norms,
    recurrent,
    reductions,
    views,
)

ALL: tuple[Row, ...] = (
    *arithmetic.ROWS,
    *elementary.ROWS,
    *activations.ROWS,
    *matrices.ROWS,
    *convolutions.ROWS,
    *norms.ROWS,
    *losses.ROWS,
    *reductions.ROWS,
    *indexing.ROWS,
    *attention.ROWS,
    *recurrent.ROWS,
    *views.ROWS,
)
"""Every row. Of those for one op the first that fits a call is taken."""


def _by_op() -> Mapping[str, tuple[Row, ...]]:
    found: dict[str, tuple[Row, ...]] = {}
    for row in ALL:
        for name in row.ops.split():
            found[name] = (*found.get(name, ()), row)
    return MappingProxyType(found)


ROWS = _by_op()
"""The rows of every op, by the API's name."""
