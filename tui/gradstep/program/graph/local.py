"""Local gradients of a small graph: the formula of each edge, and its value by running autograd's own nodes."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Sequence

import torch
from msgspec.structs import replace
from torch import Tensor
from torch.autograd.graph import Node

from gradstep.formulas import Argument, Call, PyTorchRules, explain
from gradstep.model.graph import MOST_FOLLOWED, Local, LocalForm
from gradstep.model.tensor import SMALL
from gradstep.program.graph.formula_call import call_of
from gradstep.program.graph.graphs import NOT_DRAWN, Drawn
from gradstep.program.graph.pull import pull_back
from gradstep.program.leaves.leaves import Leaf, Leaves
from gradstep.program.tape.ops import Constant, Op
from gradstep.program.tape.tape import Tape
from gradstep.program.tensors.nodes import nodes_above, variable_of
from gradstep.program.tensors.views import view

_REMEMBERED = 4_000
"""Calls whose formulas are kept."""


class LocalGradients:
    """Explains the edges of a drawn graph, op by op. Keeps nothing of the program alive."""

    def __init__(self, leaves: Leaves, tape: Tape) -> None:
        self._leaves = leaves
        self._tape = tape
        self._rules = PyTorchRules()
        self._explained: dict[Call, tuple[Local, ...]] = {}
        self._drawn = NOT_DRAWN
        self._names: dict[int, str] = {}
        self._done = 0
        """Ops that are explained."""
        self._edge = 0
        """The first edge of the next one."""

    def begin(self, drawn: Drawn, names: dict[int, str], goes_on: bool = False) -> None:
        """That graph was drawn, with those names of tensors by identity; `goes_on`: the one before, with more ops."""
        self._drawn = drawn if len(drawn.ops) <= MOST_FOLLOWED else NOT_DRAWN
        self._names = names
        if not goes_on:
            self._done = self._edge = 0

    def pieces(self, roots: Sequence[Tensor]) -> Iterator[dict[int, Local]]:
        """What is not explained yet, by edge, one op at a time; in numbers where the roots still have their graph."""
        graph, ops = self._drawn.graph, self._drawn.ops
        nodes: dict[int, Node] = {}
        if self._done < len(ops):
            nodes = {node._sequence_nr(): node for node in nodes_above(roots) if node.next_functions}
        while self._done < len(ops):
            op, first = ops[self._done], self._edge
            names = [graph.nodes[source].name for source, _ in graph.edges[first : first + len(op.inputs)]]
            call = _named(call_of(op, self._tape, self._name_of), names)
            found = self._with_numbers(op, call, self._explain(call), nodes)
            self._done += 1
            self._edge += len(op.inputs)
            yield dict(enumerate(found, first))

    def _name_of(self, tensor: Tensor | None) -> str:
        return self._names.get(id(tensor), "") if tensor is not None else ""

    def _explain(self, call: Call) -> tuple[Local, ...]:
        """The formulas; the same call comes again in every iteration."""
        known = self._explained.get(call)
        if known is None:
            if len(self._explained) >= _REMEMBERED:
                self._explained.clear()
            known = self._explained[call] = explain(call, self._rules)
        return known

    def _with_numbers(self, op: Op, call: Call, explained: Sequence[Local], nodes: dict[int, Node]) -> Sequence[Local]:
        """The same with `value` where the op's result is small, and autograd's nodes can be asked."""
        result = op.tensor()
        if (
            result is None
            or op.hooked
            or result.is_nested
            or result.layout is not torch.strided
            or result.numel() > SMALL
            or not result.numel()
        ):
            return explained
        forms = [_form(item, argument, call.output) for item, argument in zip(explained, call.inputs, strict=True)]
        needs = [
            form == "jacobian" and 0 < _size(argument.shape) * result.numel() <= SMALL
            for form, argument in zip(forms, call.inputs, strict=True)
        ]
        ones = torch.ones_like(result, memory_format=torch.contiguous_format)
        whole = self._pulled(op, nodes, ones) if any(form in ("number", "elementwise") for form in forms) else None
        rows = self._rows(op, nodes, ones) if any(needs) else None
        numbered = []
        for index, (item, form) in enumerate(zip(explained, forms, strict=True)):
            value = None
            if form in ("number", "elementwise") and whole is not None:
                value = whole[index]
            elif needs[index] and rows is not None:
                value = _stacked([row[index] for row in rows], result.shape)
            shown = view(value) if value is not None and value.numel() <= SMALL else None
            numbered.append(replace(item, form=form if shown is not None else "", value=shown))
        return numbered

    def _rows(self, op: Op, nodes: dict[int, Node], ones: Tensor) -> list[list[Tensor | None]] | None:
        """For each element of the result its derivatives by every input."""
        rows = []
        for index in range(ones.numel()):
            delta = torch.zeros_like(ones)
            delta.view(-1)[index] = 1
            row = self._pulled(op, nodes, delta)
            if row is None:
                return None
            rows.append(row)
        return rows

    def _pulled(self, op: Op, nodes: dict[int, Node], delta: Tensor) -> list[Tensor | None] | None:
        """The vector-Jacobian product with `delta`, by input."""
        leaving = pull_back(op, nodes, delta)
        if leaving is None:
            return None
        found: list[Tensor | None] = []
        for item in op.inputs:
            place = next((at for at, (node, _) in enumerate(leaving) if self._leads_to(node, item)), -1)
            found.append(leaving.pop(place)[1] if place >= 0 else None)
        return found

    def _leads_to(self, node: Node, item: int | Leaf | Constant) -> bool:
        if type(item) is int:
            made = self._tape.get(item)
            return node._sequence_nr() == item or (made is not None and self._tape.get(node._sequence_nr()) is made)
        variable = variable_of(node)
        return variable is not None and item is self._leaves.find(variable)


def _named(call: Call, names: Sequence[str]) -> Call:
    """With the names of the boxes for inputs that the user has not named; a letter could be mistaken for a name."""
    inputs = tuple(
        item if item.name or name in ("constant", "earlier result") else dataclasses.replace(item, name=name)
        for item, name in zip(call.inputs, names, strict=True)
    )
    return dataclasses.replace(call, inputs=inputs)


def _form(item: Local, argument: Argument, result: Argument) -> LocalForm:
    """An elementwise derivative of a broadcast input has no element for each of the result's: a Jacobian then."""
    if not argument.differentiable:
        return ""
    if _size(result.shape) == 1:
        return "number"
    return "jacobian" if item.form == "elementwise" and argument.shape != result.shape else item.form


def _stacked(rows: Sequence[Tensor | None], result: torch.Size) -> Tensor | None:
    """A Jacobian from its rows, in the shape of the result + the input."""
    known = [row if row.layout is torch.strided else row.to_dense() for row in rows if row is not None]
    return torch.stack(known).reshape(*result, *known[0].shape) if len(known) == len(rows) else None


def _size(shape: Sequence[int]) -> int:
    return math.prod(shape)
