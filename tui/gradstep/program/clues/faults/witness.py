"""Who a tensor is: its name in the frames of an exception, the line that made it, its box in the graph."""

from __future__ import annotations

import ast
import dis
from collections.abc import Iterator, Sequence
from types import CodeType, FrameType, ModuleType

from torch import Tensor, nn

from gradstep.model.clue import Clue
from gradstep.model.graph import plain
from gradstep.model.operand import Operand
from gradstep.model.place import Place
from gradstep.program.clues.faults.failure import Call, Failure
from gradstep.program.clues.faults.source import node_at, parse
from gradstep.program.host.frames import place, place_in
from gradstep.program.leaves.leaves import Leaf, Leaves
from gradstep.program.leaves.names import Scope, assigned_at
from gradstep.program.stops.describe import Describer
from gradstep.program.tape.ops import Op
from gradstep.program.tape.tape import Tape
from gradstep.program.tensors.views import name_of, place_of

_LONGEST = 30
"""Characters of an expression that still says what it is."""


class Witness:
    """Of one failure."""

    def __init__(self, failure: Failure, tape: Tape, leaves: Leaves, describer: Describer) -> None:
        self.failure = failure
        self._tape = tape
        self._leaves = leaves
        self._describer = describer
        self.scope: Scope = describer.look_on(failure.frame)

    def operand(self, tensor: Tensor, call: Call | None = None) -> Operand:
        """That tensor, as an argument of that call."""
        leaf = self._leaves.find(tensor)
        op = self.maker(tensor)
        name = (leaf.name if leaf is not None else "") or self.scope.name_of(tensor)
        text = "" if name or call is None else expression(self.failure, call, tensor)
        made = self.line_of(tensor)
        if op is not None and op.line and op.code is not None:
            made = op.place
        return Operand(
            name or text,
            plain(op.name) if op is not None else "",
            tuple(tensor.shape),
            name_of(tensor.dtype),
            place_of(tensor.device),
            Place() if isinstance(tensor, nn.Parameter) else made,
            leaf is not None or isinstance(tensor, nn.Parameter),
            bool(text),
        )

    def explained(self, what: str, call: Call, tensors: Sequence[Tensor], numbers: dict[str, float]) -> Clue:
        """That those tensors do not fit that call."""
        makers = [self.maker(item) or self.leaf(item) for item in tensors]
        return Clue(
            "explained",
            what,
            by=call.op,
            other=self.module_name(),
            place=self.failure.place,
            numbers=numbers,
            operands=tuple(self.operand(item, call) for item in tensors),
            boxes=self.boxes(*makers),
        )

    def maker(self, tensor: Tensor) -> Op | None:
        """The op that made it."""
        return self._tape.known(tensor) or (self._tape.root(tensor) if tensor.grad_fn is not None else None)

    def leaf(self, tensor: Tensor) -> Leaf | None:
        """The leaf that it is."""
        return self._leaves.find(tensor)

    def module_name(self) -> str:
        """What the user calls the module in which it happened; empty where it was in none, or in the outermost."""
        module = self.failure.module
        known = self._describer.modules.get(id(module)) or self.scope.modules.get(id(module))
        if known is not None:
            return known.path
        return type(module).__name__ if module is not None else ""

    def line_of(self, tensor: Tensor) -> Place:
        """The line of the user's code that has bound it to a name: in the frame in which it was made."""
        for frame, _, line in self.failure.user:
            bound = [name for name, value in list(frame.f_locals.items()) if value is tensor]
            for name in bound:
                found = assigned_before(frame.f_code, name, line)
                if found:
                    return place(frame.f_code, found)
        return Place()

    def name_of_result(self, op: Op | None) -> str:
        """The variable that holds an op's result, or that it was assigned to."""
        if op is None:
            return ""
        held = self.scope.name_of(op.ref())
        return held or assigned_at(op.code, op.instruction)

    def is_tuple(self, name: str) -> bool:
        """Whether that variable holds several tensors."""
        values = (frame.f_locals.get(name) for frame, *_ in self.failure.user)
        return any(type(value) in (tuple, list) for value in values)

    def boxes(self, *parts: Op | Leaf | None) -> tuple[int, ...]:
        """Nodes of those in the graph that is drawn."""
        drawn = self._describer.drawn
        found = []
        for part in parts:
            if isinstance(part, Op):
                found.append(drawn.box_of.get(part.seq, -1))
            elif part is not None:
                own = (node.id for node in drawn.graph.nodes if node.kind == "leaf" and node.name == part.name)
                found.append(next(own, -1))
        return tuple(dict.fromkeys(box for box in found if box >= 0))


