"""What of a graph is sent late, and a key that comes between two pieces of it: each is sent once, none is lost."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import torch
from gradstep.model.graph import Additions, Earlier, Graph, Local
from gradstep.model.message import Go, Launch, Statistics
from gradstep.model.stop import Stop
from gradstep.program.graph.graphs import Drawn
from gradstep.program.graph.levels import Levels
from gradstep.program.leaves.leaves import Leaves
from gradstep.program.stops.forward import ForwardStops

LEFT = 250
"""Ops that were too many to come at once."""
NODES = 4
"""AccumulateGrad, MulBackward0, MulBackward0, SumBackward0."""


class Builder:
    """In place of a `GraphBuilder`."""

    def __init__(self) -> None:
        self.left: list[Any] = [SimpleNamespace(first_seq=number, seq=number) for number in range(LEFT)]

    def build_earlier(self, ops: list[Any], *_: object) -> Earlier:
        return Earlier(ops=len(ops))


def begun(loss: torch.Tensor) -> Levels:
    talk: Any = SimpleNamespace(go=Go("phase"), full=False, launch=Launch("file", ""))
    builder: Any = Builder()
    levels = Levels(talk, Leaves())
    levels.begin(Drawn(Graph(), tuple(builder.left)), builder, [lambda: loss])  # type: ignore[list-item]
    return levels


def upto(rest: Iterator[Statistics | None], what: str) -> list[Additions]:
    """The pieces up to the last of that kind; then a key comes."""
    found: list[Additions] = []
    while not is_whole(found, what):
        piece = next(rest)
        found += [piece.graph] if piece is not None and piece.graph is not None else []
    return found


def is_whole(pieces: list[Additions], what: str) -> bool:
    if what == "ops":
        return sum(piece.earlier.ops for piece in pieces if piece.earlier is not None) == LEFT
    return any(piece.autograd is not None and not piece.autograd.missing for piece in pieces)


def test_a_key_right_after_the_last_piece_brings_none_again() -> None:
    w = torch.ones(3, requires_grad=True)
    loss = (w * w * 2).sum()
    levels = begun(loss)
    upto(levels.rest(Stop(index=1, phase="forward")), "nodes")
    assert list(levels.rest(Stop(index=2, phase="backward"))) == []


def test_a_key_right_after_the_last_op_leaves_the_nodes_to_the_next_stop() -> None:
    w = torch.ones(3, requires_grad=True)
    loss = (w * w * 2).sum()
    levels = begun(loss)
    upto(levels.rest(Stop(index=1, phase="forward")), "ops")
    pieces = [piece.graph for piece in levels.rest(Stop(index=2, phase="backward")) if piece is not None]
    assert [piece.earlier for piece in pieces if piece is not None] == [None]
    assert [len(piece.autograd.nodes) for piece in pieces if piece is not None and piece.autograd] == [NODES]


def test_a_key_between_two_ops_leaves_all_to_the_next_stop() -> None:
    w = torch.ones(3, requires_grad=True)
    loss = (w * w * 2).sum()
    levels = begun(loss)
    assert next(levels.rest(Stop(index=1, phase="forward"))) is None
    found = upto(levels.rest(Stop(index=2, phase="backward")), "nodes")
    assert is_whole(found, "ops")


def test_local_gradients_that_were_not_sent_yet_stand_in_the_next_graph() -> None:
    grown: list[Additions] = []
    describer: Any = SimpleNamespace(grow=grown.append, rest=lambda stop: iter(()))
    local: Any = SimpleNamespace(pieces=lambda roots: iter([{0: Local("first")}, {1: Local("second")}]))
    tape: Any = None
    levels: Any = None
    talk: Any = SimpleNamespace(launch=Launch("file", ""))
    rest = ForwardStops(talk, describer, tape, local, levels).rest(Stop(index=1, phase="forward"))
    assert next(rest) is None  # the first is made, and nothing was sent
    rest.close()  # type: ignore[attr-defined]
    assert [added.locals for added in grown] == [{0: Local("first")}]
