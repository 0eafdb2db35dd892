"""The autograd graph under the root of a backward pass that has raised: what of it was freed, changed, carried over."""

from __future__ import annotations

import dis
from collections.abc import Iterator
from types import CodeType
from typing import Any

from torch import Tensor
from torch.autograd.graph import Node

from gradstep.program.tape.ops import Op
from gradstep.program.tape.tape import Tape
from gradstep.program.tensors.nodes import Edges, variable_of, walk
from gradstep.program.tensors.quiet import quiet

FREED = "Trying to backward through the graph a second time"
CHANGED = "one of the variables needed for gradient computation has been modified by an inplace operation"
_BINDING = ("STORE_FAST", "STORE_NAME", "STORE_GLOBAL", "STORE_DEREF", "STORE_ATTR")
_READING = ("LOAD_FAST", "LOAD_NAME", "LOAD_GLOBAL", "LOAD_DEREF", "LOAD_ATTR", "LOAD_CLOSURE")


class History:
    """Nodes by their number, as far as they belong to ops."""

    def __init__(self, roots: list[Tensor], tape: Tape) -> None:
        self.tape = tape
        self.nodes: dict[int, tuple[Node, Edges]] = {}
        for node, edges in walk(roots):
            if edges or variable_of(node) is None:
                self.nodes[node._sequence_nr()] = (node, edges)

    def crossing(self, floor: int) -> list[tuple[int, int]]:
        """Edges from nodes that were made after that number to nodes made before: the newest of these first."""
        found = {
            (number, above._sequence_nr())
            for number, (_, edges) in self.nodes.items()
            if number > floor
            for above, _ in edges
            if above is not None and variable_of(above) is None and above._sequence_nr() <= floor
        }
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))

    def freed_above(self, number: int) -> Iterator[int]:
        """The nodes that were freed among those that this one leads back to, itself included."""
        pending, seen = [number], {number}
        while pending:
            at = pending.pop()
            if at not in self.nodes:
                continue
            _, edges = self.nodes[at]
            if any(FREED in text for _, text in self.complaints(at)):
                yield at
            for above, _ in edges:
                if above is not None and variable_of(above) is None and above._sequence_nr() not in seen:
                    seen.add(above._sequence_nr())
                    pending.append(above._sequence_nr())

    def complaints(self, number: int) -> Iterator[tuple[str, str]]:
        """What a node says of each tensor that it has saved and cannot give.

        One that was made under hooks on saved tensors is not asked: that would run the program's code.
        """
        op = self.tape.get(number)
        if op is None or op.hooked:
            return
        node = self.nodes[number][0]
        names = [name for name in dir(node) if name.startswith("_saved_") and "_sym_" not in name]
        for name in names or ["saved_tensors"]:
            try:
                with quiet():
                    getattr(node, name, None)
            except RuntimeError as error:
                yield name, str(error)


def carried(maker: Op | None, reader: Op | None) -> str:
    """The variable that the maker's line binds and the reader's line reads: `h`, `self.h`; empty if unsure."""
    if maker is None or reader is None or maker.code is None or reader.code is None:
        return ""
    bound = _names(maker.code, maker.line, _BINDING)
    read = _names(reader.code, reader.line, _READING)
    return next((name for name in read if name in bound), "")


def _names(code: CodeType, line: int, kinds: tuple[str, ...]) -> list[str]:
    found: list[str] = []
    before: Any = None
    for one in dis.get_instructions(code):
        if one.positions is not None and one.positions.lineno == line and one.opname.startswith(kinds):
            name = one.argval if isinstance(one.argval, str) else ""
            if one.opname.endswith("_ATTR"):
                name = f"{before}.{name}" if before == "self" else ""
            if name:
                found.append(name)
        before = one.argval
    return found