def assigned_before(code: CodeType, name: str, line: int) -> int:
    """The last line before that one which binds the name; in a loop it may stand behind it. 0 if there is none."""
    lines = [
        one.positions.lineno
        for one in dis.get_instructions(code)
        if one.opname.startswith(("STORE_FAST", "STORE_NAME", "STORE_GLOBAL", "STORE_DEREF"))
        and one.argval in (name, (name,))
        and one.positions is not None
        and one.positions.lineno is not None
    ]
    before = [one for one in lines if one < line]
    return max(before or lines, default=0)


def expression(failure: Failure, call: Call, tensor: Tensor) -> str:
    """What stands for a nameless tensor among the arguments in the user's own line; empty if that is not sure."""
    if not failure.user:
        return ""
    frame, instruction, _ = failure.user[0]
    if not failure.direct and failure.is_made_within(tensor):
        return ""
    given = _arguments(node_at(frame.f_code, instruction), call.name, frame)
    known = call.args if len(call.args) == len(given) else [item for item in call.args if isinstance(item, Tensor)]
    position = next((at for at, item in enumerate(known) if item is tensor), -1)
    text = ast.unparse(given[position]) if 0 <= position < len(given) else ""
    return text if len(text) <= _LONGEST else ""


def _arguments(node: ast.AST | None, name: str, frame: FrameType) -> list[ast.expr]:
    """What it is given: the operands, or the arguments, with the object in front if it is a method of that name."""
    if isinstance(node, ast.BinOp):
        return [node.left, node.right]
    if not isinstance(node, ast.Call) or any(isinstance(item, ast.Starred) for item in node.args):
        return []
    own = node.func
    if isinstance(own, ast.Attribute) and own.attr == name and not _is_library(own.value, frame):
        return [own.value, *node.args]
    return list(node.args)


def _is_library(node: ast.expr, frame: FrameType) -> bool:
    """Whether an expression is an imported module: `torch`, `nn.functional`."""
    while isinstance(node, ast.Attribute):
        node = node.value
    found = frame.f_globals.get(node.id) if isinstance(node, ast.Name) else None
    return isinstance(found, ModuleType)


def write_to(failure: Failure, name: str, after: Op) -> Place:
    """The line of the user's files that writes to what that name stands for: the next one after that op."""
    if not name or after.code is None:
        return Place()
    codes = {after.code.co_filename, *(frame.f_code.co_filename for frame, *_ in failure.user)}
    for file in codes:
        lines = sorted(_writes_in(file, name.rpartition(".")[2]))
        if lines:
            later = [line for line in lines if line > after.line] if file == after.code.co_filename else lines
            return place_in(file, (later or lines)[0], "")
    return Place()


def _writes_in(file: str, name: str) -> Iterator[int]:
    """Lines on which `x += 1`, `x[0] = 1` or `x.add_(1)` stand."""
    tree = parse(file)
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.AugAssign) and _stem(node.target) == name:
            yield node.lineno
        elif isinstance(node, ast.Assign):
            yield from (node.lineno for item in node.targets if isinstance(item, ast.Subscript) and _stem(item) == name)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            method = node.func.attr
            if method.endswith("_") and not method.endswith("__") and _stem(node.func.value) == name:
                yield node.lineno


def _stem(node: ast.expr) -> str:
    """The name of what is written to: `x` of `x[0]`, of `x.data` and of `self.x`."""
    while isinstance(node, (ast.Subscript, ast.Call)) or (
        isinstance(node, ast.Attribute) and node.attr in ("data", "detach", "T", "view")
    ):
        node = node.value if not isinstance(node, ast.Call) else node.func
    if isinstance(node, ast.Attribute):
        return node.attr if node.attr != "grad" else ""
    return node.id if isinstance(node, ast.Name) else ""
